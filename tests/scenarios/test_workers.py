"""`serve --workers 2`: one service to whoever calls it and to whoever runs it."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.builders import a_document
from tests.support.raw_http import RawConnection, head
from tests.support.server_process import ServerProcess, is_running, run_command, wait_until
from tests.support.shop import Shop
from tests.support.wire import wire_request

EXPERIMENT = {
    "key": "holdout",
    "status": "running",
    "arms": [{"name": "control", "weight": 1, "suppress": True}, {"name": "offered", "weight": 1}],
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "orderguard.db", workers=2) as server:
        yield server


@contextmanager
def _held(pid: int) -> Iterator[None]:
    """The process takes no connection meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _at_each_worker(server: ServerProcess, shop: Shop) -> list[Shop]:
    """The shop with a connection to the one worker, and with one to the other."""
    one, other = server.worker_pids()
    shops = []
    for pid in (other, one):
        with _held(pid):
            there = shop.at(server)
            there.analyze()
            shops.append(there)
    return shops


def test_what_each_worker_refuses_is_in_one_log(server: ServerProcess) -> None:
    shops = _at_each_worker(server, server.a_shop())
    admin = server.client(**{"X-Authorization": shops[0].issue_key("admin").text})

    refused = [each.http.post("/v1/analyze", content=b"x") for _ in range(3) for each in shops]

    def in_the_log() -> list[str]:
        found = admin.get("/admin/v1/requests").json()["requests"]
        return sorted(each["requestId"] for each in found)

    assert {400} == {each.status_code for each in refused}
    wanted = sorted(each.headers["X-Request-Id"] for each in refused)
    wait_until(lambda: in_the_log() == wanted)


def test_a_publication_and_a_revocation_by_a_command_reach_every_worker(
    server: ServerProcess, tmp_path: Path
) -> None:
    shop = server.a_shop()
    shops = _at_each_worker(server, shop)
    document = tmp_path / "configuration.json"
    document.write_text(json.dumps(a_document(enabled=False)))

    run_command(server.path, "config", "publish", shop.id, str(document))
    for each in shops:
        wait_until(lambda at=each: "order_protection_disabled" == at.analyze()["reason"])

    run_command(server.path, "keys", "revoke", shop.issued.key.id)
    for each in shops:
        wait_until(lambda at=each: 401 == at.post(wire_request()).status_code)


@pytest.mark.parametrize("experiments", [[], [EXPERIMENT]], ids=["plain", "experiment"])
def test_64_first_calls_at_both_workers_make_one_session(
    server: ServerProcess, experiments: list[Any]
) -> None:
    shop = server.a_shop(experiments=experiments)
    shops = _at_each_worker(server, shop)
    both_at_once = threading.Barrier(64)

    def call(number: int, cart_id: str) -> dict[str, Any]:
        both_at_once.wait(timeout=30)
        return shops[number % 2].analyze(cartId=cart_id, experimentationConsent=True)

    for cart_id in ("one", "two", "three"):
        with ThreadPoolExecutor(64) as callers:
            calls = [callers.submit(call, number, cart_id) for number in range(64)]
            answers = [each.result() for each in calls]

        assert 1 == len({each["sessionId"] for each in answers})
        assert list(range(1, 65)) == sorted(each["metadata"]["analysisCount"] for each in answers)
        assert 1 == len({each["metadata"]["experimentCohort"] for each in answers})


def test_workers_that_are_busy_at_once_both_record_and_find_what_the_other_recorded(
    server: ServerProcess,
) -> None:
    shop = server.a_shop()
    at_one, at_other = _at_each_worker(server, shop)

    def call(at: Shop, name: str) -> list[dict[str, Any]]:
        return [at.analyze(cartId=f"{name}-{number}") for number in range(60)]

    with ThreadPoolExecutor(2) as callers:
        calls = [callers.submit(call, at_one, "one"), callers.submit(call, at_other, "other")]
        by_one, by_other = [each.result() for each in calls]

    for found_at, answers in ((at_one, by_other), (at_other, by_one)):
        for answer in answers:
            session = found_at.session(answer["sessionId"]).json()
            assert answer["chargeInstructions"] == session["chargeInstructions"]
            assert answer["chargeInstructions"]["amount"] > 0


class Callers:
    """Callers that keep analysing, whatever happens to a worker, and remember every answer."""

    def __init__(self, shop: Shop, count: int) -> None:
        self.answers: list[dict[str, Any]] = []
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(count)
        self._calls = [self._pool.submit(self._call, shop, number) for number in range(count)]

    def _call(self, shop: Shop, caller: int) -> None:
        client = shop.running.client(**{"X-Authorization": shop.key})
        number = 0
        while not self._enough.is_set():
            number += 1
            try:
                answer = client.post(
                    "/v1/analyze", json=wire_request(cartId=f"{caller}-{number // 3}")
                )
            except httpx.TransportError:
                continue
            assert 200 == answer.status_code, answer.text
            self.answers.append(answer.json())

    def reach(self, more: int) -> None:
        """Wait for so many answers more."""
        goal = len(self.answers) + more
        wait_until(lambda: len(self.answers) >= goal)

    def finish(self) -> None:
        self._enough.set()
        for each in self._calls:
            each.result()
        self._pool.shutdown()


def test_killed_workers_are_replaced_and_lose_nothing_that_was_answered(
    server: ServerProcess,
) -> None:
    shop = server.a_shop()
    callers = Callers(shop, 8)

    for _ in range(3):
        before = server.worker_pids()
        callers.reach(more=200)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda old=before: _is_complete_without(server, old[0]))
    callers.reach(more=200)
    callers.finish()

    counts: dict[str, int] = {}
    for answer in callers.answers:
        session, count = answer["sessionId"], answer["metadata"]["analysisCount"]
        counts[session] = max(count, counts.get(session, 0))
    for session, count in counts.items():
        assert shop.session(session).json()["metadata"]["analysisCount"] >= count


def _is_complete_without(server: ServerProcess, pid: int) -> bool:
    pids = server.worker_pids()
    return 2 == len(pids) and pid not in pids


@pytest.mark.parametrize(
    "stop",
    [lambda server: server.ask(signal.SIGTERM), lambda server: server.press_ctrl_c()],
    ids=["SIGTERM", "Ctrl-C"],
)
def test_all_workers_stop_in_an_orderly_way(
    server: ServerProcess, stop: Callable[[ServerProcess], None]
) -> None:
    shop = server.a_shop()
    begun = [_begun_at_worker(server, shop, pid) for pid in server.worker_pids()]
    pids = server.worker_pids()

    stop(server)
    for connection, second_half in begun:
        # Both are in flight until now, and both are told so.
        with connection:
            connection.send(second_half)
            assert 200 == connection.answer().status

    assert 0 == server.exit_code()
    assert [] == [pid for pid in pids if is_running(pid)]
    with server.database.read() as work:
        key = work.api_keys.find(shop.issued.key.id)
    assert key
    assert key.last_used_at


def _begun_at_worker(server: ServerProcess, shop: Shop, pid: int) -> tuple[RawConnection, bytes]:
    """A request of which this worker has the first half, and the second half."""
    (other,) = set(server.worker_pids()) - {pid}
    body = json.dumps(wire_request()).encode()
    with _held(other):
        connection = RawConnection(server.url)
        headers = {"X-Authorization": shop.key, "Content-Length": str(len(body))}
        connection.send(head("POST", "/v1/analyze", headers), body[:100], pause_seconds=0.3)
    return connection, body[100:]


def test_asking_twice_stops_all_workers_at_once(tmp_path: Path) -> None:
    database = tmp_path / "orderguard.db"
    with ServerProcess(database, workers=2, shutdown_seconds="600") as server:
        shop = server.a_shop()
        begun = [_begun_at_worker(server, shop, pid) for pid in server.worker_pids()]

        server.ask(signal.SIGTERM)
        server.wait_until_it_takes_no_more()
        server.ask(signal.SIGTERM)

        assert 0 == server.exit_code()
        for connection, _ in begun:
            connection.socket.close()


def test_workers_do_not_outlive_their_parent(server: ServerProcess) -> None:
    pids = server.worker_pids()

    server.kill()

    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_metrics_of_all_workers_are_counted_together(server: ServerProcess) -> None:
    shops = _at_each_worker(server, server.a_shop())

    for each in shops:
        for _ in range(9):
            each.analyze()

    # One analysis each was made to get there.
    assert [20, 20] == [_analyses_counted(each) for each in shops]

    os.kill(server.worker_pids()[0], signal.SIGKILL)
    wait_until(lambda: 200 == server.client().get("/healthz").status_code)
    assert 20 == _analyses_counted(shops[0].at(server))


def _analyses_counted(shop: Shop) -> float:
    metrics = text_string_to_metric_families(shop.http.get("/metrics").text)
    (committed,) = [each for each in metrics if "orderguard_analyses_committed" == each.name]
    return sum(sample.value for sample in committed.samples if sample.name.endswith("_total"))
