"""Finding and explaining sessions over the admin API."""

from __future__ import annotations

import json
import shlex
from typing import Any

import httpx
import pytest

from orderguard.domain.cart import Cart, Customer, DeliveryMethod, Presentation
from orderguard.domain.region import Region
from orderguard.http.wire.cart import analysis_request_from_wire
from orderguard.http.wire.cart_request import (
    KEY_PLACEHOLDER,
    curl_from_cart,
    request_from_cart,
)
from orderguard.http.wire.notes import Notes
from tests.admin.test_admin_api import admin_client
from tests.support.builders import a_cart, a_line
from tests.support.order_desk import OrderShop, accepted_order
from tests.support.shop import RunningServer, Shop

HOSTILE = "<script>alert(1)</script>'\"`$(rm -rf /)\n"


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    """A merchant who offers protection from 60.00 on."""
    return running_server.a_shop(limits={"USD": {"subtotal_minimum": 60_00}})


@pytest.fixture
def admin(shop: Shop) -> httpx.Client:
    return admin_client(shop)


def found(admin: httpx.Client, **query: Any) -> dict[str, Any]:
    response = admin.get("/admin/v1/sessions", params=query)
    assert 200 == response.status_code, response.text
    page: dict[str, Any] = response.json()
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["sessions"]]


def shown(shop: Shop, **changes: Any) -> str:
    session: str = shop.analyze(cart={"subtotalAmount": 70_00}, **changes)["sessionId"]
    return session


def test_sessions_are_listed_by_their_last_analysis(shop: Shop, admin: httpx.Client) -> None:
    first, second = shown(shop), shop.analyze()["sessionId"]
    shop.analyze(sessionId=first)

    page = found(admin)

    assert [first, second] == ids(page)
    assert page["nextCursor"] is None
    assert [2, 1] == [each["analysisCount"] for each in page["sessions"]]


def test_pages_miss_nothing(shop: Shop, admin: httpx.Client) -> None:
    sessions = [shop.analyze()["sessionId"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while cursor is not None or not seen:
        page = found(admin, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += ids(page)
        cursor = page["nextCursor"]

    assert sessions[::-1] == seen


def test_a_rare_answer_is_found_behind_a_window_without_any(
    shop: Shop, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderguard.storage.session_search.LOOKED_THROUGH_AT_ONCE", 2)
    rare = shop.analyze()["sessionId"]
    for _ in range(5):
        shown(shop)

    pages = [found(admin, eligible="false")]
    while pages[-1]["nextCursor"]:
        pages.append(found(admin, eligible="false", cursor=pages[-1]["nextCursor"]))

    assert [[], [], [rare], []][: len(pages)] == [ids(page) for page in pages]
    assert any(ids(page) for page in pages)


def test_sessions_are_filtered_by_their_latest_answer(shop: Shop, admin: httpx.Client) -> None:
    hidden, seen = shop.analyze()["sessionId"], shown(shop)

    assert [hidden] == ids(found(admin, reason="cart_total_too_low"))
    assert [seen] == ids(found(admin, eligible="true"))
    assert [hidden] == ids(found(admin, eligible="false"))


def test_sessions_are_filtered_by_day(shop: Shop, admin: httpx.Client) -> None:
    session = shop.analyze()["sessionId"]
    day = found(admin)["sessions"][0]["updatedAt"][:10]

    assert [session] == ids(found(admin, day=day))
    assert [] == ids(found(admin, day="2020-01-01"))


@pytest.mark.parametrize(
    "query",
    [{"reason": "nothing"}, {"eligible": "maybe"}, {"day": "today"}, {"cursor": "x~y"}],
    ids=lambda query: next(iter(query)),
)
def test_a_filter_that_is_not_understood_is_named(
    admin: httpx.Client, query: dict[str, str]
) -> None:
    response = admin.get("/admin/v1/sessions", params=query)

    assert 400 == response.status_code
    assert [*query] == [each["field"] for each in response.json()["error"]["details"]]


def test_a_session_is_found_by_whatever_is_known_of_it(running_server: RunningServer) -> None:
    orders = OrderShop(running_server.a_shop())
    admin = admin_client(orders.shop)
    session = orders.analyze(cartId="cart 7")
    orders.analyze()
    order = orders.push(accepted_order(session, external_id="1001"))
    request_id = admin.get(f"/admin/v1/sessions/{session}").json()["timeline"][0]["requestId"]

    for text, by in (
        (session, "session id"),
        ("cart 7", "cart id"),
        (" 1001 ", "external order id"),
        (str(order["id"]), "order id"),
        (request_id, "request id"),
    ):
        page = found(admin, query=text)
        assert ([session], by) == (ids(page), page["foundBy"])


@pytest.mark.parametrize(
    "text", ["", "nobody's", "lop_00000000000000000000", "9" * 300, "99999999999999999999"]
)
def test_what_leads_to_no_session_finds_none(admin: httpx.Client, text: str) -> None:
    assert [] == ids(found(admin, query=text))


def test_nothing_is_called_by_a_nul(admin: httpx.Client) -> None:
    assert 404 == admin.get("/admin/v1/sessions", params={"query": "a\0b"}).status_code


def test_another_merchants_session_looks_missing(
    shop: Shop, admin: httpx.Client, running_server: RunningServer
) -> None:
    other = running_server.a_shop()
    session = other.analyze(cartId="theirs")["sessionId"]

    assert [] == ids(found(admin, query=session))
    assert [] == ids(found(admin, query="theirs"))
    assert session not in ids(found(admin))
    response = admin.get(f"/admin/v1/sessions/{session}")
    assert (404, "session_not_found") == (
        response.status_code,
        response.json()["error"]["code"],
    )


def test_a_session_is_explained_with_its_cart_checks_and_the_change_that_would_flip_it(
    shop: Shop, admin: httpx.Client
) -> None:
    session = shop.analyze(region="US-OH")["sessionId"]

    told = admin.get(f"/admin/v1/sessions/{session}").json()

    assert ["with goods for 10.00 USD more"] == told["nearestChanges"]
    assert "US-OH" == told["request"]["region"]
    checks = told["answer"]["debug"]["eligibility"]["checks"]
    assert ["cart_total_too_low"] == [each["reason"] for each in checks if not each["passed"]]
    assert (1, None, []) == (told["analysis"], told["comparedWith"], told["differences"])


def test_it_is_explained_by_the_configuration_of_its_time(shop: Shop, admin: httpx.Client) -> None:
    session = shop.analyze()["sessionId"]
    shop.publish({**json.loads(_published(shop)), "limits": {}})

    told = admin.get(f"/admin/v1/sessions/{session}").json()

    assert ["with goods for 10.00 USD more"] == told["nearestChanges"]


def _published(shop: Shop) -> str:
    with shop.running.database.read() as work:
        latest = work.configurations.latest(shop.id)
    assert latest is not None
    return latest.source


def test_two_analyses_are_compared(shop: Shop, admin: httpx.Client) -> None:
    session = shop.analyze()["sessionId"]
    shop.analyze(sessionId=session, region="CA")
    shown(shop, sessionId=session)

    told = admin.get(f"/admin/v1/sessions/{session}", params={"against": 1}).json()

    changed = {each["subject"]: (each["before"], each["after"]) for each in told["differences"]}
    assert ("cart_total_too_low", "eligible") == changed["reason"]
    assert (3, 1) == (told["analysis"], told["comparedWith"])
    assert "region" not in changed


@pytest.mark.parametrize(("number", "status"), [("9", 404), ("0", 400), ("x", 400)])
def test_an_analysis_that_is_not_there_is_an_error(
    shop: Shop, admin: httpx.Client, number: str, status: int
) -> None:
    session = shop.analyze()["sessionId"]

    response = admin.get(f"/admin/v1/sessions/{session}", params={"analysis": number})

    assert status == response.status_code


def a_full_cart(title: str = "Lamp") -> Cart:
    """A cart with every member set."""
    line = a_line(
        title=title,
        unit_price=25_00,
        quantity=2,
        variant_id="v",
        sku="S",
        product_type="T",
        vendor="V",
        tags=("a", "b"),
        collections=("c",),
        requires_shipping=False,
    )
    return a_cart(
        line,
        region=Region("US", "OH"),
        id="cart",
        locale="en-US",
        customer=Customer(is_b2b=True, groups=("g",)),
        delivery_methods=(DeliveryMethod.PICKUP, DeliveryMethod.SHIPPING),
        presentation=Presentation("checkout", "summary", "widget"),
        total_tax_amount=7,
    )


@pytest.mark.parametrize("cart", [a_cart(), a_full_cart()], ids=["plain", "full"])
def test_a_cart_sent_again_is_the_same_cart(cart: Cart) -> None:
    request, notes = analysis_request_from_wire(request_from_cart(cart), request_id="r")

    assert (cart, Notes()) == (request.cart, notes)
    assert (None, None) == (request.session, request.cart_id)


def test_a_cart_is_a_command_with_a_placeholder_for_the_key() -> None:
    command = shlex.split(curl_from_cart(a_full_cart(HOSTILE), "https://og.example"))

    assert "https://og.example/v1/analyze" == command[1]
    assert f"X-Authorization: {KEY_PLACEHOLDER}" in command
    body = json.loads(command[-1])
    assert HOSTILE == body["cart"]["lines"][0]["title"]
    assert body["debug"] is True
