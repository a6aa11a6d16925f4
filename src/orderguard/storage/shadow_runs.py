"""Shadow runs (replays of past sessions against a draft) in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from orderguard.domain.ids import MerchantId
from orderguard.domain.what_if.shadow_report import ShadowReport
from orderguard.domain.what_if.shadow_run import (
    SILENT_AFTER,
    ShadowRun,
    ShadowRunId,
    ShadowRunStatus,
)
from orderguard.storage.rows import to_row
from orderguard.storage.tables import shadow_runs

_report_from_row = msgspec.json.Decoder(
    ShadowReport, dec_hook=lambda type_, value: type_(value)
).decode


class SqlShadowRuns:
    """Shadow runs of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, run: ShadowRun) -> None:
        self._connection.execute(
            insert(shadow_runs).values(
                merchant_id=run.merchant,
                id=run.id,
                draft_id=run.draft,
                source=run.source,
                last=run.last,
                status=run.status,
                replayed=run.replayed,
                started_at=run.started_at,
                progressed_at=run.progressed_at,
                started_by=run.started_by,
            )
        )

    def find(self, merchant: MerchantId, run: ShadowRunId) -> ShadowRun | None:
        query = select(shadow_runs).where(
            shadow_runs.c.merchant_id == merchant, shadow_runs.c.id == run
        )
        row = self._connection.execute(query).first()
        return _run_from_row(row) if row else None

    def find_anywhere(self, run: ShadowRunId) -> ShadowRun | None:
        row = self._connection.execute(select(shadow_runs).where(shadow_runs.c.id == run)).first()
        return _run_from_row(row) if row else None

    def latest(
        self, merchant: MerchantId, *, draft: str | None = None, limit: int
    ) -> Sequence[ShadowRun]:
        query = select(shadow_runs).where(shadow_runs.c.merchant_id == merchant)
        if draft is not None:
            query = query.where(shadow_runs.c.draft_id == draft)
        newest = query.order_by(shadow_runs.c.started_at.desc(), shadow_runs.c.id).limit(limit)
        return [_run_from_row(row) for row in self._connection.execute(newest)]

    def count_alive(self, *, at: datetime, merchant: MerchantId | None = None) -> int:
        query = select(func.count()).where(
            shadow_runs.c.status == ShadowRunStatus.RUNNING,
            shadow_runs.c.progressed_at > at - SILENT_AFTER,
        )
        if merchant is not None:
            query = query.where(shadow_runs.c.merchant_id == merchant)
        return self._connection.execute(query).scalar_one()

    def progress(self, run: ShadowRun, *, replayed: int, at: datetime) -> bool:
        done = self._connection.execute(
            update(shadow_runs)
            .where(_is(run), shadow_runs.c.status == ShadowRunStatus.RUNNING)
            .values(replayed=replayed, progressed_at=at)
        )
        return done.rowcount == 1

    def end(
        self,
        run: ShadowRun,
        status: ShadowRunStatus,
        *,
        at: datetime,
        replayed: int | None = None,
        report: ShadowReport | None = None,
        failure: str | None = None,
    ) -> bool:
        values: dict[str, Any] = {"status": status, "progressed_at": at, "failure": failure}
        if replayed is not None:
            values["replayed"] = replayed
        if report is not None:
            values["report"] = to_row(report)
        done = self._connection.execute(
            update(shadow_runs)
            .where(_is(run), shadow_runs.c.status == ShadowRunStatus.RUNNING)
            .values(values)
        )
        return done.rowcount == 1


def _is(run: ShadowRun) -> Any:
    return (shadow_runs.c.merchant_id == run.merchant) & (shadow_runs.c.id == run.id)


def _run_from_row(row: Row[Any]) -> ShadowRun:
    return ShadowRun(
        merchant=MerchantId(row.merchant_id),
        id=ShadowRunId(row.id),
        draft=row.draft_id,
        source=row.source,
        last=row.last,
        status=ShadowRunStatus(row.status),
        replayed=row.replayed,
        started_at=row.started_at,
        progressed_at=row.progressed_at,
        started_by=row.started_by,
        report=None if row.report is None else _report_from_row(row.report),
        failure=row.failure,
    )
