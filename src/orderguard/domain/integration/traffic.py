"""The traffic of a merchant that the integration check reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

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
        found = (text for name, text in texts_of(self.record.document) if name == SESSION_MEMBER)
        return next(found, None)

    def has_warning(self, *codes: WarningCode) -> bool:
        return any(warning.code in codes for warning in self.record.acceptance.warnings)


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


SESSION_MEMBER = "metadata.session_id"


def texts_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of an order document with their names: `note`, and `metadata.key` in lists."""
    for name, value in document.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list):
            for each in value:
                key, text = _pair(each)
                if isinstance(key, str) and isinstance(text, str):
                    yield f"{name}.{key}", text


def _pair(entry: Any) -> tuple[Any, Any]:
    """The key and value of an entry of metadata, or of what some platforms call attributes."""
    if not isinstance(entry, dict):
        return None, None
    return entry.get("key", entry.get("name")), entry.get("value")
