"""Traffic for tests of the integration check; each mentions only what matters."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import ApiKeyId, MerchantId, OrderId, SessionId
from orderguard.domain.integration.check import CheckedRule, check_traffic
from orderguard.domain.integration.traffic import FailedAnswer, SeenOrder, SeenSession, Traffic
from orderguard.domain.money import USD, Money
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.orders.acceptance import (
    Acceptance,
    AcceptanceOutcome,
    OrderWarning,
    WarningCode,
)
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.people.api_key import ApiKey, Scope
from tests.support.builders import BOTH, a_cart, a_configuration
from tests.support.orders import NOON, a_quote

_numbers = count(1)


def a_session_id() -> SessionId:
    return SessionId(f"lop_{next(_numbers):020}")


def a_seen_session(**changes: Any) -> SeenSession:
    """One analysis of a lamp at 50.00 USD, under a cart id, by rail."""
    values: dict[str, Any] = {
        "id": a_session_id(),
        "updated_at": NOON,
        "analysis_count": 1,
        "carts": 1,
        "has_cart_id": True,
        "has_order": False,
        "request_id": "req_a1b2c3d4e5f6g7h8i9j0",
        "cart": a_cart(),
    }
    values |= changes
    values.setdefault("offer", make_offer(values["cart"], a_configuration()))
    return SeenSession(**values)


def an_acceptance(amount: int = 4_98, **changes: Any) -> Acceptance:
    """The fee for both modes as it was quoted, linked to a session of its own."""
    values: dict[str, Any] = {
        "outcome": AcceptanceOutcome.ACCEPTED,
        "session": a_session_id(),
        "modes": BOTH,
        "charged": (Money(amount, USD),),
        "verdict": FeeVerdict.EXACT,
        "quote": a_quote(),
    }
    return Acceptance(**(values | changes))


def no_acceptance(**changes: Any) -> Acceptance:
    values: dict[str, Any] = {"outcome": AcceptanceOutcome.DECLINED, "session": a_session_id()}
    return Acceptance(**(values | changes))


def a_seen_order(
    acceptance: Acceptance | None = None, *, came_first: bool = False, **changes: Any
) -> SeenOrder:
    """An active order that came once."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "merchant": MerchantId("mer_1"),
        "id": OrderId(number),
        "external_id": f"100{number}",
        "status": OrderStatus.ACTIVE,
        "stands": True,
        "document": {},
        "acceptance": acceptance or an_acceptance(),
        "configuration_version": None,
        "revision": 1,
        "received_at": NOON,
        "changed_at": NOON,
    }
    return SeenOrder(OrderRecord(**(values | changes)), came_first)


def warned(code: WarningCode, acceptance: Any = an_acceptance, **changes: Any) -> Acceptance:
    found: Acceptance = acceptance(warnings=(OrderWarning(code, f"About {code}."),), **changes)
    return found


def a_key(**changes: Any) -> ApiKey:
    values: dict[str, Any] = {
        "id": ApiKeyId("key_1"),
        "merchant": MerchantId("mer_1"),
        "scopes": frozenset({Scope.CART}),
        "created_at": NOON,
        "last_used_at": NOON,
    }
    return ApiKey(**(values | changes))


def failures(number: int, *, hours_ago: float = 2) -> tuple[FailedAnswer, ...]:
    at = NOON - timedelta(hours=hours_ago)
    return tuple(FailedAnswer(f"req_{each}", at, "503") for each in range(number))


def metadata(**entries: Any) -> dict[str, Any]:
    """An order document with such metadata."""
    return {"metadata": [{"key": key, "value": value} for key, value in entries.items()]}


def line(code: str, **traffic: Any) -> CheckedRule:
    """What this traffic says about a rule."""
    traffic.setdefault("configuration", a_configuration())
    checked = check_traffic(Traffic(**({"at": NOON} | traffic)))
    [found] = [each for each in checked.lines if each.rule.code == code]
    return found


SHIPPING_ONLY = (CoverageMode.SHIPPING_PROTECTION,)
