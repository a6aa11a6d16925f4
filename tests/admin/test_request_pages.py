"""Requests in the console: the list, and everything that is known of a request id on one page."""

from __future__ import annotations

import httpx
import pytest

from orderguard.actions.trace_request import RequestNotFound, trace_request
from orderguard.domain.integration.logged_request import RequestFilter
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.order_desk import OrderShop, accepted_order, wire_order
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line, wire_request


class Screen:
    """A merchant's shop, and a person who looks at its requests."""

    def __init__(self, shop: Shop) -> None:
        self.orders = OrderShop(shop)
        self.shop = shop
        self.visitor: Visitor = a_visitor(shop)
        self.page = f"/console/m/{shop.id}/requests"

    def kept(self, answer: httpx.Response) -> str:
        """The request id of an answer, once it is in the log."""
        request_id: str = answer.headers["X-Request-Id"]

        def is_kept() -> bool:
            with self.shop.running.database.read() as work:
                wanted = RequestFilter(request_id=request_id)
                return bool(work.request_log.page(self.shop.id, wanted, limit=1))

        wait_until(is_kept)
        return request_id

    def trace(self, request_id: str) -> httpx.Response:
        return self.visitor.get(f"{self.page}/{request_id}")


@pytest.fixture
def sandbox(running_server: RunningServer) -> Screen:
    return Screen(running_server.a_shop(is_sandbox=True))


@pytest.fixture
def live(running_server: RunningServer) -> Screen:
    return Screen(running_server.a_shop())


def test_the_list_shows_what_was_refused_and_why(live: Screen) -> None:
    empty = text_of(live.visitor.get(live.page))
    request = wire_request(cart={"totalAmount": 19.99}) | {"email": "jane@shop.example"}
    request_id = live.kept(live.shop.post(request))

    page = live.visitor.get(live.page)
    others = text_of(live.visitor.get(f"{live.page}?outcome=failed"))
    wrong = live.visitor.get(f"{live.page}?status=many")

    assert "No requests yet." in empty
    assert f'href="{live.page}/{request_id}"' in page.text
    assert "cart.totalAmount expected whole minor units" in text_of(page)
    assert "jane@shop.example" not in live.trace(request_id).text
    assert "[blanked]" in live.trace(request_id).text
    assert "No request is like this." in others
    assert (422, True) == (wrong.status_code, "expected a status such as 503" in text_of(wrong))


def test_session_analysis_log_entry_and_order_of_a_request_are_one_page(sandbox: Screen) -> None:
    answer = sandbox.shop.post(wire_request())
    session = answer.json()["sessionId"]
    request_id = sandbox.kept(answer)
    order = sandbox.orders.push(accepted_order(session, external_id="A/7"))

    found = sandbox.visitor.get(f"{sandbox.page}?search={request_id}")
    page = sandbox.trace(request_id)

    assert (303, f"{sandbox.page}/{request_id}") == (
        found.status_code,
        found.headers["Location"],
    )
    base = f"/console/m/{sandbox.shop.id}"
    assert f'href="{base}/sessions/{session}?analysis=1"' in page.text
    assert f'href="{base}/sessions/{session}"' in page.text
    assert f'href="{base}/orders/{order["id"]}"' in page.text
    assert "POST /v1/analyze" in text_of(page)
    assert "4.98 USD" in text_of(page)


def test_the_request_of_an_order_leads_to_the_order_and_its_session(sandbox: Screen) -> None:
    session = sandbox.shop.analyze()["sessionId"]
    http = sandbox.orders.http
    pushed = http.put("/api/v1/orders", json=accepted_order(session, external_id="A/7"))
    shown = http.get(f"/api/v1/orders/{pushed.json()['order']['id']}")
    by_name = http.get("/api/v1/orders/external/A/7")
    of_session = sandbox.shop.session(session)
    ids = [sandbox.kept(answer) for answer in (pushed, shown, by_name, of_session)]

    with sandbox.shop.running.database.read() as work:
        for request_id in ids:
            found = trace_request(work, sandbox.shop.id, request_id)
            assert found.order is not None
            assert found.session is not None
            assert ("A/7", session) == (found.order.external_id, found.session.id)


def test_a_live_request_that_succeeded_is_traced_by_its_analysis(live: Screen) -> None:
    answer = live.shop.post(wire_request(wire_line()))

    page = text_of(live.trace(answer.headers["X-Request-Id"]))

    assert "analysis 1" in page
    assert "This request succeeded." in page


def test_a_refused_order_leads_nowhere_but_to_its_problems(live: Screen) -> None:
    refused = live.orders.http.put("/api/v1/orders", json=wire_order("B-1", fees=[{}]))

    page = text_of(live.trace(live.kept(refused)))

    assert 422 == refused.status_code
    assert "fees.0.amount" in page
    assert "Order none" in page


def test_requests_of_another_merchant_are_not_there(live: Screen, sandbox: Screen) -> None:
    request_id = sandbox.kept(sandbox.shop.post(wire_request()))

    assert 404 == live.trace(request_id).status_code
    sought = live.visitor.get(f"{live.page}?search={request_id}")
    assert (422, True) == (sought.status_code, "Nothing is known of request" in text_of(sought))
    with live.shop.running.database.read() as work:
        for odd in ("", "x" * 200, "a\0b"):
            with pytest.raises(RequestNotFound):
                trace_request(work, live.shop.id, odd)


def test_the_pages_of_a_long_list_follow_each_other(
    sandbox: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orderguard.admin.console.requests.ON_A_PAGE", 2)
    ids = [sandbox.kept(sandbox.shop.post(wire_request())) for _ in range(3)]

    first = sandbox.visitor.get(f"{sandbox.page}?outcome=answered")
    [older] = [part.split('"')[0] for part in first.text.split('href="') if "cursor=" in part]
    second = sandbox.visitor.get(older.replace("&amp;", "&"))

    assert [True, True, False] == [each in first.text for each in ids[::-1]]
    assert [False, False, True] == [each in second.text for each in ids[::-1]]
