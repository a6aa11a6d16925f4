"""Measure how the cost grows with lines, rules, stored sessions and worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace

from bench.bench import Bench
from bench.closed_loop import CONNECTIONS, LoadFailed
from bench.comparison import LINES
from bench.contenders import (
    Contender,
    fastapi_orm,
    orderguard_on_postgresql,
    orderguard_on_sqlite,
)
from bench.figures import median
from bench.measure import Load, WrongAnswer, measure_load, require_offer
from bench.processes import CannotStart
from bench.sessions import fill_postgresql, fill_sqlite
from bench.shop import OrderguardRefused, open_shop
from bench.workload import Workload

LINE_COUNTS = (1, 10, 100, 1000)
RULE_COUNTS = (0, 10, 100)
SESSION_COUNTS = (10**3, 10**4, 10**5)
SESSION_COUNTS_FULL = (*SESSION_COUNTS, 10**6)
WORKER_COUNTS = (1, 2)


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of one contender at one size."""

    section: str
    name: str
    size: int
    requests_per_second: float | None
    p99_ms: float | None
    cpu_us: float | None
    database_cpu_us: float | None
    memory_mb: float | None
    errors: int


@dataclass(frozen=True, slots=True)
class _Case:
    size: int
    contender: Contender
    workload: Workload
    connections: int = CONNECTIONS

    def measure(self, *, seconds: float) -> Load:
        return measure_load(
            self.contender, self.workload, seconds=seconds, connections=self.connections
        )


def scale(bench: Bench) -> list[Point]:
    """Measure all sections that are wanted and for which there is time."""
    points: list[Point] = []
    for name, (section, seconds) in _SECTIONS.items():
        if not bench.options.wants(name):
            continue
        if not bench.has_time_for(seconds):
            bench.note(f"Without the section {name}: no time left. Run it with --only {name}.")
            continue
        with bench.console.status(f"Scaling: {name}"), ExitStack() as stack:
            try:
                points += _measure(bench, name, list(section(bench, stack)))
            except (WrongAnswer, LoadFailed, OSError) as error:
                # What the other sections and the comparison found is worth keeping.
                bench.note(f"The section {name} failed: {error!r}")
    return points


def _measure(bench: Bench, section: str, cases: Sequence[_Case]) -> list[Point]:
    """The cases take turns, too."""
    loads: list[list[Load]] = [[] for _ in cases]
    for case in cases:
        require_offer(case.contender, case.workload)
        case.measure(seconds=1)
    for _ in range(bench.options.short_rounds):
        for case, found in zip(cases, loads, strict=True):
            found.append(case.measure(seconds=bench.options.short_seconds))
    return [_point(section, case, found) for case, found in zip(cases, loads, strict=True)]


def _point(section: str, case: _Case, loads: Sequence[Load]) -> Point:
    return Point(
        section=section,
        name=case.contender.name,
        size=case.size,
        requests_per_second=median(load.requests_per_second for load in loads),
        p99_ms=median(load.p99_ms for load in loads),
        cpu_us=median(load.cpu_us for load in loads),
        database_cpu_us=median(load.database_cpu_us for load in loads),
        memory_mb=median(load.memory_mb for load in loads),
        errors=sum(load.errors for load in loads),
    )


def _lines(bench: Bench, stack: ExitStack) -> Iterator[_Case]:
    contender = stack.enter_context(orderguard_on_sqlite(bench))
    for lines in LINE_COUNTS:
        # Few callers, because what they leave unfinished at the end is paid for and not counted.
        yield _Case(lines, contender, Workload.of_lines(lines, bench.directory), connections=4)


def _rules(bench: Bench, stack: ExitStack) -> Iterator[_Case]:
    file = bench.directory / "rules.db"
    keys = [open_shop(f"sqlite:///{file}", name=f"rules-{n}", rules=n) for n in RULE_COUNTS]
    contender = stack.enter_context(orderguard_on_sqlite(bench, file=file, key=keys[0]))
    workload = Workload.of_lines(LINES, bench.directory)
    for rules, key in zip(RULE_COUNTS, keys, strict=True):
        yield _Case(rules, replace(contender, target=replace(contender.target, key=key)), workload)


def _sessions(bench: Bench, stack: ExitStack) -> Iterator[_Case]:
    counts = SESSION_COUNTS_FULL if bench.options.full else SESSION_COUNTS
    for start in (_seeded_sqlite, _seeded_postgresql):
        for count in counts:
            contender = _start(bench, stack, lambda s=start, n=count: s(bench, n))  # type: ignore[misc]
            if contender is None:
                break
            workload = Workload.of_lines(LINES, bench.directory, seeded=count)
            yield _Case(count, contender, workload)


def _seeded_sqlite(bench: Bench, count: int) -> AbstractContextManager[Contender]:
    file = bench.directory / f"sessions-{count}.db"
    key = open_shop(f"sqlite:///{file}")
    with orderguard_on_sqlite(bench, file=file, key=key) as contender:
        require_offer(contender, Workload.of_lines(LINES, bench.directory))
    fill_sqlite(file, count)
    return orderguard_on_sqlite(bench, file=file, key=key)


def _seeded_postgresql(bench: Bench, count: int) -> AbstractContextManager[Contender]:
    database = f"sessions-{count}"
    bench.cluster.create_database(database)
    key = open_shop(bench.cluster.url(database))
    with orderguard_on_postgresql(bench, database=database, key=key) as contender:
        require_offer(contender, Workload.of_lines(LINES, bench.directory))
    fill_postgresql(bench, database, count)
    return orderguard_on_postgresql(bench, database=database, key=key)


def _workers(bench: Bench, stack: ExitStack) -> Iterator[_Case]:
    workload = Workload.of_lines(LINES, bench.directory)
    for start in (orderguard_on_sqlite, orderguard_on_postgresql, fastapi_orm):
        for workers in WORKER_COUNTS:
            contender = _start(bench, stack, lambda s=start, n=workers: s(bench, workers=n))  # type: ignore[misc]
            if contender is None:
                break
            yield _Case(workers, contender, workload)


def _start(
    bench: Bench, stack: ExitStack, start: Callable[[], AbstractContextManager[Contender]]
) -> Contender | None:
    try:
        return stack.enter_context(start())
    except (CannotStart, OrderguardRefused) as refusal:
        bench.note(f"A scaling run is skipped: {refusal}")
        return None


_SECTIONS: dict[str, tuple[Callable[[Bench, ExitStack], Iterator[_Case]], float]] = {
    "lines": (_lines, 25),
    "rules": (_rules, 20),
    "sessions": (_sessions, 50),
    "workers": (_workers, 40),
}
"""Each section, and about how many seconds it takes."""

SECTION_NAMES = tuple(_SECTIONS)
