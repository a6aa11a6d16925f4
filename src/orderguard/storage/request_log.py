"""The request log: the latest requests of each merchant (ADR 0092).

There is no index but the key: one merchant has at most a thousand rows, which are looked through.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from orderguard.domain.errors import Problem
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.integration.logged_request import (
    KEPT,
    LoggedRequest,
    RequestFilter,
    RequestOutcome,
)
from orderguard.storage.tables import request_log

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[tuple[str, str]]).decode


class SqlRequestLog:
    """The requests of all merchants, in a transaction that holds nothing else."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, requests: Sequence[LoggedRequest], *, kept: int = KEPT) -> None:
        if not requests:
            return
        is_postgresql = self._connection.dialect.name == "postgresql"
        insert: Any = postgresql.insert if is_postgresql else sqlite.insert
        rows = [_row(each) for each in requests]
        # Two processes may have drawn the same place; one row less is no harm to a log.
        self._connection.execute(insert(request_log).on_conflict_do_nothing(), rows)
        for merchant in sorted({each.merchant for each in requests}):
            self._trim(merchant, kept)

    def page(
        self,
        merchant: MerchantId,
        wanted: RequestFilter,
        *,
        before: int | None = None,
        limit: int,
    ) -> Sequence[LoggedRequest]:
        query = select(request_log).where(request_log.c.merchant_id == merchant)
        if before is not None:
            query = query.where(request_log.c.place < before)
        if wanted.request_id is not None:
            query = query.where(request_log.c.request_id == wanted.request_id)
        if wanted.outcome is not None:
            query = query.where(request_log.c.outcome == wanted.outcome)
        if wanted.status is not None:
            query = query.where(request_log.c.status == wanted.status)
        query = query.order_by(request_log.c.place.desc()).limit(limit)
        return [_request_from_row(row) for row in self._connection.execute(query)]

    def places(self, merchant: MerchantId) -> frozenset[int]:
        query = select(request_log.c.place).where(request_log.c.merchant_id == merchant)
        return frozenset(self._connection.execute(query).scalars())

    def at(self, merchant: MerchantId, places: Collection[int]) -> Sequence[LoggedRequest]:
        if not places:
            return []
        query = (
            select(request_log)
            .where(request_log.c.merchant_id == merchant, request_log.c.place.in_(places))
            .order_by(request_log.c.place)
        )
        return [_request_from_row(row) for row in self._connection.execute(query)]

    def _trim(self, merchant: MerchantId, kept: int) -> None:
        mine = request_log.c.merchant_id == merchant
        first_to_go = (
            select(request_log.c.place)
            .where(mine)
            .order_by(request_log.c.place.desc())
            .offset(kept)
            .limit(1)
        )
        place = self._connection.execute(first_to_go).scalar()
        if place is None:
            return
        # SKIP LOCKED: another process is just deleting these, and must not be waited for.
        old = (
            select(request_log.c.place)
            .where(mine, request_log.c.place <= place)
            .with_for_update(skip_locked=True)
        )
        gone = self._connection.execute(old).scalars().all()
        self._connection.execute(delete(request_log).where(mine, request_log.c.place.in_(gone)))


def _row(request: LoggedRequest) -> dict[str, Any]:
    return {
        "merchant_id": request.merchant,
        "place": request.place,
        "at": request.at,
        "request_id": request.request_id,
        "key_id": request.key,
        "method": request.method,
        "path": request.path,
        "status": request.status,
        "outcome": request.outcome,
        "duration_us": request.microseconds,
        "code": request.code,
        "problems": _encode([(each.path, each.message) for each in request.problems]),
        "body": request.body.encode(),
        "body_bytes": request.body_bytes,
    }


def _request_from_row(row: Any) -> LoggedRequest:
    return LoggedRequest(
        place=row.place,
        merchant=MerchantId(row.merchant_id),
        at=row.at,
        request_id=row.request_id,
        key=ApiKeyId(row.key_id),
        method=row.method,
        path=row.path,
        status=row.status,
        outcome=RequestOutcome(row.outcome),
        microseconds=row.duration_us,
        code=row.code,
        problems=[Problem(path, message) for path, message in _decode(row.problems)],
        body=row.body.decode(),
        body_bytes=row.body_bytes,
    )
