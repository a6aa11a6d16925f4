"""Sandbox merchants: their keys, their header, and every answer by a magic line (contract §12)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from tests.support.order_desk import OrderShop, accepted_order, billed, wire_fee
from tests.support.shop import NOTHING_STORED, RunningServer, Shop
from tests.support.wire import wire_line, wire_request

MODE = "X-Orderguard-Mode"


@pytest.fixture
def sandbox(running_server: RunningServer) -> Shop:
    """A sandbox merchant who offers both modes in USD: 2.98 and 2.00."""
    return running_server.a_shop(is_sandbox=True)


def test_a_sandbox_has_test_keys_and_says_so_in_every_answer(sandbox: Shop, shop: Shop) -> None:
    orders = OrderShop(sandbox)
    admin = sandbox.issue_key("admin").text
    answers = [
        sandbox.post(wire_request()),
        sandbox.post({}),
        sandbox.session("lop_a1b2c3d4e5f6g7h8i9j0"),
        orders.put(accepted_order()),
        orders.http.get("/api/v1/coverages"),
        sandbox.http.get("/admin/v1/keys", headers={"X-Authorization": admin}),
    ]

    assert sandbox.key.startswith("og_test_")
    assert not shop.key.startswith("og_test_")
    assert ["sandbox"] * 6 == [answer.headers.get(MODE) for answer in answers]
    assert MODE not in shop.post(wire_request()).headers
    assert MODE not in shop.post({}).headers


def _magic(name: str, **changes: Any) -> dict[str, Any]:
    return wire_request(wire_line(sku=name, **changes))


def _is_ordinary(answer: httpx.Response) -> bool:
    """Whether this is the offer for a lamp: both modes at 4.98."""
    return answer.status_code == 200 and answer.json()["chargeInstructions"]["amount"] == 4_98


@pytest.mark.parametrize("reason", EligibilityReason)
def test_every_reason_is_answered_and_kept(
    sandbox: Shop, shop: Shop, reason: EligibilityReason
) -> None:
    name = f"TEST-reason-{reason}"
    answer = sandbox.post(_magic(name)).json()
    kept = sandbox.session(answer["sessionId"]).json()

    assert (reason, reason == "eligible") == (answer["reason"], answer["eligible"])
    assert (answer["reason"], answer["chargeInstructions"]) == (
        kept["reason"],
        kept["chargeInstructions"],
    )
    assert _is_ordinary(shop.post(_magic(name)))


def test_a_price_is_charged_covered_and_recognised_as_quoted(sandbox: Shop, shop: Shop) -> None:
    answer = sandbox.post(_magic("TEST-price-1234")).json()
    order = OrderShop(sandbox).push(accepted_order(answer["sessionId"], fees=[wire_fee(12_34)]))

    assert 12_34 == answer["chargeInstructions"]["amount"]
    assert 12_34 == sum(each["amount"] for each in answer["metadata"]["priceBreakdown"])
    assert ("accepted", "exact") == (order["acceptance"]["outcome"], order["acceptance"]["verdict"])
    assert 12_34 == sum(billed(sandbox.running.database, sandbox.id).values())
    assert _is_ordinary(shop.post(_magic("TEST-price-1234")))


@pytest.mark.parametrize(
    ("name", "modes"),
    [
        ("return", ["returnCoverage"]),
        ("shipping", ["shippingProtection"]),
        ("both", ["returnCoverage", "shippingProtection"]),
    ],
)
def test_modes_are_offered_as_asked(sandbox: Shop, shop: Shop, name: str, modes: list[str]) -> None:
    request = _magic("lamp", productId=f"TEST-mode-{name}")

    assert modes == sandbox.post(request).json()["mode"]
    assert _is_ordinary(shop.post(request))


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (401, "unauthorized", []),
        (404, "session_not_found", []),
        (429, "rate_limited", ["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining"]),
        (500, "internal_error", []),
        (503, "service_unavailable", ["Retry-After"]),
    ],
)
def test_every_status_is_answered_as_in_earnest(
    sandbox: Shop, shop: Shop, status: int, code: str, headers: list[str]
) -> None:
    answer = sandbox.post(_magic(f"TEST-status-{status}"))

    assert (status, code) == (answer.status_code, answer.json()["error"]["code"])
    assert answer.headers["X-Request-Id"] == answer.json()["requestId"]
    assert all(name in answer.headers for name in headers)
    assert "*" == answer.headers["Access-Control-Allow-Origin"]
    assert NOTHING_STORED == sandbox.row_counts()
    assert _is_ordinary(shop.post(_magic(f"TEST-status-{status}")))


def test_a_malformed_answer_is_json_that_breaks_off(sandbox: Shop, shop: Shop) -> None:
    answer = sandbox.post(_magic("TEST-malformed"))

    assert (200, "application/json") == (answer.status_code, answer.headers["Content-Type"])
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert _is_ordinary(shop.post(_magic("TEST-malformed")))


def test_a_dropped_connection_is_closed_without_a_byte(sandbox: Shop, shop: Shop) -> None:
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        sandbox.post(_magic("TEST-drop"))

    assert NOTHING_STORED == sandbox.row_counts()
    assert _is_ordinary(sandbox.post(wire_request()))
    assert _is_ordinary(shop.post(_magic("TEST-drop")))


def test_a_delay_delays_the_answer_and_nobody_else(sandbox: Shop, shop: Shop) -> None:
    began = monotonic()
    answer = sandbox.post(_magic("TEST-delay-300"))

    assert monotonic() - began >= 0.3
    assert _is_ordinary(answer)
    assert _is_ordinary(shop.post(_magic("TEST-delay-30000")))


def test_a_wrong_magic_line_is_refused_with_the_known_ones(sandbox: Shop) -> None:
    answer = sandbox.post(_magic("TEST-status-418"))

    assert 400 == answer.status_code
    [detail] = answer.json()["error"]["details"]
    assert "cart.lines[0].sku" == detail["field"]
    assert "401, 404, 429, 500, 503" in detail["message"]


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of its own, whose sums are those of one test."""
    server = RunningServer(tmp_path_factory.mktemp("alone"))
    yield server
    server.stop()


def test_a_sandbox_order_is_in_no_sum_of_the_installation(alone: RunningServer) -> None:
    live, sandbox = alone.a_shop(), alone.a_shop(is_sandbox=True)
    for shop in (live, sandbox):
        pushed = OrderShop(shop)
        assert 49_00 < sum(
            each["amount"]["amount"]
            for each in pushed.push(accepted_order(pushed.analyze()))["coverages"]
        )
        assert 4_98 == sum(billed(alone.database, shop.id).values())

    metrics = alone.client().get("/metrics").text

    for line in (
        'orderguard_offers_total{reason="eligible"} 1.0',
        'orderguard_orders_total{outcome="accepted",verdict="exact"} 1.0',
        'orderguard_requests_total{method="POST",route="analyze",status="200"} 1.0',
        'orderguard_requests_total{method="POST",route="sandbox",status="200"} 1.0',
    ):
        assert line in metrics
