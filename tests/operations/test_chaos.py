"""The long form of failover, by `make chaos`: every event under 2,000 analyses and 200 orders.

The bounds are those that we document. They hold on a machine that is not busy with something else,
so this is no part of `make test`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import psycopg
import pytest

from tests.operations.checkouts import Checkouts
from tests.operations.events import EVENTS, Event
from tests.operations.fleet import Fleet, a_fleet
from tests.operations.judge import assert_nothing_is_lost_or_double
from tests.operations.machines import Machines, three_machines, wait_for

if not os.environ.get("ORDERGUARD_CHAOS"):
    pytest.skip("SKIPPED: the long form is `make chaos`", allow_module_level=True)

ANALYSES, ORDERS = 2_000, 200
HELD_SECONDS = 1.0
ENOUGH = 100
ANSWERED_WITHIN_SECONDS = 5.0
"""A checkout that gets no offer learns so; the journal waits for two seconds at most."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    with three_machines(ttl=20) as machines:
        yield machines


@pytest.fixture(scope="module")
def fleet(machines: Machines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with a_fleet(machines, tmp_path_factory.mktemp("fleet")) as fleet:
        yield fleet


@pytest.mark.parametrize("event", EVENTS, ids=[each.name for each in EVENTS])
def test_an_event_loses_nothing_and_offers_are_soon_back(
    fleet: Fleet, event: Event, capsys: pytest.CaptureFixture[str]
) -> None:
    with Checkouts(fleet, analyses=ANALYSES, orders=ORDERS) as checkouts:
        checkouts.wait_for_share(0.2)
        happened_at = time.monotonic()
        back = event.happen(fleet)
        try:
            checkouts.wait_for_offers(happened_at)
            checkouts.wait_for_share(0.6)
        finally:
            back()  # also for the events that follow
        ledger = checkouts.finish()
        assert_nothing_is_lost_or_double(checkouts)

    away = ledger.offers_away(happened_at)
    with capsys.disabled():
        print(
            f"\n{event.name}: offers away for {away:.1f} s, {ledger.refused} carts without "
            f"(answered within {ledger.slowest_refusal:.1f} s), "
            f"{ledger.repeated} pushes repeated, none lost, none double"
        )
    assert away <= event.seconds
    if event.is_answered_at_once:
        assert ledger.slowest_refusal <= ANSWERED_WITHIN_SECONDS


@pytest.mark.parametrize("synchronous", [True, False], ids=["synchronous", "asynchronous"])
def test_only_synchronous_replication_keeps_what_was_answered_while_it_was_held_up(
    machines: Machines, synchronous: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    machines.set_synchronous(synchronous)
    machines.execute("DROP TABLE IF EXISTS written; CREATE TABLE written (number int)")
    primary = machines.primary()

    # Given a writer, and a primary whose replicas get nothing for a second
    with Writer(machines) as writer:
        wait_for("rows", lambda: len(writer.acknowledged) > ENOUGH)
        primary.hold_replication()
        time.sleep(HELD_SECONDS)
        # When the primary's machine is lost then
        primary.lose()
    acknowledged = writer.acknowledged
    survivor = machines.primary().name
    assert survivor != primary.name

    # Then answered rows are lost without synchronous replication, and none with it
    with psycopg.connect(machines.url()) as connection:
        kept = {row[0] for row in connection.execute("SELECT number FROM written")}
    lost = acknowledged - kept
    primary.start()
    machines.wait_until_whole()
    machines.set_synchronous(True)
    with capsys.disabled():
        print(
            f"\nReplication held up, then the machine lost, "
            f"{'' if synchronous else 'a'}synchronous: {len(lost)} of {len(acknowledged)} "
            f"answered rows lost; {survivor} is the primary"
        )
    assert synchronous == (not lost)


class Writer:
    """Writes numbers, one after the other, until its server is gone."""

    def __init__(self, machines: Machines) -> None:
        self.acknowledged: set[int] = set()
        self._connection = psycopg.connect(machines.url(), autocommit=True)
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._connection.close()

    def _write(self) -> None:
        with suppress(psycopg.Error):
            for number in count():
                self._connection.execute("INSERT INTO written VALUES (%s)", (number,))
                self.acknowledged.add(number)
