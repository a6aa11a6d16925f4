"""Chores are done beside the server: whoever of the two dies, the other copes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from orderguard.actions.show_analytics import AnalyticsQuery, show_analytics
from orderguard.domain.analytics.analytics import Measure
from orderguard.running.wiring import now
from orderguard.storage.tables import analyses
from tests.support.server_process import ServerProcess, is_running, wait_until
from tests.support.shop import Shop
from tests.support.wire import wire_request


@pytest.fixture(params=[1, 2], ids=["one process", "two workers"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "orderguard.db", workers=request.param) as server:
        yield server


def _counted(shop: Shop) -> int:
    """The sessions that the rollups know of."""
    with shop.running.database.read() as work:
        query = AnalyticsQuery.parse(first="", last="", at=now())
        return show_analytics(work, shop.id, query).total.count(Measure.ANALYSED)


def _analyze(shop: Shop) -> None:
    assert 200 == shop.http.post("/v1/analyze", json=wire_request()).status_code


def test_one_process_does_the_chores_however_many_answer(server: ServerProcess) -> None:
    server.chores_pid()
    assert 1 == len(server.chores_pids())


def test_chores_go_on_after_their_process_died(server: ServerProcess) -> None:
    shop = server.a_shop()
    pid = server.chores_pid()

    os.kill(pid, signal.SIGKILL)
    _analyze(shop)

    wait_until(lambda: 1 == _counted(shop))
    assert [pid] != server.chores_pids()


def test_the_chores_do_not_outlive_a_killed_server(server: ServerProcess) -> None:
    pid = server.chores_pid()

    server.kill()

    wait_until(lambda: not is_running(pid))


def test_the_chores_end_with_the_server(server: ServerProcess) -> None:
    pid = server.chores_pid()

    server.ask(signal.SIGTERM)

    assert 0 == server.exit_code()
    assert not is_running(pid)


def test_a_merchant_whose_numbers_cannot_be_told_holds_up_nobody_elses(
    server: ServerProcess,
) -> None:
    broken, sound = sorted((server.a_shop(), server.a_shop()), key=lambda shop: shop.id)
    _analyze(broken)
    with server.database.begin() as work:
        # As a newer release might write it.
        work.connection.execute(
            update(analyses)
            .where(analyses.c.merchant_id == broken.id)
            .values(reason="not_known_yet", cart=b"{}", offer=b"{}")
        )
    _analyze(sound)

    wait_until(lambda: 1 == _counted(sound))
