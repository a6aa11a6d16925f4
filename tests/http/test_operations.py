"""What operators see: health, readiness, metrics, and one log line per event."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from orderguard.http.metrics import Metrics
from orderguard.running import sockets
from tests.support.databases import sqlite_only
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line, wire_request


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose numbers nobody else moves, with an operations port."""
    listener = sockets.listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    running = RunningServer(tmp_path_factory.mktemp("operations"), operations_port=port)
    yield running
    running.stop()


@pytest.fixture
def shop(server: RunningServer) -> Shop:
    return server.a_shop()


def _operations_url(server: RunningServer) -> str:
    return f"http://127.0.0.1:{server.settings.operations_port}"


def _samples(server: RunningServer) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = server.shared_client.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _moved(
    before: dict[tuple[str, tuple[tuple[str, str], ...]], float],
    after: dict[tuple[str, tuple[tuple[str, str], ...]], float],
    name: str,
    **labels: str,
) -> float:
    key = (name, tuple(sorted(labels.items())))
    return after.get(key, 0) - before.get(key, 0)


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
def test_a_healthy_server_says_so_without_a_key(
    server: RunningServer, path: str, status: str
) -> None:
    for url in (server.url, _operations_url(server)):
        response = httpx.get(url + path)
        assert (200, {"status": status}) == (response.status_code, response.json())
        assert 200 == httpx.head(url + path).status_code


def test_metrics_count_requests_by_route_method_and_status(
    server: RunningServer, shop: Shop
) -> None:
    before = _samples(server)
    session = shop.analyze()["sessionId"]
    shop.post({})
    shop.session(session)
    shop.http.get("/v1/no/such/path")
    after = _samples(server)

    def requests(route: str, method: str, status: str) -> float:
        name = "orderguard_requests_total"
        return _moved(before, after, name, route=route, method=method, status=status)

    assert 1 == requests("analyze", "POST", "200")
    assert 1 == requests("analyze", "POST", "400")
    assert 1 == requests("session", "GET", "200")
    assert 1 == requests("unmatched", "GET", "404")


def test_metrics_time_requests_and_commits(server: RunningServer, shop: Shop) -> None:
    before = _samples(server)
    shop.analyze()
    after = _samples(server)

    for name, labels in (
        ("orderguard_request_seconds", {"route": "analyze"}),
        ("orderguard_commit_seconds", {}),
    ):
        assert 1 == _moved(before, after, f"{name}_count", **labels)
        assert 1 == _moved(before, after, f"{name}_bucket", le="+Inf", **labels)
        assert _moved(before, after, f"{name}_sum", **labels) > 0
    assert 1 == _moved(before, after, "orderguard_analyses_committed_total")


@sqlite_only
def test_analyses_that_arrive_together_share_commits(server: RunningServer, shop: Shop) -> None:
    before = _samples(server)
    file = server.settings.database_url.removeprefix("sqlite:///")
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        ThreadPoolExecutor(16) as it,
    ):
        other.execute("BEGIN IMMEDIATE")
        waiting = [it.submit(shop.analyze) for _ in range(16)]
        time.sleep(0.3)
        other.execute("ROLLBACK")
        assert all(each.result() for each in waiting)
    after = _samples(server)

    assert 16 == _moved(before, after, "orderguard_analyses_committed_total")
    assert _moved(before, after, "orderguard_commit_seconds_count") < 16


def test_metrics_count_offers_by_reason(server: RunningServer, shop: Shop) -> None:
    before = _samples(server)
    shop.analyze()
    shop.analyze(cart={"currencyCode": "EUR"})
    after = _samples(server)

    for reason in ("eligible", "currency_not_supported"):
        assert 1 == _moved(before, after, "orderguard_offers_total", reason=reason)


def test_no_caller_can_invent_labels(server: RunningServer, shop: Shop) -> None:
    for path in ("/v1/analyze/x1", "/x2", "/v1/session/x3"):
        shop.http.request("PROPFIND", path)

    labels = {value for _, pairs in _samples(server) for _, value in pairs}
    assert {"PROPFIND", "x1", "x2", "x3", shop.id}.isdisjoint(labels)
    assert "other" in labels


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_metrics_are_hidden_from_callers_behind_a_proxy(server: RunningServer, header: str) -> None:
    response = server.shared_client.get("/metrics", headers={header: "127.0.0.1"})

    assert 404 == response.status_code
    assert "orderguard_requests_total" not in response.text


def test_the_operations_port_shows_metrics_to_everybody_it_can_reach(
    server: RunningServer,
) -> None:
    response = httpx.get(
        f"{_operations_url(server)}/metrics", headers={"X-Forwarded-For": "192.0.2.1"}
    )

    assert 200 == response.status_code
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "orderguard_requests_total" in response.text


def test_the_operations_port_has_nothing_else(server: RunningServer, shop: Shop) -> None:
    response = httpx.post(
        f"{_operations_url(server)}/v1/analyze",
        json=wire_request(),
        headers={"X-Authorization": shop.key},
    )

    assert 404 == response.status_code


def test_an_operations_port_that_is_taken_is_explained(tmp_path: Path) -> None:
    taken = sockets.listen("127.0.0.1", 0)
    try:
        with pytest.raises(sockets.CannotServe, match="--port"):
            sockets.listen("127.0.0.1", taken.getsockname()[1])
    finally:
        taken.close()


def _events(log: io.StringIO, request_id: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line.get("request_id") == request_id]


def test_an_analysis_is_one_line_with_its_decision_and_its_request(
    shop: Shop, log_lines: io.StringIO
) -> None:
    response = shop.post(wire_request(), headers={"X-Request-Id": "till-1"})

    (line,) = _events(log_lines, "till-1")
    answer = response.json()
    assert {
        "event": "offer.shown",
        "reason": "eligible",
        "merchant": shop.id,
        "session": answer["sessionId"],
        "analysis": 1,
        "subtotal_minor": 50_00,
        "amount_minor": 4_98,
        "currency": "USD",
        "method": "POST",
        "path": "/v1/analyze",
        "status": 200,
    }.items() <= line.items()
    assert line["milliseconds"] > 0


def test_a_hidden_offer_is_logged_with_its_reason(shop: Shop, log_lines: io.StringIO) -> None:
    shop.post(wire_request(cart={"currencyCode": "EUR"}), headers={"X-Request-Id": "till-2"})

    (decision,) = _events(log_lines, "till-2")
    assert ("offer.hidden", "currency_not_supported") == (decision["event"], decision["reason"])


def test_a_rule_that_fails_is_logged_with_its_name_and_the_session(
    server: RunningServer, log_lines: io.StringIO
) -> None:
    shop = server.a_shop(
        rules=[{"name": "divides", "reject_when": "cart.itemCount / (cart.itemCount - 1) > 0"}]
    )
    answer = shop.post(wire_request(), headers={"X-Request-Id": "till-3"}).json()

    assert "rule_evaluation_error" == answer["reason"]
    failure = _events(log_lines, "till-3")[0]
    assert ("rule.failed", answer["sessionId"]) == (failure["event"], failure["session"])
    assert "divides" in failure["rule"]


def test_what_follows_a_rule_that_costs_too_much_fails_unevaluated_and_is_not_all_logged(
    server: RunningServer, log_lines: io.StringIO
) -> None:
    endless = "cart.lines.all(a, cart.lines.all(b, cart.lines.all(c, c.id != 'z')))"
    rules = [{"name": f"rule {n}", "reject_when": endless if not n else "false"} for n in range(50)]
    shop = server.a_shop(rules=rules)
    lines = [wire_line(id=str(number)) for number in range(100)]
    request = wire_request(*lines, debug=True)

    answer = shop.post(request, headers={"X-Request-Id": "till-6"}).json()

    assert "rule_evaluation_error" == answer["reason"]
    failed = [each for each in _events(log_lines, "till-6") if each["event"] == "rule.failed"]
    assert [f"rule {n}" for n in range(10)] == [each["rule"] for each in failed]
    assert "not evaluated: an earlier rule used up the budget" in json.dumps(answer["debug"])


def test_a_refused_request_is_logged_once(shop: Shop, log_lines: io.StringIO) -> None:
    for path in ("/v1/analyze", "/nowhere"):
        log_lines.seek(0)
        log_lines.truncate()
        shop.http.get(path, headers={"X-Request-Id": "till-4"})
        assert ["request"] == [each["event"] for each in _events(log_lines, "till-4")]


def test_the_request_id_is_stored_with_the_analysis(shop: Shop) -> None:
    answer = shop.post(wire_request(), headers={"X-Request-Id": "till-5"}).json()

    with shop.running.database.read() as work:
        session = work.offer_sessions.find(answer["sessionId"])
        assert session
        assert ["till-5"] == [each.request_id for each in work.offer_sessions.analyses(session)]


def test_metrics_start_with_a_registry_of_their_own() -> None:
    assert b"orderguard_offers_total" in Metrics().exposition()
