"""The command `python -m bench`: measure, print the tables, and publish them if asked to."""

from __future__ import annotations

import argparse
import signal
import sys

from rich.console import Console

from bench.bench import Bench, Options
from bench.charts import write_charts
from bench.comparison import compare
from bench.contenders import CONTENDERS
from bench.environment import HERE, baseline_python
from bench.machine import (
    NotPrepared,
    busy_share,
    describe_machine,
    lies_in_memory,
    require_tools,
)
from bench.page import DOCS, publish
from bench.places import work_directory
from bench.postgres import postgres
from bench.report import print_report
from bench.results import Results
from bench.scaling import SECTION_NAMES, scale

BUSY_AT_MOST = 0.1
_RESULTS = HERE / "results"


def main() -> int:
    """Run the benchmark. Exit codes: 0 measured, 1 not prepared, 130 interrupted."""
    # Without a terminal, such as in a log, there is room enough for the tables.
    console = Console(width=None if sys.stdout.isatty() else 150)
    arguments = _arguments()
    options = Options(
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        only=frozenset(arguments.only or ()),
        full=arguments.full,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_tools()
        if not options.only or options.only & {"fastapi", "workers"}:
            baseline_python()
        results = _run(options, console)
    except NotPrepared as error:
        console.print(str(error), style="red", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; everything is stopped and removed.")
        return 130
    print_report(results, console)
    results.write(_RESULTS / "latest.json")
    write_charts(results, DOCS if arguments.publish else _RESULTS)
    if arguments.publish:
        publish(results)
    console.print(f"Written to {_RESULTS}/latest.json")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=3, help="rounds (default 3)")
    parser.add_argument(
        "--seconds", type=_positive, default=3, help="of each load in a round (default 3)"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[*CONTENDERS, *SECTION_NAMES],
        help="this contender or section; repeatable",
    )
    parser.add_argument(
        "--full", action="store_true", help="up to a million sessions, and no limit of five minutes"
    )
    parser.add_argument(
        "--publish", action="store_true", help="write docs/performance.md and its charts"
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return number


def _run(options: Options, console: Console) -> Results:
    with work_directory() as directory, postgres(directory) as cluster:
        bench = Bench(directory, cluster, options, console)
        if lies_in_memory(directory):
            bench.note(f"{directory} is in memory, so durable writes cost nothing in this run.")
        if (busy := busy_share()) > BUSY_AT_MOST:
            bench.note(f"Others use {busy:.0%} of the processors: no figure here is to be trusted.")
        machine = describe_machine(directory, postgresql=cluster.version)
        standings = compare(bench)
        points = scale(bench)
        settings: dict[str, object] = {
            "rounds": options.rounds,
            "seconds": options.seconds,
            "full": options.full,
            "took_seconds": round(bench.seconds_passed),
        }
        return Results(machine, standings, points, bench.notes, settings)


if __name__ == "__main__":
    sys.exit(main())
