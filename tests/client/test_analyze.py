"""An analysis is an offer or a hidden offer, in time; never an exception."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import UserDict
from typing import Any

import httpx
import pytest

from orderguard.client import Breaker, Client, Hidden
from orderguard.domain.errors import Malformed
from tests.client.conftest import MakeClient
from tests.client.examples import (
    OTHER_SESSION,
    SESSION,
    a_refusal,
    a_wire_cart,
    an_answer,
    an_offer,
)
from tests.client.pretend_server import PretendServer, Reply, elapsed_ms
from tests.support.shop import Shop

BUDGET_MS = 150
AT_MOST_MS = BUDGET_MS + 1_500  # machines are busy; the server would take five seconds


def analyze(client: Any, **options: Any) -> Any:
    return client.analyze(a_wire_cart(), region="US", **options)


def answering(reply: Reply) -> PretendServer:
    return PretendServer(lambda _received, _number: reply)


def test_an_eligible_cart_is_an_offer(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer())) as server:
        assert an_offer() == analyze(make_client(server.url))


def test_an_ineligible_cart_is_hidden_and_keeps_its_session(make_client: MakeClient) -> None:
    with answering(Reply(body=a_refusal())) as server:
        answer = analyze(make_client(server.url))

    assert Hidden("cart_total_too_low", decided=True, session_id=SESSION) == answer


def test_everything_that_is_known_is_sent_and_nothing_else(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer())) as server:
        client = make_client(f"{server.url}/")
        analyze(client)
        analyze(
            client,
            platform="bigcommerce",
            cart_id="cart-7",
            session_id=SESSION,
            delivery_methods=["PICKUP"],
            customer={"isB2B": True},
            locale="de-AT",
            further={"offerOrigin": "checkout"},
        )

    least, most = server.received
    assert ("POST", "/v1/analyze") == (least.method, least.path)
    assert "og_example" == least.headers["x-authorization"]
    assert {"platform": "custom", "region": "US", "cart": a_wire_cart()} == least.body
    assert {
        "platform": "bigcommerce",
        "region": "US",
        "cart": a_wire_cart(),
        "cartId": "cart-7",
        "sessionId": SESSION,
        "deliveryGroups": [{"deliveryMethod": "PICKUP"}],
        "customer": {"isB2B": True},
        "locale": "de-AT",
        "offerOrigin": "checkout",
    } == most.body


def test_a_forgotten_session_is_replaced_within_the_same_call(make_client: MakeClient) -> None:
    def reply(received: Any, _number: int) -> Reply:
        known = "sessionId" not in received.body
        return Reply(body=an_answer()) if known else Reply(404, {"error": {}})

    with PretendServer(reply) as server:
        answer = analyze(make_client(server.url), session_id=OTHER_SESSION)

    assert an_offer() == answer
    assert 2 == len(server.received)


def test_what_cannot_be_a_session_is_not_sent(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer())) as server:
        analyze(make_client(server.url), session_id="lop_short")

    assert "sessionId" not in server.received[0].body


def test_an_address_that_is_not_there_is_asked_once(make_client: MakeClient) -> None:
    with answering(Reply(404, {})) as server:
        assert Hidden("http_404") == analyze(make_client(server.url))

    assert 1 == len(server.received)


def test_an_empty_cart_is_not_worth_a_request(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer())) as server:
        empty = a_wire_cart(itemCount=0) | {"lines": []}
        answer = make_client(server.url).analyze(empty, region="US")

    assert Hidden("empty_cart", decided=True) == answer
    assert [] == server.received


@pytest.mark.parametrize("status", [204, 302, 400, 401, 429, 500, 503])
def test_any_other_status_is_hidden(make_client: MakeClient, status: int) -> None:
    with answering(Reply(status, an_answer(), headers={"Location": "/elsewhere"})) as server:
        assert Hidden(f"http_{status}") == analyze(make_client(server.url))

    assert 1 == len(server.received)


def charged(**changes: Any) -> Reply:
    instructions = {"amount": 498, "currencyCode": "USD", "method": "fee"} | changes
    return Reply(body=an_answer(chargeInstructions=instructions))


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(text=b"<!doctype html><title>Log in</title>"), id="no JSON"),
        pytest.param(Reply(text=b""), id="nothing"),
        pytest.param(Reply(text=b'{"sessionId": "lop_'), id="half a document"),
        pytest.param(Reply(text=b"\xff\xfe\xfd"), id="no text"),
        pytest.param(Reply(text=b"[" * 100_000), id="endless nesting"),
        pytest.param(Reply(body=None), id="null"),
        pytest.param(Reply(body=[an_answer()]), id="a list"),
        pytest.param(Reply(body=an_answer(sessionId=None)), id="no session"),
        pytest.param(Reply(body=an_answer(sessionId="lop_short")), id="a malformed session"),
        pytest.param(Reply(body=an_answer(eligible="true")), id="eligible as text"),
        pytest.param(Reply(body=an_answer(reason=None)), id="no reason"),
        pytest.param(Reply(body=an_answer(mode=None)), id="no modes"),
        pytest.param(Reply(body=an_answer(mode=[])), id="an empty list of modes"),
        pytest.param(Reply(body=an_answer(mode="returnCoverage")), id="modes as text"),
        pytest.param(Reply(body=an_answer(mode=["moonCoverage"])), id="a mode without words"),
        pytest.param(Reply(body=an_answer(mode=[["returnCoverage"]])), id="a list of lists"),
        pytest.param(Reply(body=an_answer(chargeInstructions=None)), id="nothing to charge"),
        pytest.param(charged(amount=4.98), id="a fraction of a cent"),
        pytest.param(charged(amount="498"), id="an amount as text"),
        pytest.param(charged(amount=True), id="an amount of true"),
        pytest.param(charged(amount=0), id="an amount of nothing"),
        pytest.param(charged(amount=-498), id="a negative amount"),
        pytest.param(charged(amount=2**53), id="an amount beyond JSON"),
        pytest.param(charged(currencyCode="XXQ"), id="a currency that does not exist"),
        pytest.param(charged(currencyCode="usd"), id="a currency in lower case"),
        pytest.param(charged(currencyCode="EUR"), id="another currency than the cart"),
        pytest.param(charged(currencyCode=None), id="no currency"),
        pytest.param(charged(method="debit"), id="an unknown method"),
        pytest.param(charged(method="product_line_item"), id="a product without a product"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_hidden(make_client: MakeClient, reply: Reply) -> None:
    with answering(reply) as server:
        assert Hidden("malformed") == analyze(make_client(server.url))


def test_any_reason_but_eligible_means_hidden(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer(reason="system_error"))) as server:
        answer = analyze(make_client(server.url))

    assert Hidden("system_error", decided=True, session_id=SESSION) == answer


def test_members_we_do_not_know_are_tolerated(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer(weather={"tomorrow": "sun"}))) as server:
        assert an_offer() == analyze(make_client(server.url))


def test_modes_stay_in_the_order_in_which_they_came(make_client: MakeClient) -> None:
    swapped = ["shippingProtection", "returnCoverage"]
    with answering(Reply(body=an_answer(mode=swapped))) as server:
        assert swapped == list(analyze(make_client(server.url)).mode)


def test_a_charge_by_product_names_the_product(make_client: MakeClient) -> None:
    product = {"id": "gid-1", "handle": "order-protection"}
    with answering(charged(method="product_line_item", product=product)) as server:
        charge = analyze(make_client(server.url)).charge

    assert ("gid-1", "order-protection") == (charge.product.id, charge.product.handle)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(body=an_answer(), delay_seconds=5), id="late"),
        pytest.param(Reply(drips=True), id="byte by byte"),
    ],
)
def test_a_slow_server_costs_the_budget_and_no_more(make_client: MakeClient, reply: Reply) -> None:
    with answering(reply) as server:
        client = make_client(server.url, budget_ms=BUDGET_MS)
        answers: list[Any] = []

        took_ms = elapsed_ms(lambda: answers.append(analyze(client)))

    assert [Hidden("timeout")] == answers
    assert BUDGET_MS * 0.9 < took_ms < AT_MOST_MS


def test_many_slow_answers_do_not_use_up_the_client(make_client: MakeClient) -> None:
    def reply(_received: Any, number: int) -> Reply:
        return Reply(body=an_answer(), delay_seconds=0.3 if number <= 40 else 0)

    with PretendServer(reply) as server:
        client = make_client(server.url, budget_ms=20, breaker=Breaker(failures_in_a_row=41))
        assert {Hidden("timeout")} == {analyze(client) for _ in range(40)}
        patient = make_client(server.url, budget_ms=5_000)

        assert an_offer() == analyze(patient)


def test_a_server_that_hangs_up_is_hidden(make_client: MakeClient) -> None:
    with answering(Reply(drops=True)) as server:
        assert Hidden("network") == analyze(make_client(server.url))


def test_a_connection_that_was_closed_meanwhile_costs_no_offer(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer(), closes_unannounced=True)) as server:
        client = make_client(server.url)

        assert {an_offer()} == {analyze(client) for _ in range(20)}


def test_a_dead_server_is_hidden_at_once(make_client: MakeClient) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = make_client(f"http://127.0.0.1:{nobody.getsockname()[1]}")

        assert Hidden("network") == analyze(client)


@pytest.mark.parametrize(
    "cart", [None, 7, "lamp", {"lines": {1, 2}}, {"totalAmount": float("nan")}, {"lines": object()}]
)
def test_a_cart_that_is_none_does_not_raise(make_client: MakeClient, cart: Any) -> None:
    with answering(Reply(400, {})) as server:
        answer = make_client(server.url).analyze(cart, region="US")

    assert answer in (Hidden("unsendable"), Hidden("http_400"))


def test_a_cart_of_any_mapping_can_be_sent(make_client: MakeClient) -> None:
    with answering(Reply(body=an_answer())) as server:
        answer = make_client(server.url).analyze(UserDict(a_wire_cart()), region="US")

    assert an_offer() == answer


def test_an_answer_without_end_is_hidden(make_client: MakeClient) -> None:
    with answering(Reply(text=b" " * 2_000_000)) as server:
        assert Hidden("timeout") == analyze(make_client(server.url))


def test_a_closed_client_is_hidden(make_client: MakeClient) -> None:
    client = make_client("http://127.0.0.1:9")
    client.close()

    assert isinstance(analyze(client), Hidden)


@pytest.mark.parametrize("address", ["orderguard.example", "", "ftp://orderguard.example"])
def test_an_address_without_http_is_refused_at_the_start(
    make_client: MakeClient, address: str
) -> None:
    with pytest.raises(Malformed, match="Example: https://"):
        make_client(address)


def test_the_key_is_not_shown(make_client: MakeClient, caplog: pytest.LogCaptureFixture) -> None:
    client = make_client("http://127.0.0.1:9", key="og_secret")

    analyze(client)

    assert "Offer hidden: network" in caplog.text
    assert "og_secret" not in caplog.text + repr(client)


def test_the_last_answer_of_a_session_is_what_the_till_charges(
    make_client: MakeClient, shop: Shop
) -> None:
    client = make_client(shop.running.url, shop.key)
    offer = analyze(client)

    assert offer == client.last_answer(offer.session_id)
    assert Hidden("http_404") == client.last_answer(OTHER_SESSION)
    assert Hidden("malformed") == client.last_answer("../../healthz")


def test_a_session_goes_on(make_client: MakeClient, shop: Shop) -> None:
    client = make_client(shop.running.url, shop.key)

    first = analyze(client)
    again = analyze(client, session_id=first.session_id)

    assert first.session_id == again.session_id
    assert 1 == shop.row_counts()["offer_sessions"]


def test_an_http_client_of_ones_own_is_used_and_left_open(shop: Shop) -> None:
    with httpx.Client(headers={"User-Agent": "shop"}) as http:
        with Client(shop.running.url, shop.key, budget_ms=10_000, http=http) as client:
            assert not isinstance(analyze(client), Hidden)

        assert not http.is_closed


FORKING = """
import os, sys, warnings
from orderguard.client import Client, Hidden, Offer
from tests.client.examples import a_wire_cart
client = Client(sys.argv[1], "og_example", budget_ms=5_000)
assert isinstance(client.analyze(a_wire_cart(), region="US"), Offer)
child = os.fork()
answer = client.analyze(a_wire_cart(), region="US")
if not child:
    os._exit(0 if isinstance(answer, Offer) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_client_made_before_a_fork_works_after_it() -> None:
    with answering(Reply(body=an_answer())) as server:
        done = subprocess.run(
            [sys.executable, "-c", FORKING, server.url],
            capture_output=True,
            check=False,
            timeout=30,
        )

    assert 0 == done.returncode, done.stderr.decode()
