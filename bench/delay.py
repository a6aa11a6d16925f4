"""Measure analyses with a network delay between server and PostgreSQL: `python -m bench.delay`.

A proxy delays each answer of the database by some milliseconds, and carts arrive at a fixed rate. A
first load of each server warms up and is not counted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench.open_loop import RATE, open_loop
from bench.places import work_directory
from bench.postgres import USER, Cluster, postgres
from bench.processes import free_port, running
from bench.report import Rows, number, print_rows
from bench.shop import open_shop
from bench.workload import Target, Workload

DELAYS_MS = (0.0, 1.0, 2.0)
LINES = 10
WARM_UP_SECONDS = 2

COLUMNS = ("ms between", "requests/s", "p50 ms", "p99 ms", "errors", "unanswered")


@contextmanager
def far_server(cluster: Cluster, directory: Path, *, delay_ms: float) -> Iterator[Target]:
    """Orderguard on a fresh database whose answers are each delayed by `delay_ms`."""
    name = f"far-{delay_ms:g}"
    cluster.create_database(name)
    key = open_shop(cluster.url(name))
    between, port = free_port(), free_port()
    network = [sys.executable, "-m", "bench.proxy", str(between), str(cluster.port), str(delay_ms)]
    here = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    server = [sys.executable, "-m", "orderguard", "serve", "--port", str(port)]
    url = {"ORDERGUARD_DATABASE_URL": f"postgresql://{USER}@127.0.0.1:{between}/{name}"}
    with (
        running(f"proxy-{name}", network, port=between, directory=directory, environment=here),
        running(f"server-{name}", server, port=port, directory=directory, environment=url),
    ):
        yield Target(port, key=key)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.delay", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each load (default 5)")
    parser.add_argument("--rate", type=int, default=RATE, help=f"requests/s (default {RATE})")
    arguments = parser.parse_args()
    rows = []
    with work_directory() as directory, postgres(directory) as cluster:
        workload = Workload.of_lines(LINES, directory)
        for delay_ms in DELAYS_MS:
            with far_server(cluster, directory, delay_ms=delay_ms) as target:
                open_loop(target, workload, seconds=WARM_UP_SECONDS, rate=arguments.rate)
                found = open_loop(target, workload, seconds=arguments.seconds, rate=arguments.rate)
            rows.append(
                (
                    number(delay_ms, 0),
                    number(arguments.rate, 0),
                    number(found.wait_ms(0.5), 1),
                    number(found.wait_ms(0.99), 1),
                    number(found.errors, 0),
                    number(found.unanswered, 0),
                )
            )
    print_rows(Rows("An analysis with PostgreSQL further away", COLUMNS, rows), Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
