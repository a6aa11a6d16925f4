from django.conf import settings
from orderguard_oscar.mixins import OrderguardPlacing
from oscar.apps.checkout.views import PaymentDetailsView as CorePaymentDetailsView
from oscar.apps.payment.exceptions import RedirectRequired, UnableToTakePayment
from oscar.core.loading import get_class, get_model


class PaymentDetailsView(OrderguardPlacing, CorePaymentDetailsView):
    """Takes the money at once, or declines when the test says so."""

    def handle_payment(self, order_number, total, **kwargs):
        if settings.TESTSHOP_DECLINES:
            raise UnableToTakePayment("Your card was declined.")
        if settings.TESTSHOP_PAYS_ELSEWHERE and not isinstance(self, ComingBackView):
            raise RedirectRequired("/control/payment-page")
        if not settings.TESTSHOP_RECORDS_PAYMENTS:
            return
        kind, _ = get_model("payment", "SourceType").objects.get_or_create(name="Card")
        self.add_payment_source(
            get_model("payment", "Source")(
                source_type=kind,
                currency=total.currency,
                amount_allocated=total.incl_tax,
                amount_debited=total.incl_tax,
            )
        )
        self.add_payment_event("Settled", total.incl_tax)


class ComingBackView(PaymentDetailsView):
    """Places the order of the basket that was frozen, as the packages for payment pages do."""

    preview = True
    pre_conditions = ()
    skip_conditions = ()

    def get_pre_conditions(self, request):
        return ()

    def get(self, request, *args, **kwargs):
        basket = self.get_submitted_basket()
        basket.strategy = request.strategy
        get_class("offer.applicator", "Applicator")().apply(basket, request.user, request)
        return self.submit(**self.build_submission(basket=basket))
