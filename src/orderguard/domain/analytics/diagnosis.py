"""Findings of `orderguard doctor`: whether something works, and advice if it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    """It works now, but will stop working soon, or does not do what its author probably meant."""
    PROBLEM = "problem"
    """Something does not work now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found. It holds no keys, secrets, addresses of endpoints or personal data.

    `merchant` is a name, None for what concerns the whole installation. `advice` is empty when
    there is nothing to do.
    """

    check: str
    severity: Severity
    found: str
    advice: str = ""
    merchant: str | None = None


def has_problem(findings: Iterable[Finding]) -> bool:
    """Whether something does not work; a warning is no problem yet."""
    return any(finding.severity is Severity.PROBLEM for finding in findings)
