"""An experiment from the first cart to the read-out, counted once more by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orderguard.running.wiring import now, wire_roll_up
from tests.admin.test_admin_api import admin_client
from tests.support.order_desk import OrderShop, accepted_order, wire_fee
from tests.support.shop import RunningServer
from tests.support.wire import wire_line

SESSIONS = 120
FATES = ("accepts", "declines", "accepts", "leaves", "cancels", "takes the fee off", "accepts")
EXPERIMENTS = [
    {
        "key": "dearer",
        "status": "running",
        "arms": [{"name": "usual", "weight": 1}, {"name": "higher", "weight": 2}],
    }
]
PRICING = {
    "returnCoverage": [
        {"when": 'cohort == "higher"', "base": {"USD": 3_98, "JPY": 390}},
        {"base": {"USD": 2_98, "JPY": 290}},
    ],
    "shippingProtection": [{"base": {"USD": 2_00, "JPY": 200}}],
}


@dataclass
class Tally:
    """What happened to one arm."""

    counts: Counter[str] = field(default_factory=Counter)
    revenue: Counter[str] = field(default_factory=Counter)


def lives(order_shop: OrderShop) -> Iterator[tuple[str, str, str, int]]:
    """Each session's arm, what became of it, and at which price in which currency."""
    for number in range(SESSIONS):
        fate = FATES[number % len(FATES)]
        currency = "JPY" if number % 3 == 0 else "USD"
        answer = order_shop.shop.analyze(
            wire_line(), cart={"currencyCode": currency}, experimentationConsent=True
        )
        charge = answer["chargeInstructions"]
        yield answer["metadata"]["experimentCohort"], fate, currency, charge["amount"]
        if fate != "leaves":
            _order(order_shop, number, answer["sessionId"], fate, charge)


def _order(
    order_shop: OrderShop, number: int, session: str, fate: str, charge: dict[str, Any]
) -> None:
    fee = wire_fee(charge["amount"], currency=charge["currencyCode"])
    fees = [] if fate == "declines" else [fee]
    order = accepted_order(session, external_id=f"order-{number}", fees=fees)
    order_shop.push(order)
    if fate == "cancels":
        order_shop.push(order | {"status": "cancelled"})
    elif fate == "takes the fee off":
        order_shop.push(order | {"fees": []})


def test_the_read_out_is_what_a_count_by_hand_says(running_server: RunningServer) -> None:
    # Given an experiment of two arms, and shoppers of whom some did not agree to take part
    order_shop = OrderShop(
        running_server.a_shop(currencies=["USD", "JPY"], pricing=PRICING, experiments=EXPERIMENTS)
    )
    for number in range(5):
        session = order_shop.analyze(wire_line())
        order_shop.push(accepted_order(session, external_id=f"stranger-{number}"))

    # When the others order, decline, leave, cancel, or take the fee off again
    by_hand: dict[str, Tally] = {"usual": Tally(), "higher": Tally()}
    for arm, fate, currency, amount in lives(order_shop):
        tally = by_hand[arm]
        tally.counts["sessions"] += 1
        tally.counts["orders"] += fate != "leaves"
        tally.counts["accepted"] += fate in ("accepts", "cancels")
        tally.counts["removed"] += fate == "takes the fee off"
        tally.revenue[currency] += amount if fate == "accepts" else 0
        assert (
            amount
            == {"USD": 4_98, "JPY": 490}[currency]
            + {
                "usual": 0,
                "higher": {"USD": 1_00, "JPY": 100}[currency],
            }[arm]
        )
    for _ in wire_roll_up(running_server.database).catch_up(order_shop.id, at=now()):
        pass

    # Then the read-out says the same of every arm
    report = admin_client(order_shop.shop).get("/admin/v1/experiments/dearer").json()
    for arm in report["arms"]:
        tally = by_hand[arm["name"]]
        assert tally.counts == {name: arm[name] for name in tally.counts}
        assert tally.revenue == Counter(arm["revenue"])
    assert SESSIONS == report["sessions"]
    assert not report["isSplitBroken"]
    # And averages are of the sessions in their own currency
    higher = report["arms"][1]
    attach = next(each for each in higher["readings"] if each["figure"] == "attach_rate")
    counts = by_hand["higher"].counts
    assert round(counts["accepted"] * 10_000 / counts["sessions"]) == attach["arm"]
