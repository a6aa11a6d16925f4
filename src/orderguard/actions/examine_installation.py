"""`orderguard doctor`: check for problems that tend to go unnoticed, and give advice on each.

Every check runs in a short transaction of its own. A check that fails is a finding itself, so that
neither a check nor a merchant keeps the others from being examined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from orderguard.actions.examine_merchant import MERCHANT_CHECKS, Examined
from orderguard.actions.keep_time import WHAT_TO_DO, trusted_time
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.analytics.diagnosis import Finding, Severity
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import OrderguardError
from orderguard.domain.people.merchant import Merchant

CLOCK_DIFFERENCE = timedelta(seconds=5)
"""The allowed clock difference: keys and sessions expire by the clock, on several machines."""

MEBIBYTE = 1024 * 1024
FREE_AT_LEAST = 256 * MEBIBYTE
LOG_AT_MOST = 512 * MEBIBYTE
"""A write-ahead log of this size means that some reader has kept it from being cut for long."""

CONNECTIONS_WARNING_PERCENT = 80

Check = Callable[[UnitOfWork], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class ExamineInstallation:
    """The action behind `orderguard doctor`."""

    database: Database
    compiler: ConditionCompiler
    has_current_schema: Callable[[], bool]
    """Raises `StorageUnavailable`."""
    check_recording: Callable[[], None]
    """Raises `StorageUnavailable` unless an analysis could be recorded now."""
    bytes_per_day: int = 0
    """The quota of bytes that a merchant's analyses may take per day; 0: no limit."""

    def __call__(self, *, at: datetime) -> list[Finding]:
        """All findings: the installation's first, then each merchant's."""
        schema = self._schema()
        if schema.severity is Severity.PROBLEM:
            return [schema]  # every other check would fail for the same reason
        return [
            schema,
            self._recording(),
            *self._check("clock", lambda work: _clock(work, at=at)),
            *self._check("time", lambda work: _time(work, at=at)),
            *self._check("disk", _room),
            *self._check("connections", _connections),
            *self._merchants(at=at),
        ]

    def _schema(self) -> Finding:
        try:
            is_current = self.has_current_schema()
        except OrderguardError as error:
            return _problem("schema", str(error), "Check ORDERGUARD_DATABASE_URL and the database.")
        if is_current:
            return _well("schema", "The schema is up to date.")
        return _problem(
            "schema",
            "The schema is not the one this release needs, or there is no database.",
            "Run: orderguard db upgrade",
        )

    def _recording(self) -> Finding:
        try:
            self.check_recording()
        except OrderguardError as error:
            found = f"An analysis could not be recorded now: {error}"
            return _problem("recording", found, "Make room, or check the database.")
        return _well("recording", "An analysis could be recorded now.")

    def _merchants(self, *, at: datetime) -> Iterator[Finding]:
        try:
            with self.database.read() as work:
                merchants = work.merchants.all()
        except OrderguardError as error:
            yield _problem("merchants", str(error), "Check the database.")
            return
        for merchant in merchants:
            yield from self._merchant(merchant, at=at)

    def _merchant(self, merchant: Merchant, *, at: datetime) -> Iterator[Finding]:
        time = merchant.time(at)
        examined = Examined(merchant.id, time, at, self.compiler, self.bytes_per_day)
        for name, check in MERCHANT_CHECKS.items():
            findings = self._check(name, partial(check, examined=examined))
            yield from (replace(finding, merchant=merchant.name) for finding in findings)

    def _check(self, name: str, check: Check) -> list[Finding]:
        try:
            with self.database.read() as work:
                return list(check(work))
        except OrderguardError as error:
            return [_problem(name, f"This could not be checked: {error}", "Check the database.")]
        except Exception as error:  # the exception's name only: its text may contain secrets
            return [
                _problem(
                    name, f"This check failed by itself: {type(error).__name__}.", "Report it."
                )
            ]


def _clock(work: UnitOfWork, *, at: datetime) -> Iterator[Finding]:
    theirs = work.vitals.clock()
    if theirs is None:
        yield _well("clock", "The database is a file and goes by the clock of this machine.")
    elif abs(theirs - at) > CLOCK_DIFFERENCE:
        seconds = abs(theirs - at) // timedelta(seconds=1)
        yield _warning(
            "clock",
            f"The clocks of this machine and of the database differ by {seconds} seconds.",
            "Let both follow a time server (NTP).",
        )
    else:
        yield _well("clock", "This machine and the database agree on the time.")


def _time(work: UnitOfWork, *, at: datetime) -> Iterator[Finding]:
    """Check this machine's clock against the servers' heartbeats and the database."""
    doubt = trusted_time(work, at=at).doubt
    if doubt:
        held = "Nothing is deleted, published or closed by time until they agree."
        yield _problem("time", f"{doubt} {held}", WHAT_TO_DO)
    else:
        yield _well("time", "The clock goes as the servers have noted it.")


def _room(work: UnitOfWork) -> Iterator[Finding]:
    room = work.vitals.room()
    if room is None:
        return
    found = (
        f"The database has {_mebibytes(room.database)}, its write-ahead log "
        f"{_mebibytes(room.log)}; {_mebibytes(room.free)} are free."
    )
    if room.free < FREE_AT_LEAST:
        yield _problem("disk", found, "Make room: on a full disk every checkout goes without us.")
    elif room.free < room.database:
        yield _warning("disk", found, "Make room: a backup beside it would not fit any more.")
    elif room.log > LOG_AT_MOST:
        yield _warning("disk", found, "Look for a program that keeps the file open for reading.")
    else:
        yield _well("disk", found)


def _connections(work: UnitOfWork) -> Iterator[Finding]:
    connections = work.vitals.connections()
    if connections is None:
        return
    found = f"{connections.used} of {connections.allowed} connections are in use."
    if connections.used * 100 >= connections.allowed * CONNECTIONS_WARNING_PERCENT:
        yield _warning("connections", found, "Raise max_connections, or use fewer workers.")
    else:
        yield _well("connections", found)


def _mebibytes(count: int) -> str:
    return f"{count // MEBIBYTE} MiB"


def _well(check: str, found: str) -> Finding:
    return Finding(check=check, severity=Severity.OK, found=found)


def _warning(check: str, found: str, advice: str) -> Finding:
    return Finding(check=check, severity=Severity.WARNING, found=found, advice=advice)


def _problem(check: str, found: str, advice: str) -> Finding:
    return Finding(check=check, severity=Severity.PROBLEM, found=found, advice=advice)
