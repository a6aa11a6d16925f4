"""Measure all contenders in turns: A B C D E, A B C D E, and so on.

A disturbance of the machine then hits all of them alike, and the median over the rounds drops it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.bench import Bench
from bench.contenders import CONTENDERS, TITLES, Contender
from bench.figures import median
from bench.measure import Load, WrongAnswer, measure_load, require_offer
from bench.open_loop import OpenLoop, open_loop
from bench.processes import CannotStart
from bench.shop import OrderguardRefused
from bench.workload import Workload

LINES = 10
WARM_UP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of one contender: medians over the rounds."""

    name: str
    title: str
    requests_per_second: float | None
    p50_ms: float | None
    p99_ms: float | None
    steady_p50_ms: float | None
    steady_p99_ms: float | None
    steady_p999_ms: float | None
    cpu_us: float | None
    database_cpu_us: float | None
    memory_mb: float | None
    database_memory_mb: float | None
    errors: int
    unanswered: int
    lost: int
    """Answered analyses that are not in the database."""
    rounds: list[float]
    """Requests per second of each round."""


@dataclass(slots=True)
class _Rounds:
    contender: Contender
    loads: list[Load]
    steady: list[OpenLoop]
    stored_before: int = 0


def compare(bench: Bench) -> list[Standing]:
    """Start every contender that is wanted and can run here, and measure them in turns."""
    workload = Workload.of_lines(LINES, bench.directory)
    with ExitStack() as stack:
        entries = [_Rounds(each, [], []) for each in _start(bench, stack)]
        _require_same_fee([each.contender for each in entries], workload)
        for each in entries:
            measure_load(each.contender, workload, seconds=WARM_UP_SECONDS)
            if each.contender.stored:
                each.stored_before = each.contender.stored()
        for number in range(bench.options.rounds):
            for each in entries:
                with _alone(each, entries):
                    _take_turn(bench, each, workload, number)
        return [_standing(each) for each in entries]


def _start(bench: Bench, stack: ExitStack) -> list[Contender]:
    started = []
    for name, start in CONTENDERS.items():
        if not bench.options.wants(name):
            continue
        try:
            started.append(stack.enter_context(start(bench)))
        except (CannotStart, OrderguardRefused) as refusal:
            bench.note(f"Without {TITLES[name]}: {refusal}")
    return started


def _require_same_fee(contenders: Sequence[Contender], workload: Workload) -> None:
    """Whoever decides must decide the same, or they are not doing the same work."""
    fees = {each.name: require_offer(each, workload) for each in contenders if each.decides}
    if len(set(fees.values())) > 1:
        raise WrongAnswer(f"The contenders want different fees for the same cart: {fees}")


@contextmanager
def _alone(each: _Rounds, entries: Sequence[_Rounds]) -> Iterator[None]:
    """The others rest: what a load left them to do must not be done in somebody else's turn."""
    with ExitStack() as stack:
        for other in entries:
            if other is not each:
                stack.enter_context(other.contender.app.paused())
        yield


def _take_turn(bench: Bench, each: _Rounds, workload: Workload, number: int) -> None:
    title = TITLES[each.contender.name]
    with bench.console.status(f"Round {number + 1} of {bench.options.rounds}: {title}"):
        if each.contender.database:
            # Nobody pays for the pages that somebody else has left unwritten.
            bench.cluster.run("CHECKPOINT;")
        seconds = bench.options.seconds
        each.loads.append(measure_load(each.contender, workload, seconds=seconds))
        each.steady.append(open_loop(each.contender.target, workload, seconds=seconds))


def _standing(each: _Rounds) -> Standing:
    loads, steady, contender = each.loads, each.steady, each.contender
    answered = sum(load.requests - load.errors for load in loads) + sum(
        len(loop.waits_ms) - loop.unanswered - loop.errors for loop in steady
    )
    stored = contender.stored() - each.stored_before if contender.stored else answered
    return Standing(
        name=contender.name,
        title=TITLES[contender.name],
        requests_per_second=median(load.requests_per_second for load in loads),
        p50_ms=median(load.p50_ms for load in loads),
        p99_ms=median(load.p99_ms for load in loads),
        steady_p50_ms=median(loop.wait_ms(0.5) for loop in steady),
        steady_p99_ms=median(loop.wait_ms(0.99) for loop in steady),
        steady_p999_ms=median(loop.wait_ms(0.999) for loop in steady),
        cpu_us=median(load.cpu_us for load in loads),
        database_cpu_us=median(load.database_cpu_us for load in loads),
        memory_mb=median(load.memory_mb for load in loads),
        database_memory_mb=median(load.database_memory_mb for load in loads),
        errors=sum(load.errors for load in loads) + sum(loop.errors for loop in steady),
        unanswered=sum(loop.unanswered for loop in steady),
        lost=max(0, answered - stored),
        rounds=[load.requests_per_second for load in loads],
    )
