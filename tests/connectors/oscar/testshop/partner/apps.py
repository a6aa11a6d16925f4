from oscar.apps.partner import apps


class PartnerConfig(apps.PartnerConfig):
    name = "tests.connectors.oscar.testshop.partner"
