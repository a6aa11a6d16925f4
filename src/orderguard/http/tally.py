"""Counts events that clients can cause at will, and logs each kind at most once a minute.

A flood of bad requests must not become a flood of log lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import structlog

log = structlog.get_logger()

FIRST_AFTER_SECONDS = 2.0
"""How long events of one kind are gathered before the first line, so that a burst is one line."""

THEN_EVERY_SECONDS = 60.0

SENDERS_AT_MOST = 1_000
"""How many different senders one log line can count."""

MALFORMED = "malformed"


@dataclass(slots=True)
class _Gathered:
    """Events of one kind since the last line about them."""

    since: float
    due: float
    count: int = 0
    sender: str = ""
    why: str = ""
    senders: set[str] = field(default_factory=set)


class Tally:
    """Counts events of a kind, and logs each kind at most once a minute."""

    def __init__(
        self,
        *,
        observe: Callable[[str], None] = lambda _kind: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`observe` is told the kind of each event, for metrics."""
        self._observe = observe
        self._clock = clock
        self._gathered: dict[str, _Gathered] = {}
        self._last_logged: dict[str, float] = {}

    def note(self, kind: str, sender: str = "", *, why: str = "") -> None:
        """Count an event. `kind` is the limit that was reached, or `MALFORMED`.

        `sender` is an address, or a merchant.
        """
        self._observe(kind)
        gathered = self._gathered.get(kind)
        if gathered is None:
            now = self._clock()
            last = self._last_logged.get(kind)
            due = now + FIRST_AFTER_SECONDS
            if last is not None:
                due = max(due, last + THEN_EVERY_SECONDS)
            gathered = self._gathered[kind] = _Gathered(now, due)
        gathered.count += 1
        gathered.sender = sender
        gathered.why = why
        if len(gathered.senders) < SENDERS_AT_MOST:
            gathered.senders.add(sender)

    @property
    def has_more(self) -> bool:
        """Whether a log line is pending."""
        return bool(self._gathered)

    def log_due(self, *, at_once: bool = False) -> None:
        """Write the log lines that are due; with `at_once` also the pending ones."""
        now = self._clock()
        for kind, gathered in list(self._gathered.items()):
            if at_once or gathered.due <= now:
                del self._gathered[kind]
                self._last_logged[kind] = now
                _log(kind, gathered, round(now - gathered.since, 1))


def _log(kind: str, gathered: _Gathered, seconds: float) -> None:
    about = {
        "count": gathered.count,
        "seconds": seconds,
        "senders": len(gathered.senders),
        "sender": gathered.sender,
    }
    if gathered.why:
        about["why"] = gathered.why
    if kind == MALFORMED:
        log.warning("request.malformed", **about)
    else:
        log.warning("limit.reached", limit=kind, **about)
