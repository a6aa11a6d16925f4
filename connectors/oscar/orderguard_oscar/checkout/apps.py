"""Replaces `oscar.apps.checkout.apps.CheckoutConfig` in a shop that did not fork it."""

from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    """Oscar's checkout app with our applicator and our view."""

    name = "orderguard_oscar.checkout"
