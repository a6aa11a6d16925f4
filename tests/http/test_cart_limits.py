"""Caps that no real cart meets: refused before anything is built, and named (ADR 0054)."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest

from orderguard.http import analysis_body
from orderguard.http.wire.cart_limits import (
    BROWSER_LIMITS,
    ENTRIES_OF_LINE,
    GROUPS,
    MEMBERS,
    SERVER_LIMITS,
    TITLE_KEPT,
)
from orderguard.storage.rows import cart_from_row
from orderguard.storage.tables import session_carts
from tests.support.shop import NOTHING_STORED, Shop
from tests.support.wire import wire_line, wire_request

ORIGIN = "https://shop.example"


def _post(shop: Shop, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    return shop.http.post("/v1/analyze", content=content, headers=headers)


def _from_browser(shop: Shop, body: Any) -> httpx.Response:
    key = shop.issue_key("cart", origins=[ORIGIN]).text
    return _post(shop, body, **{"X-Authorization": key, "Origin": ORIGIN})


def _lines(count: int, **changes: Any) -> dict[str, Any]:
    line = {
        "id": "1",
        "productId": "p",
        "quantity": 1,
        "totalPrice": 1,
        "originalTotalPrice": 1,
        "title": "x",
    }
    return wire_request(*[line | changes for _ in range(count)])


def _assert_refused(shop: Shop, answer: httpx.Response, field: str, *words: str) -> None:
    assert 400 == answer.status_code, answer.text
    (detail,) = answer.json()["error"]["details"]
    assert field == detail["field"]
    for word in words:
        assert word in detail["message"]
    assert NOTHING_STORED == shop.row_counts()


def test_a_cart_of_as_many_lines_as_a_cart_may_have_gets_its_offer(shop: Shop) -> None:
    assert 200 == _post(shop, _lines(SERVER_LIMITS.lines)).status_code
    assert 200 == _from_browser(shop, _lines(BROWSER_LIMITS.lines)).status_code


def test_one_line_more_is_refused_by_the_name_of_the_field(shop: Shop) -> None:
    server = _post(shop, _lines(SERVER_LIMITS.lines + 1))
    _assert_refused(shop, server, "cart.lines", "1001 lines", "at most 1000")

    browser = _from_browser(shop, _lines(BROWSER_LIMITS.lines + 1))
    _assert_refused(shop, browser, "cart.lines", "501 lines", "at most 500")


def test_a_browser_sends_at_most_64_kilobytes(shop: Shop) -> None:
    small = wire_request(wire_line(vendor="x" * 1_000), padding="x" * 60_000)
    large = wire_request(padding="x" * BROWSER_LIMITS.body_bytes)

    assert 200 == _from_browser(shop, small).status_code
    assert 200 == _post(shop, large).status_code
    answer = _from_browser(shop, large)
    assert 400 == answer.status_code
    message = answer.json()["error"]["message"]
    assert message.startswith("Request body too large: the limit is 65536 bytes.")


@pytest.mark.parametrize("member", ["tags", "collections"])
def test_a_line_has_at_most_250_tags_and_collections(shop: Shop, member: str) -> None:
    many = [f"{n:0>80}" for n in range(ENTRIES_OF_LINE + 1)]

    refused = _post(shop, wire_request(wire_line(), wire_line(**{member: many})))

    _assert_refused(shop, refused, f"cart.lines[1].{member}", "251 entries", "at most 250")
    assert 200 == _post(shop, wire_request(wire_line(**{member: many[1:]}))).status_code


def test_all_lines_together_have_a_bounded_number_of_tags(shop: Shop) -> None:
    answer = _post(shop, _lines(100, tags=["new"] * 201))

    _assert_refused(shop, answer, "cart.lines", "20100 tags", "at most 20000")


def test_groups_and_deliveries_are_bounded(shop: Shop) -> None:
    groups = [f"{n:0>80}" for n in range(GROUPS + 1)]
    deliveries = [{"deliveryMethod": "SHIPPING"}] * 1_000

    _assert_refused(
        shop, _post(shop, wire_request(customer={"groups": groups})), "customer.groups", "251"
    )
    _assert_refused(
        shop, _post(shop, wire_request(deliveryGroups=deliveries)), "deliveryGroups", "1000"
    )


def test_a_body_of_very_many_members_is_refused_before_it_is_read(shop: Shop) -> None:
    body = b"{" + b",".join(b'"a":1' for _ in range(MEMBERS + 1)) + b"}"

    answer = _post(shop, body)

    assert 400 == answer.status_code
    assert f"{MEMBERS + 1} members" in answer.text


def test_a_long_title_is_cut_and_costs_no_offer(shop: Shop) -> None:
    answer = _post(shop, wire_request(wire_line(title="x" * 10_000)))

    assert answer.json()["eligible"]
    with shop.running.database.read() as work:
        query = session_carts.select().where(session_carts.c.merchant_id == shop.id)
        (row,) = work.connection.execute(query).all()
    assert TITLE_KEPT == len(cart_from_row(row.cart).lines[0].title)


def test_large_bodies_are_not_decoded_on_the_event_loop(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    decode = analysis_body._decoded

    def told(*arguments: Any) -> Any:
        threads.append(threading.current_thread().name)
        return decode(*arguments)

    monkeypatch.setattr(analysis_body, "_decoded", told)

    assert 200 == _post(shop, wire_request()).status_code
    assert 200 == _post(shop, wire_request(padding="x" * 70_000)).status_code
    assert [False, True] == [name.startswith("large-bodies") for name in threads]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 20_000,
        b'{"cart":' * 20_000,
        b'{"cart":{"lines":"' + b"x" * 20_000 + b'"}}',
        b'{"cart":{"lines":[' + b"1," * 20_000 + b"1]}}",
        b'{"customer":7,"cart":{"customer":[' + b"1," * 20_000 + b"1]}}",
    ],
)
def test_other_mistakes_of_large_bodies_are_told_as_in_small_ones(shop: Shop, body: bytes) -> None:
    answer = _post(shop, body)

    assert 400 == answer.status_code
    assert "invalid_request" == answer.json()["error"]["code"]


def test_a_cart_with_everything_in_it_is_counted_all_the_same(shop: Shop) -> None:
    whole = _lines(SERVER_LIMITS.lines + 1, tags=None)
    whole |= {"customer": {"isB2B": False, "groups": ["vip"]}, "deliveryGroups": None}
    whole["cart"] |= {"customer": None, "deliveryGroups": [{"deliveryMethod": "SHIPPING"}]}

    _assert_refused(shop, _post(shop, whole), "cart.lines", "1001 lines")


@pytest.mark.parametrize(
    "disguise",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.replace(b'"title":"x"', b'"title":"\\ud800"', 1),
        lambda body: body.replace(b'"platform"', b'"deliveryGroups":7,"customer":[],"platform"', 1),
    ],
)
def test_the_count_cannot_be_got_around(shop: Shop, disguise: Any) -> None:
    body = json.dumps(_lines(SERVER_LIMITS.lines + 1), separators=(",", ":")).encode()
    assert disguise(body) != body

    answer = _post(shop, disguise(body))

    assert 400 == answer.status_code
    assert "1001 lines" in answer.text
    assert NOTHING_STORED == shop.row_counts()
