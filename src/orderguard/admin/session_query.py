"""Filters and cursors of a list of sessions, shared by the console and the admin API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.session_summary import SessionFilter, SessionPlace
from orderguard.http.wire.order import parse_timestamp

_YES_OR_NO = {"true": True, "false": False}


def session_filter(text_of: Callable[[str], str]) -> SessionFilter:
    """Parse the filter: `reason`, `eligible` (true, false), `day` (UTC).

    Raises `InvalidDocument`.
    """
    since = _day(text_of("day"))
    return SessionFilter(
        reason=_reason(text_of("reason")),
        eligible=_eligible(text_of("eligible")),
        since=since,
        until=since + timedelta(days=1) if since else None,
    )


def _reason(text: str) -> EligibilityReason | None:
    try:
        return EligibilityReason(text) if text else None
    except ValueError:
        raise _problem("reason", "expected a documented reason, or none.") from None


def _eligible(text: str) -> bool | None:
    if text and text not in _YES_OR_NO:
        raise _problem("eligible", "expected true or false.")
    return _YES_OR_NO.get(text)


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        raise _problem("day", "expected a day such as 2026-04-23.") from None


def session_place(text: str) -> SessionPlace | None:
    """Parse the cursor of a page; None for the first page. Raises `InvalidDocument`."""
    if not text:
        return None
    instant, _, session = text.partition("~")
    try:
        return parse_timestamp(instant), SessionId.parse(session)
    except (Malformed, ValueError):
        raise _problem("cursor", "expected the nextCursor of the page before.") from None


def session_place_text(place: SessionPlace | None) -> str | None:
    """Write the cursor of a list of sessions; None for None."""
    return place and f"{place[0]:%Y%m%dT%H%M%S.%fZ}~{place[1]}"


def _problem(field: str, message: str) -> InvalidDocument:
    return InvalidDocument([Problem(field, message)])
