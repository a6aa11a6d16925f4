from decimal import Decimal

from oscar.apps.shipping import methods
from oscar.apps.shipping.repository import Repository as CoreRepository


class Standard(methods.FixedPrice):
    code = "standard"
    name = "Standard"
    charge_excl_tax = charge_incl_tax = Decimal("5.00")


class Pickup(methods.FixedPrice):
    code = "pickup"
    name = "Pickup"
    charge_excl_tax = charge_incl_tax = Decimal("0.00")


class Repository(CoreRepository):
    methods = (Standard(), Pickup())
