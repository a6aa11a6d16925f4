"""Example orders and responses for the documentation; tests send and compare them."""

from __future__ import annotations

from typing import Any

from orderguard.http.openapi.examples import SESSION_ID
from orderguard.http.openapi.vocabulary import Example
from orderguard.http.wire.order_response import EMPTY_MEMBERS

ORDER_ID = 2722193419910278
COVERAGE_ID = 2701633699651202
EXTERNAL_ID = "10293"

_PLACED = "2026-04-23T13:25:00+00:00"
_MODES = ["returnCoverage", "shippingProtection"]


def _usd(amount: int | str) -> dict[str, Any]:
    return {"amount": amount, "currency_code": "USD"}


_DECLINED: dict[str, Any] = {
    "external_id": EXTERNAL_ID,
    "name": "#10293",
    "status": "active",
    "taxes_included": False,
    "total_price": _usd("97.83"),
    "total_taxes": _usd("6.83"),
    "line_items": [
        {
            "external_id": "line-1",
            "title": "Floor lamp, brass",
            "sku": "LAMP-BRASS",
            "quantity": 1,
            "unit_price": _usd("79.00"),
            "product": {"external_id": "p-100"},
        },
        {
            "external_id": "line-2",
            "title": "Light bulb, warm white",
            "quantity": 2,
            "unit_price": _usd("6.00"),
            "product": {"external_id": "p-200"},
        },
    ],
    "created_at": _PLACED,
    "metadata": [{"key": "session_id", "value": SESSION_ID}],
}
_FEE = {"name": "Order protection", "amount": _usd(450), "accepted_offer_mode": _MODES}
_ACCEPTED: dict[str, Any] = _DECLINED | {"total_price": _usd("102.33"), "fees": [_FEE]}

ORDERS = {
    "accepted": Example("The shopper accepted: the fee names the modes", _ACCEPTED),
    "declined": Example("The shopper declined: the session, but no such fee", _DECLINED),
}
CHANGES = {"cancelled": Example("The order was cancelled", {"status": "cancelled"})}

_ACTIVATED: dict[str, Any] = {
    "event": "activated",
    "at": _PLACED,
    "by": "key_B34x8lXOw5Kg",
    "because": None,
}
_VOIDED: dict[str, Any] = {
    "event": "voided",
    "at": "2026-04-25T09:10:00+00:00",
    "by": "key_B34x8lXOw5Kg",
    "because": "order_cancelled",
}


def _coverage(id_: int, mode: str, expires_at: str, *, is_cancelled: bool = False) -> Any:
    history = [_ACTIVATED, _VOIDED] if is_cancelled else [_ACTIVATED]
    return {
        "id": id_,
        "order_id": ORDER_ID,
        "mode": mode,
        "state": "voided" if is_cancelled else "active",
        "void_reason": "order_cancelled" if is_cancelled else None,
        "active_from": _PLACED,
        "expires_at": expires_at,
        "amount": _usd(9100),
        "lines": [
            {"line_id": "line-1", "quantity": 1, "amount": 7900},
            {"line_id": "line-2", "quantity": 2, "amount": 1200},
        ],
        "history": [entry | {"amount": 9100} for entry in history],
    }


def _coverages(**changes: Any) -> list[Any]:
    return [
        _coverage(COVERAGE_ID, _MODES[0], "2026-05-23T13:25:00+00:00", **changes),
        _coverage(1061703756346510, _MODES[1], "2026-06-22T13:25:00+00:00", **changes),
    ]


def _answer(order: dict[str, Any], coverages: list[Any], **acceptance: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "outcome": "declined",
        "modes": [],
        "session_id": SESSION_ID,
        "verdict": None,
        "charged": [],
        "quoted": None,
    }
    lines = [
        line | {"id": ORDER_ID + place} for place, line in enumerate(order["line_items"], start=1)
    ]
    return (
        EMPTY_MEMBERS
        | order
        | {
            "id": ORDER_ID,
            "line_items": lines,
            "acceptance": nothing | acceptance,
            "coverages": coverages,
            "warnings": [],
        }
    )


_PAID = {
    "outcome": "accepted",
    "modes": _MODES,
    "verdict": "exact",
    "charged": [_usd(450)],
    "quoted": _usd(450),
}
_ACCEPTED_ORDER = _answer(_ACCEPTED, _coverages(), **_PAID)
_DECLINED_ORDER = _answer(_DECLINED, [])
_CANCELLED_ORDER = _answer(
    _ACCEPTED | {"status": "cancelled"}, _coverages(is_cancelled=True), **_PAID
)

ACCEPTED = {
    "accepted": Example("Accepted: coverage is active", {"order": _ACCEPTED_ORDER}),
}
PUSHED = ACCEPTED | {
    "declined": Example("Declined: there is nothing to honour", {"order": _DECLINED_ORDER})
}
CANCELLED = {
    "cancelled": Example(
        "Cancelled: coverage is voided, and its billing reversed", {"order": _CANCELLED_ORDER}
    )
}
BATCHES = {
    "two": Example("Two orders", {"orders": [_ACCEPTED, _DECLINED | {"external_id": "10294"}]}),
}
_UNREADABLE: dict[str, Any] = {
    "message": "name is missing; expected a string of 0 to 100 characters.",
    "errors": {"name": ["is missing; expected a string of 0 to 100 characters."]},
}
BATCHED = {
    "one-refused": Example(
        "The first was taken in, the second has no `name`",
        {
            "outcomes": [
                {"status": 201, "body": {"order": _ACCEPTED_ORDER}},
                {"status": 422, "body": _UNREADABLE},
            ]
        },
    )
}
ORDER_PAGE = {
    "last": Example(
        "The last page",
        {"orders": [_ACCEPTED_ORDER], "next_page_url": None, "previous_page_url": None},
    )
}
COVERAGE = {"active": Example("An active coverage", {"coverage": _coverages()[0]})}
COVERAGE_PAGE = {
    "last": Example(
        "The last page",
        {"coverages": _coverages(), "next_page_url": None, "previous_page_url": None},
    )
}
