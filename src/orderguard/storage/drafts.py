"""Drafts of configurations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from orderguard.domain.configuration.draft import Draft, DraftId
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import Actor, Change
from orderguard.storage.tables import drafts


class SqlDrafts:
    """Drafts of all merchants. Each change names a revision, and creates the next one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, draft: Draft) -> None:
        self._connection.execute(
            insert(drafts).values(
                merchant_id=draft.merchant,
                id=draft.id,
                name=draft.name,
                source=draft.source,
                based_on=draft.based_on,
                revision=draft.revision,
                created_at=draft.created_at,
                created_by=draft.created_by,
                changed_at=draft.changed_at,
                changed_by=draft.changed_by,
            )
        )

    def find(self, merchant: MerchantId, draft: DraftId) -> Draft | None:
        query = select(drafts).where(drafts.c.merchant_id == merchant, drafts.c.id == draft)
        row = self._connection.execute(query).first()
        return _draft_from_row(row) if row else None

    def of_merchant(self, merchant: MerchantId) -> Sequence[Draft]:
        query = select(drafts).where(drafts.c.merchant_id == merchant)
        newest = query.order_by(drafts.c.changed_at.desc(), drafts.c.id)
        return [_draft_from_row(row) for row in self._connection.execute(newest)]

    def count(self, merchant: MerchantId) -> int:
        query = select(func.count()).where(drafts.c.merchant_id == merchant)
        return self._connection.execute(query).scalar_one()

    def change(self, before: Draft, *, name: str, source: str, change: Change) -> bool:
        done = self._connection.execute(
            update(drafts)
            .where(_is(before), drafts.c.revision == before.revision)
            .values(
                name=name,
                source=source,
                revision=before.revision + 1,
                changed_at=change.at,
                changed_by=change.by,
            )
        )
        return done.rowcount == 1

    def remove(self, draft: Draft) -> bool:
        gone = delete(drafts).where(_is(draft), drafts.c.revision == draft.revision)
        return self._connection.execute(gone).rowcount == 1


def _is(draft: Draft) -> Any:
    return (drafts.c.merchant_id == draft.merchant) & (drafts.c.id == draft.id)


def _draft_from_row(row: Row[Any]) -> Draft:
    return Draft(
        merchant=MerchantId(row.merchant_id),
        id=DraftId(row.id),
        name=row.name,
        source=row.source,
        based_on=None if row.based_on is None else ConfigurationVersion(row.based_on),
        revision=row.revision,
        created_at=row.created_at,
        created_by=Actor(row.created_by),
        changed_at=row.changed_at,
        changed_by=Actor(row.changed_by),
    )
