"""A request of a merchant's integration, as the request log keeps it (contract §13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from orderguard.domain.errors import Problem
from orderguard.domain.ids import ApiKeyId, MerchantId

KEPT = 1_000
"""The requests that are kept of a merchant, the latest ones."""

KEPT_FOR = timedelta(days=30)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def place_at(at: datetime) -> int:
    """The first of the thousand places of this microsecond of real time."""
    return (at - _EPOCH) // _MICROSECOND * 1_000


class RequestOutcome(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    """With a 4xx: something about the request is not right."""
    FAILED = "failed"
    """With a 5xx, without an answer, or with one that breaks off."""
    GAVE_UP = "gave_up"
    """The caller closed the connection before it had the answer."""


def outcome_of(
    status: int, *, caller_gave_up: bool = False, breaks_off: bool = False
) -> RequestOutcome:
    """How a request with this status ended; 0 is no answer at all.

    `breaks_off`: the answer is incomplete or missing because a sandbox asked for that.
    """
    if breaks_off:
        return RequestOutcome.FAILED
    if caller_gave_up:
        return RequestOutcome.GAVE_UP
    if not 200 <= status < 500:
        return RequestOutcome.FAILED
    return RequestOutcome.REFUSED if status >= 400 else RequestOutcome.ANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """A request, its answer's status and problems, and its body with personal data blanked.

    `place` orders the requests of a merchant, the latest has the highest. `at` is the merchant's
    time. `status` is 0 without an answer. `code` names the error, as in `/docs/errors`.
    """

    place: int
    merchant: MerchantId
    at: datetime
    request_id: str
    key: ApiKeyId
    method: str
    path: str
    status: int
    outcome: RequestOutcome
    microseconds: int
    code: str = ""
    problems: Sequence[Problem] = ()
    body: str = ""
    body_bytes: int = 0
    """The length of the body as it was sent, of which `body` may be only a part."""

    @property
    def milliseconds(self) -> int:
        """A millisecond that has begun counts."""
        return -(-self.microseconds // 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """The filter of a list of requests; a request must match all members that are given."""

    request_id: str | None = None
    outcome: RequestOutcome | None = None
    status: int | None = None


def failure_in_words(status: int, outcome: RequestOutcome, microseconds: int) -> str:
    """What the caller met instead of an answer, in a few words."""
    if outcome is RequestOutcome.GAVE_UP:
        seconds, rest = divmod(microseconds, 1_000_000)
        return f"given up after {seconds}.{rest // 100_000} s"
    if not status:
        return "no answer"
    return str(status) if status >= 400 else "an answer that breaks off"
