"""Scheduled publications: waiting, published, failed or cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    case,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.scheduled_publication import (
    ScheduledPublication,
    ScheduledPublicationId,
    ScheduledStatus,
)
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import Actor
from orderguard.storage.tables import merchants, to_microseconds
from orderguard.storage.tables import scheduled_publications as table


class SqlScheduledPublications:
    """Scheduled publications of all merchants; exactly one process settles each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, publication: ScheduledPublication) -> None:
        self._connection.execute(
            insert(table).values(
                merchant_id=publication.merchant,
                id=publication.id,
                name=publication.name,
                source=publication.source,
                based_on=publication.based_on,
                draft_id=publication.draft,
                due_at=publication.due_at,
                status=publication.status,
                scheduled_at=publication.scheduled_at,
                scheduled_by=publication.scheduled_by,
            )
        )

    def find(
        self, merchant: MerchantId, id_: ScheduledPublicationId
    ) -> ScheduledPublication | None:
        query = select(table).where(table.c.merchant_id == merchant, table.c.id == id_)
        row = self._connection.execute(query).first()
        return _publication_from_row(row) if row else None

    def of_merchant(self, merchant: MerchantId, *, limit: int) -> Sequence[ScheduledPublication]:
        waits = table.c.status == ScheduledStatus.WAITING
        query = (
            select(table)
            .where(table.c.merchant_id == merchant)
            .order_by(
                case((waits, table.c.due_at)).is_(None),
                case((waits, table.c.due_at)),
                table.c.settled_at.desc(),
                table.c.id,
            )
            .limit(limit)
        )
        return [_publication_from_row(row) for row in self._connection.execute(query)]

    def count_waiting(self, merchant: MerchantId) -> int:
        query = select(func.count()).where(
            table.c.merchant_id == merchant, table.c.status == ScheduledStatus.WAITING
        )
        return self._connection.execute(query).scalar_one()

    def due(self, *, at: datetime, limit: int) -> Sequence[ScheduledPublication]:
        """The waiting publications of all merchants that are due, earliest first.

        `at` is the real time; a sandbox merchant's are due by its own clock.
        """
        ahead = merchants.c.clock_ahead_us
        query = (
            select(table)
            .join(merchants, merchants.c.id == table.c.merchant_id)
            .where(
                table.c.status == ScheduledStatus.WAITING,
                type_coerce(table.c.due_at, BigInteger) <= to_microseconds(at) + ahead,
            )
            .order_by(table.c.due_at, table.c.id)
            .limit(limit)
        )
        return [_publication_from_row(row) for row in self._connection.execute(query)]

    def reschedule(self, publication: ScheduledPublication, due_at: datetime) -> bool:
        return self._change(publication, due_at=due_at)

    def settle(
        self,
        publication: ScheduledPublication,
        status: ScheduledStatus,
        *,
        at: datetime,
        version: ConfigurationVersion | None = None,
        failure: str | None = None,
    ) -> bool:
        return self._change(
            publication, status=status, settled_at=at, version=version, failure=failure
        )

    def _change(self, publication: ScheduledPublication, **values: Any) -> bool:
        done = self._connection.execute(
            update(table)
            .where(
                table.c.merchant_id == publication.merchant,
                table.c.id == publication.id,
                table.c.status == ScheduledStatus.WAITING,
                # It may have been rescheduled since it was read.
                table.c.due_at == publication.due_at,
            )
            .values(values)
        )
        return done.rowcount == 1


def _publication_from_row(row: Row[Any]) -> ScheduledPublication:
    return ScheduledPublication(
        merchant=MerchantId(row.merchant_id),
        id=ScheduledPublicationId(row.id),
        name=row.name,
        source=row.source,
        based_on=None if row.based_on is None else ConfigurationVersion(row.based_on),
        draft=None if row.draft_id is None else DraftId(row.draft_id),
        due_at=row.due_at,
        status=ScheduledStatus(row.status),
        scheduled_at=row.scheduled_at,
        scheduled_by=Actor(row.scheduled_by),
        settled_at=row.settled_at,
        version=None if row.version is None else ConfigurationVersion(row.version),
        failure=row.failure,
    )
