"""Push orders of the demo's carts over HTTP, as a shop would, and keep their outcomes.

Each session gets one story, such as a refund or a cancellation. An order has the id of its session,
so that a second demo pushes the same orders again, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

from orderguard.client import unit_price
from orderguard.demo.cart_outcomes import CartOutcome
from orderguard.domain.money import Money, to_major_units

OVERCHARGE = 150
"""Minor units that the story `ALTERED_FEE` adds to the quoted fee."""


class Story(StrEnum):
    """What happens to an order of the demo, such as acceptance, a refund or a cancellation."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    ALTERED_FEE = "fee altered"
    CANCELLED = "cancelled later"
    GOODS_RETURNED = "one line refunded"
    REFUNDED = "refunded in full"
    REPLAYED = "pushed three times"
    UNLINKED = "session id lost"
    NOT_SHOWN = "offer was hidden"
    NO_ORDER = "no order"


ELIGIBLE_STORIES = (
    Story.ACCEPTED,
    Story.DECLINED,
    Story.ACCEPTED,
    Story.NO_ORDER,
    Story.CANCELLED,
    Story.ACCEPTED,
    Story.ALTERED_FEE,
    Story.GOODS_RETURNED,
    Story.DECLINED,
    Story.REPLAYED,
    Story.ACCEPTED,
    Story.UNLINKED,
    Story.REFUNDED,
)
HIDDEN_STORIES = (Story.NOT_SHOWN, Story.NO_ORDER)


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """The result of an order's last push for the shop."""

    about: str
    story: Story
    order_id: int
    outcome: str
    verdict: str | None
    charged: str
    covered: tuple[str, ...]
    covered_for: str


def orders_to_come(outcomes: Sequence[CartOutcome]) -> list[tuple[CartOutcome, Story]]:
    """The last analysis of each session, with the story of its order; others are left out."""
    last = {outcome.session_id: outcome for outcome in outcomes if outcome.session_id}
    eligible = [outcome for outcome in last.values() if outcome.eligible]
    hidden = [outcome for outcome in last.values() if not outcome.eligible]
    told = [
        (outcome, stories[index % len(stories)])
        for group, stories in ((eligible, ELIGIBLE_STORIES), (hidden, HIDDEN_STORIES))
        for index, outcome in enumerate(group)
    ]
    return [(outcome, story) for outcome, story in told if story is not Story.NO_ORDER]


def push_orders(
    client: httpx.Client, orders: Sequence[tuple[CartOutcome, Story]]
) -> Iterator[OrderOutcome]:
    """Push the orders one after the other, each as often as its story requires."""
    for outcome, story in orders:
        for document in _pushes(outcome, story):
            response = client.put("/api/v1/orders", json=document)
            response.raise_for_status()
        yield _order_outcome(outcome, story, response.json()["order"])


def _order_outcome(outcome: CartOutcome, story: Story, order: dict[str, Any]) -> OrderOutcome:
    acceptance = order["acceptance"]
    standing = [each for each in order["coverages"] if each["state"] == "active"]
    worth = {_money(each["amount"]) for each in standing}
    return OrderOutcome(
        about=outcome.cart.about,
        story=story,
        order_id=order["id"],
        outcome=acceptance["outcome"],
        verdict=acceptance["verdict"],
        charged=" + ".join(_money(each) for each in acceptance["charged"]),
        covered=tuple(each["mode"] for each in standing),
        covered_for=" or ".join(sorted(worth)),
    )


def _money(answered: dict[str, Any]) -> str:
    return str(Money(answered["amount"], answered["currency_code"]))


def _pushes(outcome: CartOutcome, story: Story) -> list[dict[str, Any]]:
    order = order_document(outcome, story)
    if story is Story.CANCELLED:
        return [order, {"external_id": order["external_id"], "status": "cancelled"}]
    if story in (Story.GOODS_RETURNED, Story.REFUNDED):
        refund = _refund(order, in_full=story is Story.REFUNDED)
        return [order, {"external_id": order["external_id"], "refunds": [refund]}]
    return [order] * (3 if story is Story.REPLAYED else 1)


def order_document(outcome: CartOutcome, story: Story) -> dict[str, Any]:
    """The body of `PUT /api/v1/orders` that a shop sends for this story."""
    cart = outcome.cart.request["cart"]
    currency = cart["currencyCode"]
    fee = _fee(outcome, story)
    paid = _minor_units(cart["discountedSubtotalAmount"]) + (fee.amount if fee else 0)
    session = [] if story is Story.UNLINKED else [_metadata("session_id", outcome.session_id)]
    return {
        "external_id": f"FF-{str(outcome.session_id)[4:]}",
        "name": f"#{str(outcome.session_id)[4:10]}",
        "taxes_included": False,
        "total_price": {"amount": paid, "currency_code": currency},
        "line_items": [_line(line, currency) for line in cart["lines"]],
        "fees": [_fee_document(fee, outcome)] if fee else [],
        "metadata": session,
    }


def _fee(outcome: CartOutcome, story: Story) -> Money | None:
    if outcome.price is None or story is Story.DECLINED:
        return None
    if story is Story.ALTERED_FEE:
        return outcome.price + Money(OVERCHARGE, outcome.price.currency)
    return outcome.price


def _fee_document(fee: Money, outcome: CartOutcome) -> dict[str, Any]:
    # The orders API takes major units as text; conversion must not change the quoted amount.
    return {
        "name": "Order protection",
        "amount": {"amount": to_major_units(fee), "currency_code": fee.currency},
        "accepted_offer_mode": list(outcome.modes),
    }


def _line(line: dict[str, Any], currency: str) -> dict[str, Any]:
    quantity = int(line["quantity"])
    return {
        "external_id": str(line["id"]),
        "title": line["title"],
        "sku": line.get("sku"),
        "quantity": quantity,
        "unit_price": unit_price(_minor_units(line["totalPrice"]), quantity, currency),
    }


def _refund(order: dict[str, Any], *, in_full: bool) -> dict[str, Any]:
    if in_full:
        return {"external_id": "r-1", "type": "refund", "amount": order["total_price"]}
    first = order["line_items"][0]
    return {
        "external_id": "r-1",
        "type": "line_item",
        "line_items": [{"external_id": first["external_id"], "quantity": 1}],
    }


def _metadata(key: str, value: str | None) -> dict[str, Any]:
    return {"key": key, "value": value}


def _minor_units(amount: Any) -> int:
    """Minor units of an amount, which demo carts write in all the ways real carts do."""
    return round(float(amount["amount"] if isinstance(amount, dict) else amount))
