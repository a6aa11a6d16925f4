"""Runs of several versions of a platform, one after the other, make one record."""

from __future__ import annotations

from tests.connectors.seen import added


def test_a_row_stays_that_held_in_every_run() -> None:
    first = {
        "versions": {"WooCommerce": "9.9.5", "WordPress": "7.1.4"},
        "date": "2026-11-29",
        "rows": {"1": {"test_selling.py": 2}, "2": {"test_selling.py": 1}},
    }
    second = {
        "versions": {"WooCommerce": "11.0.1", "WordPress": "7.1.4"},
        "date": "2026-11-30",
        "rows": {"1": {"test_selling.py": 2, "test_ways.py": 1}},
    }

    assert added(first, second) == {
        "versions": {"WooCommerce": "9.9.5 and 11.0.1", "WordPress": "7.1.4"},
        "date": "2026-11-30",
        "rows": {"1": {"test_selling.py": 4, "test_ways.py": 1}},
    }
