"""Orderguard for shops written in Python. Needs httpx and no part of the server.

`analyze` never raises: after any failure the offer is `Hidden`, and checkout goes on. `push_order`
raises when the server did not confirm the order, because an order must not be lost silently.
"""

from orderguard.client.asynchronous import AsyncClient
from orderguard.client.breaker import Breaker
from orderguard.client.cart import Cart, CartLine, Customer, Region
from orderguard.client.money import (
    exponent,
    from_major_units,
    major_from_minor,
    minor_from_major,
    parse_currency,
    to_major_units,
)
from orderguard.client.offer import (
    Answer,
    Hidden,
    Offer,
    keep_offer,
    restore_offer,
)
from orderguard.client.order_push import (
    OrderNotPushed,
    OrderPushFailed,
    OrderRefused,
    PushedOrder,
)
from orderguard.client.order_report import (
    protection_fee,
    session_entry,
    unit_price,
    with_protection,
)
from orderguard.client.order_state import OrderState
from orderguard.client.synchronous import Client
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import SessionId
from orderguard.domain.money import Money
from orderguard.domain.offers.offer import ChargeInstructions

__all__ = [
    "Answer",
    "AsyncClient",
    "Breaker",
    "Cart",
    "CartLine",
    "ChargeInstructions",
    "Client",
    "CoverageMode",
    "Customer",
    "Hidden",
    "Money",
    "Offer",
    "OrderNotPushed",
    "OrderPushFailed",
    "OrderRefused",
    "OrderState",
    "PushedOrder",
    "Region",
    "SessionId",
    "exponent",
    "from_major_units",
    "keep_offer",
    "major_from_minor",
    "minor_from_major",
    "parse_currency",
    "protection_fee",
    "restore_offer",
    "session_entry",
    "to_major_units",
    "unit_price",
    "with_protection",
]
