"""Where an analysis is recorded."""

from __future__ import annotations

from datetime import timedelta

from orderguard.domain.ids import SessionId
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.domain.offers.offer_session import RETENTION

SESSION = SessionId.parse("lop_a1b2c3d4e5f6g7h8i9j0")


def test_the_first_analysis_creates_the_session() -> None:
    assert RecordedAnalysis(SESSION, 1).session_created


def test_a_later_analysis_finds_the_session_there() -> None:
    assert not RecordedAnalysis(SESSION, 2).session_created


def test_a_session_is_kept_for_30_days_after_its_last_analysis() -> None:
    assert timedelta(days=30) == RETENTION
