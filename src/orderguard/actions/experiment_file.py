"""The results of an experiment as JSON for programs."""

from __future__ import annotations

from typing import Any

from orderguard.domain.analytics import experiment_words as words
from orderguard.domain.analytics.analytics import Measure
from orderguard.domain.analytics.experiment_report import (
    ArmReading,
    ComparedFigure,
    ExperimentReport,
)


def experiment_document(report: ExperimentReport) -> dict[str, Any]:
    """All results as JSON. Estimates are ten-thousandths: of a session, or of a minor unit."""
    return {
        "key": report.experiment.key,
        "status": str(report.experiment.status),
        "kind": "holdout" if report.is_holdout else "price_test",
        "advice": words.advice(report),
        "warnings": words.warnings(report),
        "isSplitBroken": report.is_split_broken,
        "sessions": report.sessions,
        "from": report.first.isoformat() if report.first else None,
        "to": report.last.isoformat() if report.last else None,
        "baseline": report.baseline,
        "arms": [_arm(each) for each in report.arms],
    }


def _arm(each: ArmReading) -> dict[str, Any]:
    numbers = each.numbers
    return {
        "name": each.arm.name,
        "weight": each.arm.weight,
        "suppress": each.arm.suppress,
        "sessions": each.sessions,
        "orders": numbers.count(Measure.ORDERS),
        "accepted": numbers.count(Measure.ACCEPTED),
        "removed": numbers.count(Measure.REMOVED),
        "revenue": {code: numbers.amount(Measure.REVENUE, code) for code in numbers.currencies},
        "readings": [_reading(reading) for reading in each.readings],
    }


def _reading(reading: ComparedFigure) -> dict[str, Any]:
    interval = reading.interval
    return {
        "figure": str(reading.figure),
        "currencyCode": reading.currency or None,
        "isGuardrail": reading.figure.is_guardrail,
        "baseline": reading.baseline,
        "arm": reading.arm,
        "difference": interval
        and {"estimate": interval.estimate, "lower": interval.lower, "upper": interval.upper},
        "verdict": str(reading.verdict),
        "words": words.verdict_words(reading),
    }
