"""The interface to stored shadow runs; storage implements it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.what_if.shadow_report import ShadowReport
from orderguard.domain.what_if.shadow_run import (
    ShadowRun,
    ShadowRunId,
    ShadowRunStatus,
)


class ShadowRuns(Protocol):
    """Stored shadow runs (replays of past sessions against a draft), running and ended."""

    def add(self, run: ShadowRun) -> None: ...

    def find(self, merchant: MerchantId, run: ShadowRunId) -> ShadowRun | None: ...

    def find_anywhere(self, run: ShadowRunId) -> ShadowRun | None:
        """The run with this id, of any merchant: for the process of the run only."""

    def latest(
        self, merchant: MerchantId, *, draft: str | None = None, limit: int
    ) -> Sequence[ShadowRun]:
        """The last runs, newest first; with `draft` only the runs of this draft."""

    def count_alive(self, *, at: datetime, merchant: MerchantId | None = None) -> int:
        """How many runs are under way, of one merchant or in the whole installation."""

    def progress(self, run: ShadowRun, *, replayed: int, at: datetime) -> bool:
        """Record a run's progress; False when the run was cancelled and must stop."""

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
        """End a run that is under way; False, and nothing changed, when it has ended already."""
