"""Takes the place of `oscar.apps.checkout.apps.CheckoutConfig` in a shop that did not fork it."""

from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    """Oscar's checkout with our two classes; everything else is Oscar's."""

    name = "orderguard_oscar.checkout"
