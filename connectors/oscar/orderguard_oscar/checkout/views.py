"""Oscar's view that places orders, asking once more before."""

from oscar.apps.checkout.views import PaymentDetailsView as CorePaymentDetailsView

from orderguard_oscar.mixins import OrderguardPlacing


class PaymentDetailsView(OrderguardPlacing, CorePaymentDetailsView):
    """For shops that take payments elsewhere."""
