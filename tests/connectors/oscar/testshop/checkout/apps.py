"""A checkout that the shop forked, as nearly every shop does for its payments."""

from oscar.apps.checkout import apps


class CheckoutConfig(apps.CheckoutConfig):
    name = "tests.connectors.oscar.testshop.checkout"
