"""PostgreSQL under Patroni, two servers of ours behind HAProxy: any one machine may die.

The short form, for every run of the tests: one after the other, under one load. `make chaos` is the
long form.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.operations.checkouts import Checkouts
from tests.operations.fleet import a_fleet
from tests.operations.judge import assert_nothing_is_lost_or_double
from tests.operations.machines import PROGRAMS, missing_programs, three_machines

ANALYSES, ORDERS = 2_000, 200

missing = missing_programs(*PROGRAMS, "haproxy")
if missing:
    pytest.skip(
        f"SKIPPED: failover needs {', '.join(missing)}: "
        "apt-get install patroni etcd-server haproxy",
        allow_module_level=True,
    )


def test_a_lost_machine_and_a_killed_server_lose_nothing_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        three_machines(ttl=10) as machines,
        a_fleet(machines, tmp_path) as fleet,
        Checkouts(fleet, analyses=ANALYSES, orders=ORDERS) as checkouts,
    ):
        checkouts.wait_for_share(0.2)
        fleet.kill(1)
        checkouts.wait_for_share(0.4)
        machines.wait_until_whole()
        lost_at = time.monotonic()
        machines.primary().lose()
        away = checkouts.wait_for_offers(lost_at)
        ledger = checkouts.finish()

        assert ledger.refused
        assert_nothing_is_lost_or_double(checkouts)
    with capsys.disabled():
        print(
            f"\nMachine of the primary lost: offers again after {away:.1f} s (ttl 10), "
            f"{ledger.refused} carts without, answered within {ledger.slowest_refusal:.1f} s"
        )
