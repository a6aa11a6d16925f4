"""Schedule, reschedule or cancel a publication; and publish the due ones, each exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from orderguard.actions.configuration_source.reading import SOURCE_LIMIT, check_source
from orderguard.actions.keep_time import trusted_time
from orderguard.actions.manage_drafts import get_draft_revision
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.publish_configuration import (
    prepare_and_publish,
    publish_next_version,
    read_configuration,
    read_with_stops,
)
from orderguard.actions.stopped_experiments import refuse_restarts
from orderguard.domain.configuration.draft import DraftId, parse_draft_name
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.configuration.scheduled_publication import (
    WAITING_AT_MOST,
    ScheduledPublication,
    ScheduledPublicationId,
    ScheduledStatus,
    check_due_at,
    on_schedule_of,
)
from orderguard.domain.errors import AlreadyExists, InvalidDocument, NotFound, StorageUnavailable
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import Change

log = structlog.get_logger()

DUE_AT_ONCE = 100
"""Publications of one round; the next round is seconds away."""

OUR_FAILURE = "Something failed on our side; the log has it. Schedule it again."


class NotWaiting(AlreadyExists):
    """The publication was settled or rescheduled before this request."""

    def __init__(self, publication: ScheduledPublication) -> None:
        state = "waits for another time" if publication.is_waiting else f"is {publication.status}"
        super().__init__(f"This publication {state} by now. Nothing was changed.")


class TooManyWaiting(AlreadyExists):
    """The merchant has the maximum number of waiting publications, `WAITING_AT_MOST`."""

    def __init__(self) -> None:
        super().__init__(f"There are {WAITING_AT_MOST} publications waiting. Cancel one first.")


def schedule_publication(
    database: Database,
    compiler: ConditionCompiler,
    merchant: MerchantId,
    source: str,
    *,
    name: str,
    due_at: datetime,
    new_id: ScheduledPublicationId,
    change: Change,
    source_limit: int = SOURCE_LIMIT,
) -> ScheduledPublication:
    """Schedule a text for publication. It is validated now, and again at its time.

    Raises `InvalidDocument`, `Malformed` for the name or the time, and `TooManyWaiting`.
    """
    check_due_at(due_at, at=change.at)
    parsed = parse_draft_name(name)
    check_source(source, limit=source_limit)
    _read(database, compiler, merchant, source)
    publication = _waiting(merchant, source, parsed, due_at, new_id, change=change)
    with database.begin() as work:
        return _add(work, publication)


def schedule_draft(
    database: Database,
    compiler: ConditionCompiler,
    merchant: MerchantId,
    draft: DraftId,
    *,
    expected_revision: int,
    due_at: datetime,
    new_id: ScheduledPublicationId,
    change: Change,
) -> ScheduledPublication:
    """Schedule this revision of a draft for publication; later changes of the draft do not count.

    Raises like `schedule_publication`, and `NotFound` and `DraftChanged` for the draft.
    """
    check_due_at(due_at, at=change.at)
    with database.read() as work:
        found = get_draft_revision(work, merchant, draft, expected_revision)
    _read(database, compiler, merchant, found.source)
    publication = _waiting(merchant, found.source, found.name, due_at, new_id, change=change)
    with database.begin() as work:
        return _add(work, replace(publication, draft=draft))


def _read(
    database: Database, compiler: ConditionCompiler, merchant: MerchantId, source: str
) -> None:
    """Raises `InvalidDocument` for a text that could not be published now."""
    read_configuration(source, compiler)
    with database.read() as work:
        refuse_restarts(work, merchant, source)


def _waiting(
    merchant: MerchantId,
    source: str,
    name: str,
    due_at: datetime,
    new_id: ScheduledPublicationId,
    *,
    change: Change,
) -> ScheduledPublication:
    return ScheduledPublication(
        merchant=merchant,
        id=new_id,
        name=name,
        source=source,
        based_on=None,
        draft=None,
        due_at=due_at,
        status=ScheduledStatus.WAITING,
        scheduled_at=change.at,
        scheduled_by=change.by,
    )


def _add(work: UnitOfWork, publication: ScheduledPublication) -> ScheduledPublication:
    work.merchants.lock(publication.merchant)
    if work.scheduled_publications.count_waiting(publication.merchant) >= WAITING_AT_MOST:
        raise TooManyWaiting
    latest = work.configurations.latest(publication.merchant)
    added = replace(publication, based_on=latest.version if latest else None)
    work.scheduled_publications.add(added)
    work.audit.record(
        added.merchant,
        change=Change(added.scheduled_by, added.scheduled_at),
        action="publication.scheduled",
        subject=added.id,
        after=_audited(added),
    )
    return added


def reschedule_publication(
    database: Database,
    merchant: MerchantId,
    id_: ScheduledPublicationId,
    due_at: datetime,
    *,
    change: Change,
) -> ScheduledPublication:
    """Reschedule a publication. Raises `NotFound`, `NotWaiting` and `Malformed`."""
    check_due_at(due_at, at=change.at)
    with database.begin() as work:
        before = get_scheduled_publication(work, merchant, id_)
        if not before.is_waiting or not work.scheduled_publications.reschedule(before, due_at):
            raise NotWaiting(get_scheduled_publication(work, merchant, id_))
        after = replace(before, due_at=due_at)
        work.audit.record(
            merchant,
            change=change,
            action="publication.rescheduled",
            subject=id_,
            before=_audited(before),
            after=_audited(after),
        )
    return after


def cancel_publication(
    database: Database,
    merchant: MerchantId,
    id_: ScheduledPublicationId,
    *,
    change: Change,
) -> ScheduledPublication:
    """Cancel a publication. Raises `NotFound`, and `NotWaiting` when it is too late."""
    with database.begin() as work:
        before = get_scheduled_publication(work, merchant, id_)
        cancelled = before.is_waiting and work.scheduled_publications.settle(
            before, ScheduledStatus.CANCELLED, at=change.at
        )
        if not cancelled:
            raise NotWaiting(get_scheduled_publication(work, merchant, id_))
        work.audit.record(
            merchant,
            change=change,
            action="publication.cancelled",
            subject=id_,
            before=_audited(before),
        )
    return replace(before, status=ScheduledStatus.CANCELLED, settled_at=change.at)


def get_scheduled_publication(
    work: UnitOfWork, merchant: MerchantId, id_: ScheduledPublicationId
) -> ScheduledPublication:
    """The merchant's scheduled publication. Raises `NotFound`, also for another merchant's."""
    # No id has other characters, and some databases raise an error for them.
    found = work.scheduled_publications.find(merchant, id_) if id_.isprintable() else None
    if found is None:
        raise NotFound("No scheduled publication with this id exists for this merchant.")
    return found


def publish_due(
    database: Database, compiler: ConditionCompiler, *, clock: Callable[[], datetime]
) -> None:
    """Publish all due publications, in the order of their times.

    Every process may call this as often as it likes: each publication is settled in the transaction
    that publishes it, and only the first process to settle it publishes. Raises
    `StorageUnavailable`; publications not settled by then keep waiting.
    """
    with database.read() as work:
        at = clock()
        due = work.scheduled_publications.due(at=at, limit=DUE_AT_ONCE)
        if due:  # a publication must be due by a trusted time as well
            trusted = trusted_time(work, at=at).at
            ahead = {each.merchant: work.merchants.ahead(each.merchant) for each in due}
            due = [each for each in due if each.due_at <= trusted + ahead[each.merchant]]
    for publication in due:
        at = clock() + ahead[publication.merchant]
        try:
            _publish(database, compiler, publication, at=at)
        except StorageUnavailable:
            raise
        except InvalidDocument as error:
            _fail(database, publication, str(error), at=at)
        except Exception:
            # A publication that crashes must not hold up other merchants' in every round.
            log.exception("publication.crashed", publication=publication.id)
            _fail(database, publication, OUR_FAILURE, at=at)


def _publish(
    database: Database,
    compiler: ConditionCompiler,
    publication: ScheduledPublication,
    *,
    at: datetime,
) -> None:
    def text(work: UnitOfWork) -> str:
        return read_with_stops(work, compiler, publication.merchant, publication.source)

    def publish(
        work: UnitOfWork, latest: PublishedConfiguration | None, source: str
    ) -> ConfigurationVersion | None:
        version = ConfigurationVersion(latest.version + 1 if latest else 1)
        # Settle first: a second process waits here for our commit, and then finds it settled.
        if not work.scheduled_publications.settle(
            publication, ScheduledStatus.PUBLISHED, at=at, version=version
        ):
            return None
        publish_next_version(
            work,
            publication.merchant,
            source,
            change=Change(on_schedule_of(publication.scheduled_by), at),
            details={"scheduled_publication": publication.id},
        )
        _drop_draft(work, publication)
        return version

    version = prepare_and_publish(database, publication.merchant, text, publish)
    if version is not None:
        log.info(
            "publication.published",
            publication=publication.id,
            merchant=publication.merchant,
            version=version,
        )


def _drop_draft(work: UnitOfWork, publication: ScheduledPublication) -> None:
    """Delete the published draft, unless its text was changed since it was scheduled."""
    draft = publication.draft and work.drafts.find(publication.merchant, publication.draft)
    if draft and draft.source == publication.source:
        work.drafts.remove(draft)


def _fail(database: Database, publication: ScheduledPublication, why: str, *, at: datetime) -> None:
    with database.begin() as work:
        failed = work.scheduled_publications.settle(
            publication, ScheduledStatus.FAILED, at=at, failure=why
        )
        if failed:
            work.audit.record(
                publication.merchant,
                change=Change(on_schedule_of(publication.scheduled_by), at),
                action="publication.failed",
                subject=publication.id,
                after={"failure": why[:500]},
            )
            log.error(
                "publication.failed",
                publication=publication.id,
                merchant=publication.merchant,
                why=why[:500],
            )


def _audited(publication: ScheduledPublication) -> dict[str, object]:
    return {"name": publication.name, "due_at": publication.due_at.isoformat()}
