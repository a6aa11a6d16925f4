from decimal import Decimal

from django.conf import settings
from oscar.apps.partner import strategy


class Strategy(
    strategy.UseFirstStockRecord, strategy.FixedRateTax, strategy.StockRequired, strategy.Structured
):
    exponent = Decimal("0.01")

    def get_rate(self, product, stockrecord):
        return Decimal(settings.TESTSHOP_TAX_RATE)


class Selector:
    def strategy(self, request=None, user=None, **kwargs):
        return Strategy(request)
