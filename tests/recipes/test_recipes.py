"""Every recipe, mounted in a shop, between a browser and a real Orderguard."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.client.examples import an_answer
from tests.client.pretend_server import PretendServer, Reply, elapsed_ms
from tests.recipes.shops import SHOPS, a_shop
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_request

HIDDEN = {"eligible": False, "reason": "system_error", "chargeInstructions": None}
ORIGIN = "https://shop.example"
FROM_HERE = {"Origin": ORIGIN}
KB = 1024
RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.fixture(scope="module")
def merchant(running_server: RunningServer) -> Shop:
    return running_server.a_shop(exclude_b2b=True)


@pytest.fixture(scope="module")
def key(merchant: Shop) -> str:
    return merchant.issue_key("cart", origins=[ORIGIN]).text


@pytest.fixture(scope="module", params=SHOPS)
def route(request: pytest.FixtureRequest, merchant: Shop, key: str) -> Iterator[str]:
    """The shop's route, in front of a real server."""
    with a_shop(request.param, merchant.running.url, key) as url:
        yield url


def post(url: str, body: Any = None, **options: Any) -> httpx.Response:
    options = {"headers": FROM_HERE, "timeout": 30, "verify": False} | options
    if "content" not in options:
        options["json"] = wire_request() if body is None else body
    return httpx.post(url, **options)


def test_the_offer_reaches_the_browser(route: str) -> None:
    response = post(route)

    assert 200 == response.status_code
    assert 4_98 == response.json()["chargeInstructions"]["amount"]
    assert "application/json" == response.headers["content-type"]
    assert "no-store" == response.headers["cache-control"]


def test_the_session_goes_on(route: str) -> None:
    first = post(route, wire_request(cartId="cart-7")).json()
    again = post(route, wire_request(sessionId=first["sessionId"])).json()

    assert first["sessionId"] == again["sessionId"]


def test_a_session_that_is_gone_is_said_to_be_gone(route: str) -> None:
    response = post(route, wire_request(sessionId="lop_00000000000000000000"))

    assert (404, "session_not_found") == (response.status_code, response.json()["error"]["code"])


def test_what_is_wrong_with_a_cart_is_told(route: str) -> None:
    response = post(route, wire_request(cart={"itemCount": "many"}))

    assert 400 == response.status_code
    assert "cart.itemCount" == response.json()["error"]["details"][0]["field"]


def test_what_a_shopper_may_not_decide_is_not_passed_on(route: str) -> None:
    claims = {"customer": {"isB2B": True}, "debug": True}
    answer = post(route, wire_request(cart={"customer": {"isB2B": True}}, **claims)).json()

    assert answer["eligible"]
    assert "debug" not in answer


def test_the_shop_says_who_the_customer_is(route: str) -> None:
    answer = post(route, headers=FROM_HERE | {"X-Logged-In": "business"}).json()

    assert "b2b_customer_excluded" == answer["reason"]


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {}])
def test_pages_of_others_get_no_offer(route: str, headers: dict[str, str]) -> None:
    response = post(route, headers=headers)

    assert (503, HIDDEN) == (response.status_code, response.json())


def test_no_other_page_may_read_an_answer(route: str) -> None:
    assert not [name for name in post(route).headers if name.startswith("access-control")]


def test_the_key_never_reaches_the_browser(route: str, key: str) -> None:
    for response in (post(route), post(route, headers={}), post(route, {"cart": key[:8]})):
        assert key not in response.text + str(response.headers)
        assert "x-authorization" not in response.headers


def test_only_posts_are_answered(route: str) -> None:
    response = httpx.get(route, headers=FROM_HERE, verify=False)

    assert (405, HIDDEN) == (response.status_code, response.json())


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"7", b"null", b'"cart"', b"\xff", b"[" * 9_999]
)
def test_what_is_no_object_is_refused(route: str, content: bytes) -> None:
    response = post(route, content=content, headers=FROM_HERE | {"Content-Type": "text/plain"})

    assert (400, HIDDEN) == (response.status_code, response.json())


def large(size: int) -> bytes:
    body = json.dumps(wire_request()).encode()
    return body + b" " * (size - len(body))


def test_the_largest_body_passes(route: str) -> None:
    json_type = FROM_HERE | {"Content-Type": "application/json"}

    assert 200 == post(route, content=large(256 * KB), headers=json_type).status_code


@pytest.mark.parametrize("size", [256 * KB + 1, 8 * KB * KB])
def test_a_larger_body_is_refused(route: str, size: int) -> None:
    json_type = FROM_HERE | {"Content-Type": "application/json"}

    try:
        status = post(route, content=large(size), headers=json_type).status_code
    except httpx.TransportError:
        status = 413  # a server may also hang up on who goes on sending
    assert 413 == status


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"error": {"message": "a stack trace"}}),
        Reply(401, {"error": {"message": "This API key does not carry the cart scope."}}),
        Reply(429, {}),
        Reply(302, {}, headers={"Location": "/elsewhere"}),
        Reply(drops=True),
        Reply(body=an_answer(), delay_seconds=5),
        Reply(drips=True),
    ],
    ids=["500", "401", "429", "302", "no answer", "late", "byte by byte"],
)
@pytest.mark.parametrize("kind", SHOPS)
def test_any_failure_is_a_hidden_offer_in_time(kind: str, reply: Reply) -> None:
    with (
        PretendServer(lambda _received, _number: reply) as server,
        a_shop(kind, server.url, "og_example", budget_ms=1000) as url,
    ):
        started = time.perf_counter()
        response = post(url)
        took_seconds = time.perf_counter() - started

    assert (503, HIDDEN) == (response.status_code, response.json())
    assert 4 > took_seconds
    assert {"/v1/analyze"} == {each.path for each in server.received}


@pytest.mark.parametrize("kind", SHOPS)
def test_a_dead_server_is_a_hidden_offer(kind: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with a_shop(kind, f"http://127.0.0.1:{nobody.getsockname()[1]}", "og_example") as url:
            response = post(url)

    assert (503, HIDDEN) == (response.status_code, response.json())


def test_the_threads_of_a_shop_are_not_all_spent_on_a_silent_server() -> None:
    with (
        PretendServer(lambda _received, _number: Reply(delay_seconds=30)) as server,
        a_shop("wsgi", server.url, "og_example", budget_ms=1000) as url,
    ):
        for _ in range(3):
            post(url)
        resting = elapsed_ms(lambda: [post(url) for _ in range(5)])

    assert (3, True) == (len(server.received), resting < 1000)


@pytest.mark.parametrize("kind", SHOPS)
def test_only_the_key_the_origin_and_the_allowed_members_go_out(kind: str) -> None:
    cookie = FROM_HERE | {"Cookie": "session=secret", "Authorization": "Basic c2VjcmV0"}
    with (
        PretendServer(lambda _received, _number: Reply(body=an_answer())) as server,
        a_shop(kind, server.url, "og_example") as url,
    ):
        post(url, wire_request(debug=True, __proto__={}, password="x"), headers=cookie)

    (received,) = server.received
    assert {"platform", "region", "cart", "customer"} == set(received.body)
    assert ("og_example", ORIGIN) == (
        received.headers["x-authorization"],
        received.headers["origin"],
    )
    assert {"cookie", "authorization"}.isdisjoint(received.headers)


def test_recipes_stay_small_enough_to_be_copied() -> None:
    at_most = {"asgi.py": 80, "wsgi.py": 80, "express.mjs": 80}

    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in RECIPES.iterdir()
        if path.is_file()
    }

    assert at_most.keys() == lines.keys()
    assert [] == [name for name, number in lines.items() if number > at_most[name]]
