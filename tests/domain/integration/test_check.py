"""The integration check as a whole: its verdict, and how much it shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.integration.check import (
    EVIDENCE_SHOWN,
    Standing,
    Verdict,
    check_traffic,
    parse_within,
)
from orderguard.domain.integration.traffic import Traffic
from tests.domain.integration.traffic import a_key, a_seen_order, a_seen_session
from tests.support.orders import NOON


def test_an_integration_passes_once_the_required_rules_are_held_and_none_is_broken() -> None:
    order = a_seen_order()
    traffic = Traffic(at=NOON, sessions=[a_seen_session()], orders=[order])
    exposed = a_key(seen_in_browser_at=NOON)

    assert Verdict.PASSED is check_traffic(traffic).verdict
    assert Verdict.INCOMPLETE is check_traffic(Traffic(at=NOON, orders=[order])).verdict
    broken = check_traffic(Traffic(at=NOON, sessions=traffic.sessions, keys=[exposed]))
    assert (Verdict.BROKEN, 1) == (broken.verdict, broken.count(Standing.BROKEN))


def test_a_line_shows_the_newest_evidence_and_counts_all() -> None:
    orders = [a_seen_order() for _ in range(7)]

    checked = check_traffic(Traffic(at=NOON, orders=orders))

    [line] = [each for each in checked.lines if each.rule.code == "session_on_order"]
    assert (EVIDENCE_SHOWN, 7) == (len(line.evidence), line.count)
    assert str(orders[0].record.id) == line.evidence[0].id


def test_a_time_span_is_days_hours_or_minutes() -> None:
    assert timedelta(hours=12) == parse_within("12h")
    assert timedelta(days=3_650) == parse_within("99999999d")
    with pytest.raises(Malformed, match="in 2d, 12h or 30m"):
        parse_within("yesterday")
