"""Oscar's applicator of surcharges, with Orderguard's fee."""

from oscar.apps.checkout.applicator import SurchargeApplicator as CoreSurchargeApplicator

from orderguard_oscar.mixins import OrderguardSurcharges


class SurchargeApplicator(OrderguardSurcharges, CoreSurchargeApplicator):
    """For shops without surcharges of their own; others use `OrderguardSurcharges`."""
