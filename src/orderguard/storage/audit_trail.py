"""The audit trail, written in the same transaction as the change that it records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, tuple_

from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Actor, AuditEntry, Change
from orderguard.storage.tables import audit_trail


class SqlAuditTrail:
    """All entries of all merchants. The database refuses to change or remove one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(
        self,
        merchant: MerchantId,
        *,
        change: Change,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        # The key of an entry is its instant, plus an ordinal within the instant. A sequence per
        # merchant would need a lock, which could deadlock with other locks.
        same_instant = select(func.count()).where(
            audit_trail.c.merchant_id == merchant, audit_trail.c.at == change.at
        )
        self._connection.execute(
            insert(audit_trail).values(
                merchant_id=merchant,
                at=change.at,
                ordinal=self._connection.execute(same_instant).scalar_one(),
                actor=change.by,
                action=action,
                subject=subject,
                before=before,
                after=after,
            )
        )

    def page(
        self,
        merchant: MerchantId,
        *,
        actor: str | None = None,
        action: str | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int,
    ) -> Sequence[AuditEntry]:
        query = select(audit_trail).where(audit_trail.c.merchant_id == merchant)
        if actor is not None:
            query = query.where(audit_trail.c.actor == actor)
        if action is not None:
            query = query.where(audit_trail.c.action.startswith(action, autoescape=True))
        if after is not None:
            # The values must be bound with the columns' own types.
            types = [audit_trail.c.at.type, audit_trail.c.ordinal.type]
            place: ColumnElement[Any] = tuple_(audit_trail.c.at, audit_trail.c.ordinal)
            query = query.where(place < tuple_(*after, types=types))
        query = query.order_by(audit_trail.c.at.desc(), audit_trail.c.ordinal.desc()).limit(limit)
        return [_entry_from_row(row) for row in self._connection.execute(query)]


def _entry_from_row(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        merchant=MerchantId(row.merchant_id),
        at=row.at,
        ordinal=row.ordinal,
        actor=Actor(row.actor),
        action=row.action,
        subject=row.subject,
        before=row.before,
        after=row.after,
    )
