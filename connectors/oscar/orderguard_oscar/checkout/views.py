"""Oscar's view that places orders, with a last check of the offer before."""

from oscar.apps.checkout.views import PaymentDetailsView as CorePaymentDetailsView

from orderguard_oscar.mixins import OrderguardPlacing


class PaymentDetailsView(OrderguardPlacing, CorePaymentDetailsView):
    """For shops that did not fork the view; others use `OrderguardPlacing`."""
