"""The command `orderguard funnel`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import typer

from orderguard.actions.find_merchant import get_merchant
from orderguard.cli.context import open_database
from orderguard.cli.output import JsonOption, errors_explained, print_json, print_table
from orderguard.domain.analytics.funnel import FunnelDay, SessionOutcome
from orderguard.domain.errors import Malformed
from orderguard.domain.money import BASIS_POINTS
from orderguard.running.wiring import now

HELP = """Example: orderguard funnel acme --since 30d
"""

BAR_WIDTH = 30
_DAYS = re.compile(r"([1-9][0-9]{0,3})d")


def funnel(
    merchant: str = typer.Argument(help="The merchant's id or name."),
    since: str = typer.Option("30d", help="The number of days back from today: 30d."),
    as_json: bool = JsonOption,
) -> None:
    with errors_explained():
        back = _duration(since)
        with open_database() as database, database.read() as work:
            owner = get_merchant(work, merchant)
            at = owner.time(now())
            begin = (at - back).replace(hour=0, minute=0, second=0, microsecond=0)
            days = work.funnel.days(owner.id, since=begin, at=at)
    if as_json:
        print_json([day_document(day) for day in days])
    else:
        print_funnel(days)


def print_funnel(days: Sequence[FunnelDay], *, bar_width: int = BAR_WIDTH) -> None:
    """A row per day with a bar: accepted, seen but not accepted, hidden."""
    widest = max((day.analysed for day in days), default=0)
    print_table(
        ("DAY", *(outcome.upper().replace("_", " ") for outcome in SessionOutcome), "ATTACH", ""),
        [
            (
                day.day,
                *(day.sessions.get(outcome, 0) for outcome in SessionOutcome),
                _attach_rate(day),
                bar(day, widest, bar_width),
            )
            for day in days
        ],
        empty="No sessions in this time.",
    )


def bar(day: FunnelDay, widest: int, width: int) -> str:
    """A bar of `█` accepted, `▒` seen but not accepted, `·` hidden.

    `width` characters stand for `widest` sessions, the number of the day with most.
    """
    accepted, shown, analysed = (
        count * width // widest for count in (day.accepted, day.shown, day.analysed)
    )
    return "█" * accepted + "▒" * (shown - accepted) + "·" * (analysed - shown)


def day_document(day: FunnelDay) -> dict[str, object]:
    """One day of the funnel as JSON."""
    return {
        "day": day.day.isoformat(),
        "analysed": day.analysed,
        "shown": day.shown,
        **{str(outcome): day.sessions.get(outcome, 0) for outcome in SessionOutcome},
    }


def _attach_rate(day: FunnelDay) -> str:
    """The share of accepted offers among the visible ones."""
    if not day.shown:
        return ""
    per_mille = day.accepted * BASIS_POINTS // day.shown // 10
    return f"{per_mille // 10}.{per_mille % 10} %"


def _duration(text: str) -> timedelta:
    found = _DAYS.fullmatch(text)
    if not found:
        raise Malformed(f"--since {text[:20]!r} is not a number of days; expected one such as 30d.")
    return timedelta(days=int(found[1]))
