"""The request log over HTTP: what is kept, of whom, how much, and what it does not say."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from orderguard.actions.analyze_cart import AnalyzeCart
from orderguard.actions.check_integration import check_integration
from orderguard.actions.find_merchant import get_merchant
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.integration.check import Standing
from orderguard.http import request_log
from orderguard.http.logged_body import KEPT_BYTES
from orderguard.http.request_log import RequestLogLimits
from orderguard.running.wiring import now, wire_find_configuration
from orderguard.storage import request_log as stored
from orderguard.storage.database import SqlDatabase
from orderguard.storage.request_log import SqlRequestLog
from tests.support.order_desk import OrderShop, wire_order
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line, wire_request

SECRET = "Zebra"  # in every personal member that these tests send


class Log:
    """The request log of a merchant, as the admin API shows it."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.admin = shop.running.client(**{"X-Authorization": shop.issue_key("admin").text})

    def page(self, **params: Any) -> dict[str, Any]:
        answer = self.admin.get("/admin/v1/requests", params=params)
        assert 200 == answer.status_code, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def all(self, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page(limit=250, **params)["requests"]
        return found

    def of(self, answer: httpx.Response) -> dict[str, Any]:
        """The entry of this answer, which is written some time after it."""
        wanted = answer.headers["X-Request-Id"]
        wait_until(lambda: len(self.all(request_id=wanted)) == 1)
        [found] = self.all(request_id=wanted)
        return found


@pytest.fixture
def live(running_server: RunningServer) -> Log:
    return Log(running_server.a_shop())


@pytest.fixture
def sandbox(running_server: RunningServer) -> Log:
    return Log(running_server.a_shop(is_sandbox=True))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    started: list[RunningServer] = []

    def start(**settings: Any) -> RunningServer:
        started.append(RunningServer(tmp_path, **settings))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def test_of_a_live_merchant_only_what_was_refused_or_failed_is_kept(live: Log) -> None:
    fine = live.shop.post(wire_request())
    refused = live.shop.post(wire_request(cart={"totalAmount": 19.99, "email": SECRET}))

    entry = live.of(refused)

    assert (200, 400) == (fine.status_code, refused.status_code)
    assert [entry] == live.all(), "what came before it would be there before it"
    assert ("POST", "/v1/analyze", 400) == (entry["method"], entry["path"], entry["status"])
    assert ("refused", "invalid_request") == (entry["outcome"], entry["code"])
    assert "cart.totalAmount" == entry["problems"][0]["field"]
    assert live.shop.issued.key.id == entry["keyId"]
    assert entry["milliseconds"] > 0
    body = json.loads(entry["body"])
    assert (19.99, "[blanked]") == (body["cart"]["totalAmount"], body["cart"]["email"])
    assert len(refused.request.content) == entry["bodyBytes"]


def test_of_a_sandbox_everything_is_kept_but_the_reading_of_it(sandbox: Log) -> None:
    fine = sandbox.shop.post(wire_request())
    session = fine.json()["sessionId"]
    shown = sandbox.shop.session(session)

    entries = [sandbox.of(fine), sandbox.of(shown)]

    assert [("answered", 200)] * 2 == [(each["outcome"], each["status"]) for each in entries]
    assert f"/v1/session/{session}" == entries[1]["path"]
    assert entries[::-1] == sandbox.all()
    assert [] == [each for each in sandbox.all() if each["path"].startswith("/admin")]


def test_a_refusal_of_a_known_key_belongs_to_its_merchant(live: Log) -> None:
    shop = live.shop
    orders = shop.issue_key("orders").text
    browser = shop.issue_key("cart", origins=["https://shop.example"]).text
    revoked = shop.issue_key("cart")
    shop.revoke(revoked)

    answers = [
        shop.post(wire_request(), headers={"X-Authorization": key})
        for key in (orders, browser, revoked.text)
    ]
    unknown = shop.post(wire_request(), headers={"X-Authorization": shop.key[:-1]})
    on_orders = shop.http.put("/api/v1/orders", json=wire_order())
    on_admin = shop.http.get("/admin/v1/keys")

    kept = [live.of(each) for each in (*answers, on_orders, on_admin)]
    assert [401] * 4 + [403] == [each["status"] for each in kept]
    assert ["unauthorized"] * 3 + ["401", "forbidden"] == [each["code"] for each in kept]
    assert revoked.key.id == kept[2]["keyId"]
    assert "does not carry the orders scope" in kept[3]["problems"][0]["message"]
    assert 401 == unknown.status_code
    assert len(kept) == len(live.all()), "an unknown key belongs to nobody"


def test_a_revoked_key_of_a_sandbox_is_answered_like_an_unknown_one(sandbox: Log) -> None:
    issued = sandbox.shop.issue_key("cart")
    sandbox.shop.revoke(issued)

    answer = sandbox.shop.post(wire_request(), headers={"X-Authorization": issued.text})

    assert 401 == sandbox.of(answer)["status"]
    assert "X-Orderguard-Mode" not in answer.headers


def test_requests_are_found_by_what_is_known_of_them_and_paged(sandbox: Log) -> None:
    for _ in range(3):
        sandbox.shop.post(wire_request())
    crashed = sandbox.shop.post(wire_request(wire_line(sku="TEST-status-500")))
    sandbox.of(crashed)

    assert 4 == len(sandbox.all())
    assert [500] == [each["status"] for each in sandbox.all(outcome="failed")]
    assert [200] * 3 == [each["status"] for each in sandbox.all(status=200)]
    assert [] == sandbox.all(outcome="refused")
    first = sandbox.page(limit=3)
    second = sandbox.page(limit=3, cursor=first["nextCursor"])
    assert second["nextCursor"] is None
    assert sandbox.all() == first["requests"] + second["requests"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"outcome": "lost"}, "outcome"),
        ({"status": "5xx"}, "status"),
        ({"cursor": "yesterday"}, "cursor"),
        ({"requestId": "req_1"}, "requestId"),
        ({"limit": "0"}, "limit"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(
    live: Log, params: dict[str, str], field: str
) -> None:
    answer = live.admin.get("/admin/v1/requests", params=params)

    assert (400, field) == (answer.status_code, answer.json()["error"]["details"][0]["field"])


def test_a_caller_that_hangs_up_before_its_answer_gave_up(sandbox: Log) -> None:
    address = urlsplit(sandbox.shop.running.url)
    body = json.dumps(wire_request(wire_line(sku="TEST-delay-300"))).encode()
    head = (
        f"POST /v1/analyze HTTP/1.1\r\nHost: {address.netloc}\r\nX-Request-Id: impatient\r\n"
        f"X-Authorization: {sandbox.shop.key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port or 80)) as connection:
        connection.sendall(head.encode() + body)

    wait_until(lambda: len(sandbox.all(request_id="impatient")) == 1)

    assert "gave_up" == sandbox.all(request_id="impatient")[0]["outcome"]


def test_orders_after_failed_answers_prove_that_the_shop_sells_without_us(sandbox: Log) -> None:
    failing = [
        sandbox.shop.post(wire_request(wire_line(sku=sku)))
        for sku in ("TEST-status-503", "TEST-malformed")
    ]
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.shop.post(wire_request(wire_line(sku="TEST-drop")))
    wait_until(lambda: len(sandbox.all(outcome="failed")) == 3)
    entries = sandbox.all(outcome="failed")
    assert [None, 200, 503] == [each["status"] for each in entries]
    order = OrderShop(sandbox.shop).push(wire_order())

    with sandbox.shop.running.database.read() as work:
        merchant = get_merchant(work, sandbox.shop.id)
        found = check_integration(work, merchant, wire_find_configuration(), real_at=now())

    [line] = [each for each in found.lines if each.rule.code == "sells_without_us"]
    assert Standing.HELD is line.standing
    notes = [each.note for each in line.evidence]
    assert all(note.startswith("1001: came without a fee after request") for note in notes), notes
    assert ["(no answer)", "(an answer that breaks off)", "(503)"] == [
        note[note.index("(") :] for note in notes
    ]
    assert failing[0].headers["X-Request-Id"] in notes[2]
    assert [] == order["coverages"]


PERSONAL_BODIES = {
    "personal members": json.dumps({"email": SECRET, "customer": {"name": SECRET}}).encode(),
    "no JSON": f"email={SECRET}&token={SECRET}".encode(),
    "half of a document": f'{{"name": "{SECRET} {SECRET}", "email": "{SECRET}'.encode(),
    "a text": json.dumps(SECRET).encode(),
    "no text": b"\xff\xfe\x00" + SECRET.encode(),
    "too deep": b'{"a":' * 3_000 + b'"' + SECRET.encode() + b'"',
    "1 MB of secrets": json.dumps({"secrets": [SECRET] * 110_000}).encode(),
    "16 kB of secrets": json.dumps({"password": SECRET, "x": ["y" * 199] * 75}).encode(),
    "more than 1 MB": b'{"x":"' + SECRET.encode() * 300_000 + b'"}',
}


@pytest.mark.parametrize("kind", PERSONAL_BODIES)
def test_a_body_shows_nothing_of_a_person_and_is_small(live: Log, kind: str) -> None:
    body = PERSONAL_BODIES[kind]

    entry = live.of(live.shop.http.post("/v1/analyze", content=body))

    assert 400 == entry["status"]
    assert SECRET not in json.dumps(entry)
    assert len(entry["body"].encode()) <= KEPT_BYTES
    assert entry["bodyBytes"] == min(len(body), entry["bodyBytes"]) > 0
    if kind == "no JSON":
        form = "aaaaa=aaaaa&aaaaa=aaaaa"
        assert f"23 bytes that are no JSON document, of this form: {form}" == entry["body"]


def test_no_key_is_kept_wherever_it_was_sent(live: Log) -> None:
    key = live.shop.key
    odd = wire_request(wire_line(key, sku=key), region=key) | {key: [key]}

    answers = [
        live.shop.post(odd),
        live.shop.http.get(f"/v1/session/{key}", params={"key": key}),
        live.shop.http.post("/v1/analyze", content=key),
        live.admin.get("/admin/v1/requests", params={key: key}),
    ]

    kept = json.dumps([live.of(each) for each in answers])
    assert key not in kept
    assert "[API key]" in kept


def test_the_latest_are_kept_whatever_is_refused_and_the_rest_is_counted(
    own_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood in small: a merchant may have 30 entries here, of which 12 are kept."""
    monkeypatch.setattr(
        request_log, "LIMITS", RequestLogLimits(burst=30, per_second=0.001, at_once=7)
    )
    monkeypatch.setattr(SqlRequestLog.add, "__kwdefaults__", {"kept": 12})
    server = own_server()
    flooded, other = Log(server.a_shop()), Log(server.a_shop())

    statuses = {flooded.shop.http.post("/v1/analyze", content=b"x").status_code for _ in range(60)}
    refused = other.shop.http.post("/v1/analyze", content=b"x")

    other.of(refused)
    assert {400} == statuses, "and every one of them was answered"
    assert 12 == len(flooded.all())
    metrics = server.shared_client.get("/metrics").text
    assert 'orderguard_limits_reached_total{limit="request_log"} 30.0' in metrics


def test_while_the_database_is_away_the_latest_wait_and_the_others_are_counted(
    own_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "LIMITS", RequestLogLimits(waiting=5, pause_seconds=0.01))
    server = own_server()
    log = Log(server.a_shop())
    attempts: list[int] = []

    def fail(*_: object, **__: object) -> None:
        attempts.append(1)
        raise StorageUnavailable("away")

    with pytest.MonkeyPatch.context() as away:
        away.setattr(SqlRequestLog, "add", fail)
        answers = [log.shop.http.post("/v1/analyze", content=b"x") for _ in range(8)]
        wait_until(lambda: len(attempts) > 2)

    log.of(answers[-1])
    assert {400} == {each.status_code for each in answers}
    kept = [each["requestId"] for each in log.all()]
    assert [each.headers["X-Request-Id"] for each in answers[:2:-1]] == kept
    metrics = server.shared_client.get("/metrics").text
    assert 'orderguard_limits_reached_total{limit="request_log"} 3.0' in metrics


def test_what_waits_is_written_when_the_server_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "LIMITS", RequestLogLimits(every_seconds=3_600))
    server = RunningServer(tmp_path)
    shop = server.a_shop()
    shop.http.post("/v1/analyze", content=b"x")
    server.stop()

    database = SqlDatabase(server.settings.database_url)
    with database.read() as work:
        entries = work.request_log.page(shop.id, stored.RequestFilter(), limit=10)
    database.dispose()

    assert ["/v1/analyze"] == [each.path for each in entries]


def test_a_row_that_cannot_be_written_holds_up_no_other(
    own_server: Callable[..., RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(own_server().a_shop())
    real = SqlRequestLog.add
    refusals: list[int] = []

    def fail_once(*arguments: Any, **options: Any) -> None:
        if not refusals:
            refusals.append(1)
            raise ValueError("odd")
        real(*arguments, **options)

    monkeypatch.setattr(SqlRequestLog, "add", fail_once)
    log.shop.http.post("/v1/analyze", content=b"x")
    wait_until(lambda: bool(refusals))

    assert 400 == log.of(log.shop.http.post("/v1/analyze", content=b"x"))["status"]


def test_a_failure_of_ours_is_kept_with_its_code(
    live: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnalyzeCart, "__call__", crash)
        entry = live.of(live.shop.post(wire_request()))

    assert ("failed", 500, "internal_error") == (entry["outcome"], entry["status"], entry["code"])
    assert SECRET not in json.dumps(entry)
