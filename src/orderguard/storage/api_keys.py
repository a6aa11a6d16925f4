"""Issued API keys. Only the hash of a key is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.people.api_key import ApiKey, Scope
from orderguard.storage.changes import announce_change
from orderguard.storage.merchants import sandbox_from_row
from orderguard.storage.tables import api_keys, merchants

_KEYS = select(api_keys, merchants.c.is_sandbox, merchants.c.clock_ahead_us).join(
    merchants, merchants.c.id == api_keys.c.merchant_id
)
"""With what a request must know of the key's merchant, so that no request looks it up."""


class SqlApiKeys:
    """All keys ever issued; revoked keys stay in the list, with the time of their revocation."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey, key_hash: bytes) -> None:
        self._connection.execute(
            insert(api_keys).values(
                id=key.id,
                merchant_id=key.merchant,
                hash=key_hash,
                scopes=sorted(key.scopes),
                origins=sorted(key.origins),
                requests_per_minute=key.requests_per_minute,
                created_at=key.created_at,
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
                last_used_at=key.last_used_at,
            )
        )
        announce_change(self._connection)

    def find(self, id_: ApiKeyId) -> ApiKey | None:
        row = self._connection.execute(_KEYS.where(api_keys.c.id == id_)).first()
        return _api_key_from_row(row) if row else None

    def find_by_hashes(self, hashes: Collection[bytes]) -> dict[bytes, ApiKey]:
        """The keys of these hashes that were issued, in one statement."""
        rows = self._connection.execute(_KEYS.where(api_keys.c.hash.in_(hashes)))
        return {bytes(row.hash): _api_key_from_row(row) for row in rows}

    def revoke(self, id_: ApiKeyId, *, at: datetime) -> None:
        self._connection.execute(
            update(api_keys)
            .where(api_keys.c.id == id_, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        announce_change(self._connection)

    def of_merchant(self, merchant: MerchantId) -> Sequence[ApiKey]:
        query = _KEYS.where(api_keys.c.merchant_id == merchant).order_by(
            api_keys.c.created_at, api_keys.c.id
        )
        return [_api_key_from_row(row) for row in self._connection.execute(query)]

    def record_uses(
        self, uses: Mapping[ApiKeyId, datetime], exposures: Mapping[ApiKeyId, datetime]
    ) -> None:
        """Store when keys were last used, and last sent by a browser that should not have them.

        Without a change notice: caches stay valid.
        """
        for id_, at in uses.items():
            self._connection.execute(
                update(api_keys).where(api_keys.c.id == id_).values(last_used_at=at)
            )
        for id_, at in exposures.items():
            self._connection.execute(
                update(api_keys).where(api_keys.c.id == id_).values(seen_in_browser_at=at)
            )


def _api_key_from_row(row: Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        id=ApiKeyId(row.id),
        merchant=MerchantId(row.merchant_id),
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        origins=frozenset(row.origins),
        requests_per_minute=row.requests_per_minute,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        seen_in_browser_at=row.seen_in_browser_at,
        sandbox=sandbox_from_row(row),
    )
