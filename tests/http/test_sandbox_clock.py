"""The test clock of a sandbox: forty days later everything is older, and nobody else is (§12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from orderguard.domain.books.month import Month
from orderguard.domain.ids import MerchantId
from orderguard.running.wiring import now, wire_roll_up
from orderguard.storage.retention import sweep_sessions
from orderguard.storage.tables import analytics_facts, coverages, outbox, postings
from tests.support.console import a_visitor, text_of
from tests.support.order_desk import (
    NOTHING_ON_RECORD,
    OrderShop,
    accepted_order,
    billed,
    trial_balance,
)
from tests.support.shop import NOTHING_STORED, RunningServer, Shop
from tests.support.wire import wire_request

FORTY_DAYS = timedelta(days=40)
SOON = timedelta(minutes=5)
TERMS = {"terms": {"returnCoverage": {"days": 30}, "shippingProtection": {"days": 30}}}


class Sandbox:
    """A sandbox merchant with keys for everything."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.id = MerchantId(shop.id)
        self.database = shop.running.database
        self.orders = OrderShop(shop)
        self.admin = shop.running.client(**{"X-Authorization": shop.issue_key("admin").text})

    def advance(self, by: str) -> httpx.Response:
        return self.admin.post("/admin/v1/sandbox/clock", json={"advance": by})

    def reset(self) -> None:
        answer = self.admin.post("/admin/v1/sandbox/reset")
        assert (200, 0) == (answer.status_code, answer.json()["secondsAhead"])

    def outcome(self, session: str) -> str:
        outcome: str = self.admin.get(f"/admin/v1/sessions/{session}").json()["outcome"]
        return outcome


@pytest.fixture
def sandbox(running_server: RunningServer) -> Sandbox:
    return Sandbox(running_server.a_shop(is_sandbox=True, **TERMS))


@pytest.fixture
def live(running_server: RunningServer) -> Sandbox:
    """A live merchant with the same keys."""
    return Sandbox(running_server.a_shop(**TERMS))


def _is_about(instant: datetime, expected: datetime) -> bool:
    return abs(instant - expected) < SOON


def _close(merchant: Sandbox, month: Month) -> httpx.Response:
    return merchant.admin.post(f"/admin/v1/statements/{month}/close")


def test_forty_days_expire_coverages_abandon_sessions_and_close_a_month(
    sandbox: Sandbox, live: Sandbox
) -> None:
    abandoned, other = sandbox.orders.analyze(), live.orders.analyze()
    before = sandbox.orders.push(accepted_order(sandbox.orders.analyze(), external_id="before"))
    live.orders.push(accepted_order(live.orders.analyze()))
    month = Month.of(now())
    assert 400 == _close(sandbox, month).status_code
    assert "open" == sandbox.outcome(abandoned)

    moved = sandbox.advance("40d")
    after = sandbox.orders.push(accepted_order(sandbox.orders.analyze(), external_id="after"))
    closed = _close(sandbox, month)

    assert (200, 40 * 86_400) == (moved.status_code, moved.json()["secondsAhead"])
    assert ("abandoned", "open") == (sandbox.outcome(abandoned), live.outcome(other))
    shown = text_of(a_visitor(sandbox.shop).get(f"/console/m/{sandbox.id}/orders/{before['id']}"))
    assert "coverage ended on" in shown
    assert all(
        _is_about(datetime.fromisoformat(each["active_from"]), now() + FORTY_DAYS)
        for each in after["coverages"]
    )
    [currency] = closed.json()["currencies"]
    assert (True, 1, 4_98) == (
        closed.json()["closed"],
        currency["ordersAccepted"],
        currency["net"],
    )
    assert 400 == _close(live, month).status_code
    assert 2 * 4_98 == sum(billed(sandbox.database, sandbox.id).values())


def test_events_and_books_carry_the_time_of_the_sandbox(sandbox: Sandbox) -> None:
    sandbox.advance("40d")
    sandbox.orders.push(accepted_order(sandbox.orders.analyze()))

    at = now() + FORTY_DAYS
    with sandbox.database.engine.connect() as connection:
        for column in (outbox.c.happened_at, postings.c.posted_at, coverages.c.active_from):
            query = select(column).where(column.table.c.merchant_id == sandbox.id)
            found = connection.execute(query).scalars().all()
            assert found
            assert all(_is_about(each, at) for each in found), column
        query = select(postings.c.period).where(postings.c.merchant_id == sandbox.id)
        assert {str(Month.of(at))} == set(connection.execute(query).scalars())


def test_rollups_count_a_session_as_abandoned_by_the_clock_of_the_sandbox(
    sandbox: Sandbox,
) -> None:
    sandbox.orders.analyze()
    sandbox.advance("40d")
    with sandbox.database.read() as work:
        [merchant] = [each for each in work.merchants.all() if each.id == sandbox.id]

    for _ in wire_roll_up(sandbox.database).catch_up(sandbox.id, at=merchant.time(now())):
        pass

    with sandbox.database.engine.connect() as connection:
        query = select(analytics_facts.c.due_at).where(analytics_facts.c.merchant_id == sandbox.id)
        assert [None] == connection.execute(query).scalars().all()


def test_idle_sessions_go_after_thirty_days_of_the_sandbox(sandbox: Sandbox, live: Sandbox) -> None:
    sandbox.orders.analyze()
    live.orders.analyze()
    sandbox.advance("40d")
    for each in (sandbox, live):
        for _ in wire_roll_up(each.database).catch_up(each.id, at=now() + FORTY_DAYS):
            pass

    # Only what is older than thirty days by the clock of its merchant.
    idle = now() - timedelta(days=30)
    with sandbox.database.read() as work:
        oldest = work.offer_sessions.oldest_idle(idle_since=idle)
    for _ in sweep_sessions(sandbox.database, idle_since=idle):
        pass

    assert oldest is not None
    assert oldest < idle
    assert NOTHING_STORED == sandbox.shop.row_counts()
    assert 1 == live.shop.row_counts()["offer_sessions"]


@pytest.mark.parametrize("step", ["-1d", "36525d", "0d", "", "1y"])
def test_back_or_a_hundred_years_on_is_refused_and_changes_nothing(
    sandbox: Sandbox, step: str
) -> None:
    sandbox.advance("1d")

    refused = sandbox.advance(step)

    assert 400 == refused.status_code
    assert 86_400 == sandbox.admin.get("/admin/v1/sandbox").json()["secondsAhead"]


def test_a_live_merchant_has_no_test_clock_and_cannot_be_emptied(live: Sandbox) -> None:
    live.orders.push(accepted_order(live.orders.analyze()))

    refused = [
        live.admin.get("/admin/v1/sandbox"),
        live.advance("40d"),
        live.admin.post("/admin/v1/sandbox/reset"),
    ]

    assert [400, 400, 400] == [answer.status_code for answer in refused]
    assert "for sandbox merchants alone" in refused[1].json()["error"]["message"]
    assert 4_98 == sum(billed(live.database, live.id).values())


def test_ten_years_ahead_everything_still_answers(sandbox: Sandbox) -> None:
    assert 200 == sandbox.advance("3650d").status_code

    order = sandbox.orders.push(accepted_order(sandbox.orders.analyze()))

    assert "accepted" == order["acceptance"]["outcome"]
    assert 4_98 == sum(billed(sandbox.database, sandbox.id).values())
    year = (datetime.now(UTC) + timedelta(days=3650)).year
    assert all(str(year) in each["active_from"] for each in order["coverages"])
    page = a_visitor(sandbox.shop).get(f"/console/m/{sandbox.id}/overview")
    assert "3,650 days ahead" in text_of(page)


def test_a_reset_leaves_keys_and_configuration_and_the_real_time(
    sandbox: Sandbox, live: Sandbox
) -> None:
    sandbox.advance("40d")
    _close(sandbox, Month.of(now()))
    for number in range(3):
        sandbox.orders.push(accepted_order(sandbox.orders.analyze(), external_id=f"{number}"))
    live.orders.push(accepted_order(live.orders.analyze()))

    sandbox.reset()

    assert NOTHING_ON_RECORD == sandbox.orders.counts()
    assert NOTHING_STORED == sandbox.shop.row_counts()
    assert 4_98 == sum(billed(live.database, live.id).values())
    answer: dict[str, Any] = sandbox.shop.post(wire_request()).json()
    shown = sandbox.shop.session(answer["sessionId"]).json()
    assert _is_about(datetime.fromisoformat(shown["createdAt"]), now())
    again = sandbox.orders.push(accepted_order(answer["sessionId"], external_id="1"))
    assert "exact" == again["acceptance"]["verdict"]
    assert {0} == trial_balance(sandbox.database, sandbox.id)
    trail = sandbox.admin.get("/admin/v1/audit").json()["entries"]
    assert "sandbox.reset" in {entry["action"] for entry in trail}
