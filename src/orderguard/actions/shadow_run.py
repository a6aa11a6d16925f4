"""Replay past sessions against a draft, in a process of its own, out of the way of checkouts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.publish_configuration import read_configuration
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import (
    AlreadyExists,
    InvalidDocument,
    NotFound,
    OrderguardError,
    Problem,
)
from orderguard.domain.ids import MerchantId
from orderguard.domain.offers.session_summary import SessionPlace
from orderguard.domain.people.audit import Change
from orderguard.domain.what_if.shadow_report import ShadowReport, ShadowTally
from orderguard.domain.what_if.shadow_run import (
    LAST_DEFAULT,
    LAST_MAXIMUM,
    Replay,
    ShadowRun,
    ShadowRunId,
    ShadowRunStatus,
)
from orderguard.domain.what_if.shared_condition import SharedConditions

log = structlog.get_logger()

CHUNK = 500
"""Sessions in memory at once; each chunk is a short read, so that checkouts do not wait."""

RUNS_AT_ONCE = 2
"""Runs under way in one installation; each keeps one core busy, at the lowest priority."""

PROGRESS_EVERY = timedelta(milliseconds=500)

RUN_AT_MOST = timedelta(minutes=10)
"""A hundred thousand sessions take 20 seconds of one core; what takes so long has costly rules."""

GoesOn = Callable[[int], bool]
"""Receives the number of replayed sessions, and returns whether to continue."""


class ShadowRunBusy(AlreadyExists):
    """The merchant has a run under way already, or the installation has `RUNS_AT_ONCE`."""


class ShadowRunTooLong(OrderguardError):
    """A run was stopped, so that it does not keep a core busy for hours."""


@dataclass(frozen=True, slots=True)
class ManageShadowRuns:
    """Start and cancel shadow runs, for the console and the admin API."""

    database: Database
    compiler: ConditionCompiler
    new_id: Callable[[], ShadowRunId]
    launch: Callable[[ShadowRun], None]
    """Begins a process that carries the run out; returns at once."""

    def start(
        self,
        merchant: MerchantId,
        source: str,
        *,
        draft: str | None = None,
        last: int = LAST_DEFAULT,
        change: Change,
    ) -> ShadowRun:
        """Begin a run over the last sessions. Raises `InvalidDocument` and `ShadowRunBusy`."""
        check_last(last)
        read_configuration(source, self.compiler)
        run = ShadowRun(
            merchant=merchant,
            id=self.new_id(),
            draft=draft,
            source=source,
            last=last,
            status=ShadowRunStatus.RUNNING,
            replayed=0,
            started_at=change.at,
            progressed_at=change.at,
            started_by=change.by,
        )
        with self.database.begin() as work:
            work.merchants.lock(merchant)
            if work.shadow_runs.count_alive(at=change.at, merchant=merchant):
                raise ShadowRunBusy("A shadow run is under way; wait for its end, or cancel it.")
            if work.shadow_runs.count_alive(at=change.at) >= RUNS_AT_ONCE:
                raise ShadowRunBusy("Other shadow runs are under way; try again in a minute.")
            work.shadow_runs.add(run)
            work.audit.record(
                merchant,
                change=change,
                action="shadow_run.started",
                subject=run.id,
                after={"draft": draft, "last": last},
            )
        try:
            self.launch(run)
        except OSError as error:
            _fail(self.database, run, f"No process could be started: {error}", at=change.at)
            raise
        return run

    def cancel(self, merchant: MerchantId, run: ShadowRunId, *, change: Change) -> None:
        """Cancel a run; an ended run stays as it is. Raises `NotFound`."""
        with self.database.begin() as work:
            found = work.shadow_runs.find(merchant, run)
            if found is None:
                raise shadow_run_not_found()
            if work.shadow_runs.end(found, ShadowRunStatus.CANCELLED, at=change.at):
                work.audit.record(
                    merchant, change=change, action="shadow_run.cancelled", subject=run
                )


def carry_out_shadow_run(
    database: Database,
    compiler: ConditionCompiler,
    run: ShadowRunId,
    *,
    clock: Callable[[], datetime],
) -> None:
    """Carry out a run, in its own process. Its result is recorded, also after a failure."""
    with database.read() as work:
        found = work.shadow_runs.find_anywhere(run)
    if found is None:
        raise shadow_run_not_found()
    progress = _Progress(database, found, clock)
    try:
        report = shadow_run(
            database,
            compiler,
            found.merchant,
            found.source,
            last=found.last,
            goes_on=progress.goes_on,
        )
    except Exception as error:
        _fail(database, found, str(error), at=clock())
        raise
    if report is None:
        return  # cancelled, which is recorded already
    replayed = report.sessions + report.unreadable
    with database.begin() as work:
        work.shadow_runs.end(
            found, ShadowRunStatus.DONE, at=clock(), replayed=replayed, report=report
        )


def _fail(database: Database, run: ShadowRun, why: str, *, at: datetime) -> None:
    log.error("shadow_run.failed", shadow_run=run.id, merchant=run.merchant, why=why)
    with database.begin() as work:
        work.shadow_runs.end(run, ShadowRunStatus.FAILED, at=at, failure=why)


class _Progress:
    """Records a run's progress from time to time, and checks whether it was cancelled.

    It is called after every session, because slow rules can make a chunk take minutes.
    """

    def __init__(self, database: Database, run: ShadowRun, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._run = run
        self._clock = clock
        self._noted_at = run.started_at

    def goes_on(self, replayed: int) -> bool:
        at = self._clock()
        if at - self._noted_at < PROGRESS_EVERY:
            return True
        if at - self._run.started_at > RUN_AT_MOST:
            minutes = RUN_AT_MOST // timedelta(minutes=1)
            raise ShadowRunTooLong(
                f"Stopped after {minutes} minutes; sessions replayed: {replayed}. "
                "Replay fewer sessions, or look for rules that loop within loops."
            )
        self._noted_at = at
        with self._database.begin() as work:
            return work.shadow_runs.progress(self._run, replayed=replayed, at=at)


def shadow_run(
    database: Database,
    compiler: ConditionCompiler,
    merchant: MerchantId,
    source: str,
    *,
    last: int,
    goes_on: GoesOn,
) -> ShadowReport | None:
    """Replay the last `last` sessions; None when `goes_on` returned False.

    A session that is analysed meanwhile may be missed, or be replayed with its newer analysis.
    Raises `InvalidDocument`.
    """
    shared = SharedConditions(compiler)
    draft = read_configuration(source, shared)
    replay = Replay(_published(database, shared, merchant), draft)
    tally = ShadowTally()
    after: SessionPlace | None = None
    while tally.replayed < last:
        chunk = min(CHUNK, last - tally.replayed)
        with database.read() as work:
            answers = work.session_search.latest_answers(merchant, after=after, limit=chunk)
        for answer in answers:
            replay.add(answer, tally)
            if not goes_on(tally.replayed):
                return None
        if len(answers) < chunk:
            break
        after = answers[-1].updated_at, answers[-1].session
    return tally.report()


def check_last(last: int) -> None:
    """Raises `InvalidDocument` unless `last` is an allowed number of sessions to replay."""
    if not 1 <= last <= LAST_MAXIMUM:
        raise InvalidDocument(
            [Problem("last", f"expected a number from 1 to {LAST_MAXIMUM}, found {last}.")]
        )


def shadow_run_not_found() -> NotFound:
    return NotFound("No shadow run with this id exists for this merchant.")


def _published(
    database: Database, compiler: ConditionCompiler, merchant: MerchantId
) -> MerchantConfiguration | None:
    with database.read() as work:
        latest = work.configurations.latest(merchant)
    return read_configuration(latest.source, compiler, version=latest.version) if latest else None
