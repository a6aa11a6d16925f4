"""What a check-up comes to."""

from __future__ import annotations

from orderguard.domain.analytics.diagnosis import Finding, Severity, has_problem


def a_finding(severity: Severity) -> Finding:
    return Finding(check="disk", severity=severity, found="1 GB is free.")


def test_a_warning_is_no_problem_yet() -> None:
    assert not has_problem([a_finding(Severity.OK), a_finding(Severity.WARNING)])


def test_one_problem_is_enough() -> None:
    assert has_problem([a_finding(Severity.PROBLEM), a_finding(Severity.OK)])
