"""Filters and cursors of the request log, shared by the console and the admin API."""

from __future__ import annotations

from collections.abc import Callable

from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.integration.logged_request import RequestFilter, RequestOutcome

_PLACE_DIGITS = 19


def request_filter(text_of: Callable[[str], str]) -> RequestFilter:
    """Parse the filter: `request_id`, `outcome`, and `status`, of which 0 is no answer.

    Raises `InvalidDocument`.
    """
    return RequestFilter(
        request_id=text_of("request_id").strip() or None,
        outcome=_outcome(text_of("outcome")),
        status=_status(text_of("status").strip()),
    )


def _outcome(text: str) -> RequestOutcome | None:
    try:
        return RequestOutcome(text) if text else None
    except ValueError:
        raise _problem("outcome", f"expected one of {', '.join(RequestOutcome)}.") from None


def _status(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise _problem("status", "expected a status such as 503, or 0 for no answer.")
    return int(text)


def request_place(text: str) -> int | None:
    """Parse the cursor of a page; None for the first page. Raises `InvalidDocument`."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _PLACE_DIGITS):
        raise _problem("cursor", "expected the nextCursor of the page before.")
    return min(int(text), 2**63 - 1)


def _problem(field: str, message: str) -> InvalidDocument:
    return InvalidDocument([Problem(field, message)])
