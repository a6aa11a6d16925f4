"""Published configurations: every version, as text, for ever."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Row, Select, insert, select

from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.storage.changes import announce_change
from orderguard.storage.tables import configurations


class SqlPublishedConfigurations:
    """All versions of all merchants. A version is inserted once and never changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, published: PublishedConfiguration) -> None:
        self._connection.execute(
            insert(configurations).values(
                merchant_id=published.merchant,
                version=published.version,
                source=published.source,
                published_at=published.published_at,
                published_by=published.published_by,
            )
        )
        announce_change(self._connection)

    def latest(self, merchant: MerchantId) -> PublishedConfiguration | None:
        row = self._connection.execute(_newest_first(merchant).limit(1)).first()
        return _published_from_row(row) if row else None

    def find(
        self, merchant: MerchantId, version: ConfigurationVersion
    ) -> PublishedConfiguration | None:
        query = _newest_first(merchant).where(configurations.c.version == version)
        row = self._connection.execute(query).first()
        return _published_from_row(row) if row else None

    def history(
        self,
        merchant: MerchantId,
        *,
        before: ConfigurationVersion | None = None,
        limit: int | None = None,
    ) -> Sequence[PublishedConfiguration]:
        query = _newest_first(merchant).limit(limit)
        if before is not None:
            query = query.where(configurations.c.version < before)
        return [_published_from_row(row) for row in self._connection.execute(query)]


def _newest_first(merchant: MerchantId) -> Select[tuple[object, ...]]:
    return (
        select(configurations)
        .where(configurations.c.merchant_id == merchant)
        .order_by(configurations.c.version.desc())
    )


def _published_from_row(row: Row[tuple[object, ...]]) -> PublishedConfiguration:
    return PublishedConfiguration(
        merchant=MerchantId(row.merchant_id),
        version=ConfigurationVersion(row.version),
        source=row.source,
        published_at=row.published_at,
        published_by=row.published_by,
    )
