"""The settings `ORDERGUARD_*` of a Django project: their defaults and their mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from orderguard_oscar.core.client import OrderState
from orderguard_oscar.core.client.analysis import BUDGET_MS

IN_A_THREAD = "thread"
BY_COMMAND = "command"
REFUND_EVENTS = ("refund", "refunded")
FEE_REFUND_EVENT = "Refund of order protection"
PICKUP = re.compile(r"pick-?_?up|collect", re.IGNORECASE)

STATES: Mapping[str, OrderState] = {
    "": OrderState.PAID,  # a shop without states places an order when its payment succeeded
    **dict.fromkeys(
        ("paid", "being processed", "processing", "processed", "authorized", "authorised",
         "dispatched", "shipped", "delivered", "complete", "completed"),
        OrderState.PAID,
    ),
    **dict.fromkeys(
        ("cancelled", "canceled", "refunded", "failed", "declined", "payment declined",
         "payment failed", "voided"),
        OrderState.ENDED,
    ),
}  # fmt: skip
"""States that mean the same in every shop. Others are paid when a payment is recorded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a shop that is connected to Orderguard."""

    url: str
    key: str
    orders_key: str
    country: str = ""
    """Where a basket goes that has no address, such as one of downloads."""
    shows_tax: bool = True
    """Whether shoppers see prices with tax, where the tax is known."""
    fee_tax_rate: Decimal = Decimal(0)
    fee_tax_code: str | None = None
    pickup_methods: frozenset[str] | None = None
    states: Mapping[str, OrderState] = field(default_factory=lambda: STATES)
    refund_events: frozenset[str] = frozenset(REFUND_EVENTS)
    fee_refund_event: str = FEE_REFUND_EVENT
    push: str = IN_A_THREAD
    budget_ms: int = BUDGET_MS
    """How long a page may wait for an offer."""
    cart_request: Callable[..., dict[str, Any]] | None = None
    order_request: Callable[..., dict[str, Any]] | None = None

    def is_pickup(self, code: str) -> bool:
        """Whether a shipping method of this code means that the shopper collects the goods."""
        if self.pickup_methods is None:
            return bool(PICKUP.search(code))
        return code in self.pickup_methods

    def state_of(self, status: str) -> OrderState | None:
        """The order state of this status; None when it depends on the payments."""
        return self.states.get(status.strip().lower())


def current() -> Settings | None:
    """The current settings; None while a required one is missing or invalid."""
    problems, found = read()
    return None if problems else found


def read() -> tuple[list[str], Settings | None]:
    """A sentence for each mistake, and the settings if there is none."""
    problems: list[str] = []
    address, problem = read_address(str(_of("URL", "") or ""))
    if problem:
        problems.append(problem)
    key = str(_of("KEY", "") or "").strip()
    if not key:
        problems.append("ORDERGUARD_KEY is missing: the key with the scope cart.")
    try:
        values = _values()
    except (ValueError, TypeError, InvalidOperation, ImportError) as error:
        return [*problems, str(error)], None
    if problems:
        return problems, None
    orders_key = str(_of("ORDERS_KEY", "") or "").strip() or key
    return [], Settings(address, key, orders_key, **values)


def read_address(text: str) -> tuple[str, str]:
    """The base address in a pasted text, and a sentence about its mistake, or ""."""
    address = text.strip().rstrip("/")
    if not address:
        return "", "ORDERGUARD_URL is missing: the address of your Orderguard server."
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_whole = False
    if not is_whole:
        return "", f"ORDERGUARD_URL is no address: {address}. Example: https://orderguard.example"
    if parts.query or parts.fragment or parts.username:
        return "", "ORDERGUARD_URL must have no query, no fragment and no user name."
    # People paste the address of a route or of the console; the server's own is before it.
    return re.sub(r"/(storefront|v1|api|console|docs)(/.*)?$", "", address), ""


def _of(name: str, default: Any) -> Any:
    return getattr(settings, f"ORDERGUARD_{name}", default)


def _values() -> dict[str, Any]:
    """The settings that have defaults. Raises ValueError with a sentence."""
    rate = Decimal(str(_of("FEE_TAX_RATE", 0)))
    if not 0 <= rate < 1:
        raise ValueError(f"ORDERGUARD_FEE_TAX_RATE is {rate}; 20 % is written as 0.20.")
    pickup = _of("PICKUP_METHODS", None)
    push = _of("PUSH", IN_A_THREAD)
    if push not in (IN_A_THREAD, BY_COMMAND):
        import_string(push)
    return {
        "country": str(_of("COUNTRY", "") or "").strip().upper(),
        "shows_tax": bool(_of("SHOWS_TAX", True)),
        "fee_tax_rate": rate,
        "fee_tax_code": _of("FEE_TAX_CODE", None),
        "pickup_methods": None if pickup is None else frozenset(pickup),
        "states": {**STATES, **_states(_of("ORDER_STATES", {}))},
        "refund_events": frozenset(name.lower() for name in _of("REFUND_EVENTS", REFUND_EVENTS)),
        "fee_refund_event": str(_of("FEE_REFUND_EVENT", FEE_REFUND_EVENT)),
        "push": push,
        "budget_ms": int(_of("BUDGET_MS", BUDGET_MS)),
        "cart_request": _function("CART_REQUEST"),
        "order_request": _function("ORDER_REQUEST"),
    }


def _states(said: Mapping[str, str]) -> dict[str, OrderState]:
    known = ", ".join(OrderState)
    for status, meaning in said.items():
        if meaning not in set(OrderState):
            raise ValueError(
                f"ORDERGUARD_ORDER_STATES says {meaning!r} of {status!r}; known are {known}."
            )
    return {status.strip().lower(): OrderState(meaning) for status, meaning in said.items()}


def _function(name: str) -> Callable[..., dict[str, Any]] | None:
    path = _of(name, None)
    return import_string(path) if path else None
