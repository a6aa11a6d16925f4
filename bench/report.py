"""The tables of a run, as rows of text: for the terminal, and for the page in `docs/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from bench.closed_loop import CONNECTIONS
from bench.comparison import Standing
from bench.contenders import TITLES
from bench.figures import ratio
from bench.open_loop import RATE
from bench.results import Results, verdicts
from bench.scaling import Point

_SECTIONS = {
    "lines": ("Lines in the cart", "lines"),
    "rules": ("Merchant rules (CEL)", "rules"),
    "sessions": ("Stored sessions", "sessions"),
    "workers": ("Worker processes", "workers"),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of texts: its title, its column headings, and its rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def tables(results: Results) -> list[Rows]:
    """All tables with figures, in the order in which they are shown."""
    found = [_speed(results), _cost(results), _ratios(results)]
    found += [_scaling(results, section) for section in _SECTIONS]
    found.append(_verdicts(results))
    return [each for each in found if each.rows]


def print_report(results: Results, console: Console) -> None:
    for rows in tables(results):
        print_rows(rows, console)


def print_rows(rows: Rows, console: Console) -> None:
    table = Table(title=rows.title, box=box.SIMPLE, title_justify="left")
    for number_, column in enumerate(rows.columns):
        is_text = all(not row[number_][:1].isdigit() for row in rows.rows)
        table.add_column(column, justify="left" if is_text else "right")
    for row in rows.rows:
        table.add_row(*row)
    console.print(table)


def as_markdown(rows: Rows) -> str:
    lines = [
        "| " + " | ".join(rows.columns) + " |",
        "| --- |" + " ---: |" * (len(rows.columns) - 1),
        *("| " + " | ".join(row) + " |" for row in rows.rows),
    ]
    return "\n".join(lines)


def _speed(results: Results) -> Rows:
    title = f"A cart of ten lines: {CONNECTIONS} connections; then {RATE} requests/s by the clock"
    steady = (f"p50 @{RATE}/s", f"p99 @{RATE}/s", f"p99.9 @{RATE}/s")
    columns = ("milliseconds", "requests/s", "p50", "p99", *steady, "errors", "unanswered")
    return Rows(title, columns, [_speed_row(each) for each in results.standings])


def _speed_row(each: Standing) -> tuple[str, ...]:
    return (
        each.title,
        number(each.requests_per_second, 0),
        number(each.p50_ms, 2),
        number(each.p99_ms, 2),
        number(each.steady_p50_ms, 2),
        number(each.steady_p99_ms, 2),
        number(each.steady_p999_ms, 2),
        str(each.errors),
        str(each.unanswered),
    )


def _cost(results: Results) -> Rows:
    columns = ("", "CPU µs per request", "of the database", "memory MB", "of the database")
    rows = [
        (
            each.title,
            number(each.cpu_us, 0),
            number(each.database_cpu_us, 0),
            number(each.memory_mb, 0),
            number(each.database_memory_mb, 0),
        )
        for each in results.standings
    ]
    return Rows("What it costs", columns, rows)


def _ratios(results: Results) -> Rows:
    others = [
        each for name in ("fastapi", "sketch", "empty", "nginx") if (each := results.standing(name))
    ]
    rows = []
    for name in ("sqlite", "postgresql"):
        ours = results.standing(name)
        if ours:
            speeds = [ratio(ours.requests_per_second, o.requests_per_second) for o in others]
            rows.append((ours.title, *(f"{number(speed, 2)}" for speed in speeds)))
    return Rows("Requests/s, as a multiple of", ("", *(each.title for each in others)), rows)


def _scaling(results: Results, section: str) -> Rows:
    title, unit = _SECTIONS[section]
    points = [point for point in results.points if point.section == section]
    columns: tuple[str, ...]
    columns = ("", unit, "requests/s", "p99 ms", "CPU µs", "database CPU µs", "MB", "errors")
    if section == "lines":
        columns = (*columns, "CPU µs per line")
    return Rows(title, columns, [_point(point) for point in points])


def _point(point: Point) -> tuple[str, ...]:
    row = (
        TITLES[point.name],
        f"{point.size:,}",
        number(point.requests_per_second, 0),
        number(point.p99_ms, 2),
        number(point.cpu_us, 0),
        number(point.database_cpu_us, 0),
        number(point.memory_mb, 0),
        str(point.errors),
    )
    if point.section == "lines":
        return (*row, number(point.cpu_us / point.size if point.cpu_us else None, 1))
    return row


def _verdicts(results: Results) -> Rows:
    rows = [
        (each.promise, each.found, "kept" if each.kept else "MISSED") for each in verdicts(results)
    ]
    return Rows("What was wanted", ("", "found", ""), rows)


def number(value: float | None, decimals: int) -> str:
    """A figure with these decimals, as text; a dash for None."""
    return "-" if value is None else f"{value:,.{decimals}f}"
