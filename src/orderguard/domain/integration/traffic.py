"""The traffic of a merchant that the integration check reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.offer import Offer
from orderguard.domain.orders.acceptance import WarningCode
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.people.api_key import ApiKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSession:
    """A session with the offer, the cart and the request of its last analysis.

    `carts` counts the different carts among its latest analyses. `has_cart_id`: whether a `cartId`
    leads to it now. `has_order`: whether an order refers to it.
    """

    id: SessionId
    updated_at: datetime
    analysis_count: int
    carts: int
    has_cart_id: bool
    has_order: bool
    request_id: str
    offer: Offer
    cart: Cart


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """A pushed order. `came_first`: it has no session, and no cart had been analysed before it."""

    record: OrderRecord
    came_first: bool = False

    @property
    def external_session(self) -> str | None:
        """The `session_id` in the order's metadata, as it was pushed."""
        entries = self.record.document.get("metadata") or ()
        found = (each.get("value") for each in entries if each.get("key") == "session_id")
        return next((value for value in found if isinstance(value, str)), None)

    def warnings(self, *codes: WarningCode) -> list[str]:
        """The messages of the order's stored warnings that have one of these codes."""
        return [each.message for each in self.record.acceptance.warnings if each.code in codes]


@dataclass(frozen=True, slots=True)
class FailedAnswer:
    """A request to analyse a cart that failed. `what` names the failure in a word."""

    request_id: str
    at: datetime
    what: str


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The newest traffic of a merchant; sessions, orders and failures are newest first.

    `configuration` is the published one, None when there is none. `at` is the merchant's time.
    `keys` are those neither revoked nor expired.
    """

    at: datetime
    configuration: MerchantConfiguration | None = None
    sessions: Sequence[SeenSession] = ()
    orders: Sequence[SeenOrder] = ()
    keys: Sequence[ApiKey] = ()
    failures: Sequence[FailedAnswer] = ()

    @cached_property
    def order_of_session(self) -> Mapping[str, SeenOrder]:
        """Sessions' orders, by the id of the session that each order is linked to."""
        linked = ((order.record.acceptance.session, order) for order in self.orders)
        return {session: order for session, order in linked if session}
