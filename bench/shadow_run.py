"""How many sessions a shadow run replays in a second of one core.

`python -m bench.shadow_run` fills a temporary SQLite file with sessions of the demo's carts,
decided by the demo's configuration with its rules, and replays them against a draft with other
prices. With `--older` the stored answers are of an older version: every cart is decided twice.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import insert

import orderguard.demo
from bench.places import work_directory
from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.publish_configuration import publish_configuration, read_configuration
from orderguard.actions.shadow_run import shadow_run
from orderguard.demo.carts import demo_carts
from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import MerchantId
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.people.audit import Actor, Change
from orderguard.http.wire.cart import analysis_request_from_wire
from orderguard.randomness import new_merchant_id, new_session_id
from orderguard.rules.cel import CelCompiler
from orderguard.running.wiring import now
from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase
from orderguard.storage.rows import cart_to_row, offer_to_row
from orderguard.storage.tables import analyses, offer_sessions

START = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 5_000


def fill(
    database: SqlDatabase,
    merchant: MerchantId,
    carts: Sequence[Cart],
    configuration: MerchantConfiguration | None,
    *,
    version: int,
    sessions: int,
) -> None:
    """So many sessions of these carts in turn, each with one analysis."""
    rows = []
    for cart in carts:
        offer = make_offer(cart, configuration)
        rows.append((cart_to_row(cart), offer_to_row(offer), offer))
    for begin in range(0, sessions, BATCH):
        numbers = range(begin, min(begin + BATCH, sessions))
        ids = [new_session_id(now()) for _ in numbers]
        with database.begin() as work:
            work.connection.execute(
                insert(offer_sessions),
                [
                    {
                        "merchant_id": merchant,
                        "id": id_,
                        "created_at": START + timedelta(seconds=number),
                        "updated_at": START + timedelta(seconds=number),
                        "analysis_count": 1,
                        "ever_eligible": rows[number % len(rows)][2].eligible,
                        "is_kept": False,
                    }
                    for number, id_ in zip(numbers, ids, strict=True)
                ],
            )
            work.connection.execute(
                insert(analyses),
                [
                    {
                        "merchant_id": merchant,
                        "session_id": id_,
                        "ordinal": 1,
                        "analysed_at": START + timedelta(seconds=number),
                        "configuration_version": version,
                        "request_id": f"req_{number}",
                        "reason": rows[number % len(rows)][2].reason,
                        "cart": rows[number % len(rows)][0],
                        "offer": rows[number % len(rows)][1],
                    }
                    for number, id_ in zip(numbers, ids, strict=True)
                ],
            )


def main() -> None:
    """Fill, replay, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--older", action="store_true")
    options = parser.parse_args()
    with work_directory() as directory:
        found = sessions_per_second(
            directory, options.sessions, options.rounds, is_older=options.older
        )
    print(f"{found:8.0f} sessions per second of CPU, the median")


def sessions_per_second(directory: Path, sessions: int, rounds: int, *, is_older: bool) -> float:
    """Sessions replayed in a second of one core: the median of the rounds. Prints each round."""
    source = files(orderguard.demo).joinpath("merchant.toml").read_text(encoding="utf-8")
    compiler = CelCompiler()
    database = SqlDatabase(f"sqlite:///{directory / f'shadow-{is_older}.db'}")
    schema.upgrade(database)
    by = Actor("bench")
    merchant = create_merchant(
        database, "bench", new_id=new_merchant_id(), change=Change(by, START)
    ).id
    publish_configuration(database, compiler, merchant, source, change=Change(by, START))
    requests = [
        analysis_request_from_wire(each.request, request_id="bench")[0] for each in demo_carts()
    ]
    carts = [request.cart for request in requests]
    configuration = read_configuration(source, compiler)
    fill(
        database,
        merchant,
        carts,
        configuration,
        version=0 if is_older else 1,
        sessions=sessions,
    )
    lines = sum(len(cart.lines) for cart in carts) / len(carts)
    print(f"{sessions} sessions, {lines:.1f} lines and {len(configuration.rules)} rules each")
    draft = re.sub(r"rate_bps = (\d+)", lambda found: f"rate_bps = {int(found[1]) + 10}", source)
    found = []
    for _ in range(rounds):
        began, began_cpu = perf_counter(), process_time()
        report = shadow_run(
            database, compiler, merchant, draft, last=sessions, goes_on=lambda _replayed: True
        )
        seconds, cpu = perf_counter() - began, process_time() - began_cpu
        assert report is not None
        assert sessions == report.sessions
        print(f"{sessions / seconds:8.0f} sessions/s, {sessions / cpu:8.0f} per second of CPU")
        found.append(sessions / cpu)
    database.dispose()
    return median(found)


if __name__ == "__main__":
    main()
