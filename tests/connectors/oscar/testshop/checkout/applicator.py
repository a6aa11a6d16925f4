from orderguard_oscar.mixins import OrderguardSurcharges
from oscar.apps.checkout.applicator import SurchargeApplicator as CoreSurchargeApplicator


class SurchargeApplicator(OrderguardSurcharges, CoreSurchargeApplicator):
    pass
