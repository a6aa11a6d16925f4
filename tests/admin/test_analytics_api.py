"""A merchant's numbers over the admin API."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from orderguard.actions.analytics_file import analytics_csv, harmless
from orderguard.actions.record_latency import RecordLatency
from orderguard.actions.show_analytics import AnalyticsQuery, show_analytics, show_latency
from orderguard.domain.analytics.analytics import Dimension, Measure
from orderguard.domain.analytics.report import Period
from orderguard.domain.analytics.values import OTHER, VALUES_AT_MOST
from orderguard.running.wiring import now, wire_roll_up
from tests.admin.test_admin_api import admin_client
from tests.support.order_desk import OrderShop, accepted_order
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line


@pytest.fixture
def order_shop(running_server: RunningServer) -> OrderShop:
    return OrderShop(running_server.a_shop())


@pytest.fixture
def admin(order_shop: OrderShop) -> httpx.Client:
    return admin_client(order_shop.shop)


def _numbers(admin: httpx.Client, **query: Any) -> dict[str, Any]:
    response = admin.get("/admin/v1/analytics", params=query)
    assert 200 == response.status_code, response.text
    answer: dict[str, Any] = response.json()
    return answer


def _rolled_up(shop: Shop) -> None:
    for _ in wire_roll_up(shop.running.database).catch_up(shop.id, at=now()):
        pass


def test_strangers_cannot_make_the_sums_grow_for_ever(
    order_shop: OrderShop, admin: httpx.Client
) -> None:
    for number in range(VALUES_AT_MOST + 5):
        order_shop.analyze(wire_line(), mountTarget=f"made-up-{number}")
    _rolled_up(order_shop.shop)

    counted = _sessions_by_mount_target(order_shop.shop)
    assert VALUES_AT_MOST + 1 == len(counted)
    assert 5 == counted[OTHER]

    for _ in wire_roll_up(order_shop.shop.running.database).rebuild(order_shop.shop.id, at=now()):
        pass
    assert counted == _sessions_by_mount_target(order_shop.shop)


def _sessions_by_mount_target(shop: Shop) -> dict[str, int]:
    today = now().date()
    with shop.running.database.read() as work:
        cells = work.analytics.sums(
            shop.id, first=today - timedelta(days=1), last=today, dimension=Dimension.MOUNT_TARGET
        )
    return {cell.value: n for cell, n in cells.items() if cell.measure == Measure.ANALYSED}


def test_the_funnel_and_the_money_of_today(order_shop: OrderShop, admin: httpx.Client) -> None:
    order_shop.analyze(wire_line())
    session = order_shop.analyze(wire_line())
    order_shop.push(accepted_order(session))
    order_shop.analyze(cart={"lines": []})
    _rolled_up(order_shop.shop)

    numbers = _numbers(admin)

    total = numbers["total"]
    assert (3, 2, 2, 1) == tuple(total[k] for k in ("analysed", "eligible", "shown", "accepted"))
    assert (50_00, 100_00) == (total["attachRateBps"], total["orderAttachRateBps"])
    assert 4_98 == total["money"]["USD"]["revenue"] == total["money"]["USD"]["fees"]
    assert 1_66_0000 == total["money"]["USD"]["revenuePerSessionTenThousandths"]
    assert [{"reason": "empty_cart", "sessions": 1}] == numbers["hidden"]
    assert 30 == len(numbers["days"])
    assert total == {key: numbers["days"][-1][key] for key in total}
    assert 0 == numbers["before"]["analysed"]


def test_numbers_are_told_apart_and_narrowed_down(
    order_shop: OrderShop, admin: httpx.Client
) -> None:
    order_shop.analyze(wire_line(), region="US-OH", offerOrigin="checkout")
    order_shop.analyze(wire_line(), region="DE", offerOrigin="cart", mountTarget="drawer")
    _rolled_up(order_shop.shop)

    by_country = _numbers(admin, by="country")["values"]
    by_origin = _numbers(admin, by="offerOrigin", only="country:DE")

    assert [("DE", 1), ("US", 1)] == [(row["value"], row["analysed"]) for row in by_country]
    assert {"cart", "checkout"} == {row["value"] for row in by_origin["values"]}
    assert 1 == by_origin["total"]["analysed"]
    assert "country:DE" == by_origin["only"]


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ({"from": "yesterday"}, "is not a day"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "before the first"),
        ({"from": "2020-01-01", "to": "2026-11-01"}, "too many"),
        ({"by": "weather"}, "by expected one of"),
        ({"only": "country"}, "only expected a dimension and a value"),
        ({"only": "all:x"}, "only expected a dimension and a value"),
    ],
)
def test_what_cannot_be_asked_is_said(
    admin: httpx.Client, query: dict[str, str], complaint: str
) -> None:
    response = admin.get("/admin/v1/analytics", params=query)

    assert 400 == response.status_code
    assert complaint in response.text


def test_other_merchants_numbers_are_not_in_it(running_server: RunningServer) -> None:
    other = OrderShop(running_server.a_shop())
    other.analyze(wire_line())
    _rolled_up(other.shop)

    assert 0 == _numbers(admin_client(running_server.a_shop()))["total"]["analysed"]


def test_a_running_server_rolls_up_by_itself(tmp_path: Path) -> None:
    # Of its own, because a round visits every merchant, and the shared one has those of all tests
    server = RunningServer(tmp_path)
    try:
        order_shop = OrderShop(server.a_shop())
        admin = admin_client(order_shop.shop)
        order_shop.analyze(wire_line())

        wait_until(lambda: 1 == _numbers(admin)["total"]["analysed"])
    finally:
        server.stop()


def test_the_file_is_harmless_in_a_spreadsheet(order_shop: OrderShop) -> None:
    order_shop.analyze(wire_line(), platform="=cmd|'/C calc'!A0")
    _rolled_up(order_shop.shop)
    query = AnalyticsQuery.parse(first="", last="", by="platform", at=now())

    with order_shop.shop.running.database.read() as work:
        text = analytics_csv(show_analytics(work, order_shop.shop.id, query))

    assert "platform,'=cmd|'/C calc'!A0,1," in text
    assert f"day,{now().date()},1," in text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_formula_becomes_a_text(text: str) -> None:
    assert "'" + text == harmless(text)
    assert "US" == harmless("US")


def test_latency_is_counted_once_per_answer(running_server: RunningServer) -> None:
    database, at = running_server.database, now() - timedelta(days=200)
    answered = {1_000: 50, 2_000: 45, 10_000: 4}
    latency = RecordLatency(database, lambda: answered)
    day = Period(at.date(), at.date())

    latency.write_down(at=at)
    latency.write_down(at=at)
    answered = {1_000: 50, 2_000: 45, 10_000: 4, 0: 1}
    latency.write_down(at=at)

    with database.read() as work:
        assert [(500, 1_000), (950, 2_000), (990, 10_000)] == show_latency(work, day)
        assert [] == show_latency(work, Period(date(2019, 1, 1), date(2019, 1, 1)))


def test_the_server_knows_how_long_its_analyses_took(
    order_shop: OrderShop, running_server: RunningServer
) -> None:
    order_shop.analyze(wire_line())

    text = running_server.shared_client.get("/metrics").text

    assert 'orderguard_request_seconds_bucket{le="+Inf",route="analyze"}' in text
