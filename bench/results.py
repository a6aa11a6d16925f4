"""The results of a run, and which promises they keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.comparison import Standing
from bench.figures import marginal_costs, ratio, spread
from bench.machine import Machine
from bench.scaling import Point

OURS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A promise about a number, the measured value, and whether the promise is kept."""

    promise: str
    found: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Results:
    machine: Machine
    standings: list[Standing]
    points: list[Point]
    notes: list[str]
    settings: dict[str, object]

    def standing(self, name: str) -> Standing | None:
        return next((each for each in self.standings if each.name == name), None)

    def series(self, section: str, name: str) -> list[Point]:
        return [p for p in self.points if p.section == section and p.name == name]

    def cpu_us(self, section: str, size: int) -> float | None:
        return next((p.cpu_us for p in self.series(section, "sqlite") if p.size == size), None)

    def write(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        document = asdict(self) | {"verdicts": [asdict(each) for each in verdicts(self)]}
        file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def verdicts(results: Results) -> list[Verdict]:
    """The verdict on each promise that this run can judge."""
    return [
        *_against_the_baseline(results),
        *_against_the_ceiling(results),
        *_against_the_sketch(results),
        *_steady(results),
        *_nothing_lost(results),
        *_sessions(results),
        *_lines(results),
        *_rules(results),
    ]


def _of_ours(results: Results) -> Iterator[Standing]:
    return (each for each in results.standings if each.name in OURS)


def _against_the_baseline(results: Results) -> Iterator[Verdict]:
    baseline = results.standing("fastapi")
    if baseline is None:
        return
    for ours in _of_ours(results):
        speed = ratio(ours.requests_per_second, baseline.requests_per_second)
        if speed is not None:
            wanted = 14 if ours.name == "postgresql" else 12
            promise = f"{ours.title}: at least {wanted} times the requests/s of the ORM baseline"
            yield Verdict(promise, f"{speed:.1f} times", speed >= wanted)
        wait = ratio(ours.steady_p99_ms, baseline.steady_p99_ms)
        if wait is not None:
            promise = f"{ours.title}: p99 at 500 requests/s at most 1/10 of the baseline's"
            yield Verdict(promise, f"1/{1 / wait:.1f}", wait <= 0.1)


def _against_the_ceiling(results: Results) -> Iterator[Verdict]:
    ceiling = results.standing("empty")
    for ours in _of_ours(results):
        share = ratio(ours.requests_per_second, ceiling.requests_per_second if ceiling else None)
        if share is not None:
            promise = f"{ours.title}: at least 25% of the empty handler's requests/s"
            yield Verdict(promise, f"{share:.0%}", share >= 0.25)


def _against_the_sketch(results: Results) -> Iterator[Verdict]:
    sketch = results.standing("sketch")
    for ours in _of_ours(results):
        cost = ratio(ours.cpu_us, sketch.cpu_us if sketch else None)
        if cost is not None:
            promise = f"{ours.title}: at most 1.3 times the CPU of the sketch"
            yield Verdict(promise, f"{cost:.1f} times", cost <= 1.3)


def _steady(results: Results) -> Iterator[Verdict]:
    for ours in _of_ours(results):
        if ours.steady_p99_ms is not None:
            promise = f"{ours.title}: p99 below 10 ms at 500 requests/s"
            yield Verdict(promise, f"{ours.steady_p99_ms:.1f} ms", ours.steady_p99_ms < 10)


def _nothing_lost(results: Results) -> Iterator[Verdict]:
    for ours in _of_ours(results):
        promise = f"{ours.title}: every answered analysis is in the database"
        yield Verdict(promise, f"{ours.lost} missing", ours.lost == 0)


def _sessions(results: Results) -> Iterator[Verdict]:
    for name in OURS:
        points = results.series("sessions", name)
        difference = spread(p.requests_per_second for p in points)
        if len(points) > 1 and difference is not None:
            sizes = f"{points[0].size:,} to {points[-1].size:,}"
            promise = f"{name}: requests/s flat within 15 % from {sizes} sessions"
            yield Verdict(promise, f"{difference:.0%}", difference <= 0.15)


def _lines(results: Results) -> Iterator[Verdict]:
    points = [(p.size, p.cpu_us) for p in results.series("lines", "sqlite") if p.cpu_us]
    if len(points) < 3:
        return
    *_, before, last = marginal_costs(points)
    found = f"{before:.2f} µs, then {last:.2f} µs per line"
    promise = "Cost per line linear: a line of the largest carts costs at most 1.25 times another"
    yield Verdict(promise, found, last <= before * 1.25)
    size, cost = points[-1]
    promise = f"A cart of {size:,} lines costs at most 4 ms of CPU"
    yield Verdict(promise, f"{cost / 1000:.2f} ms", cost <= 4000)


def _rules(results: Results) -> Iterator[Verdict]:
    without, with_all = results.cpu_us("rules", 0), results.cpu_us("rules", 100)
    if without is not None and with_all is not None:
        cost = (with_all - without) / 1000
        yield Verdict("A hundred rules cost at most 1 ms of CPU", f"{cost:.2f} ms", cost <= 1)
