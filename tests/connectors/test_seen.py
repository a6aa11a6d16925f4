"""Runs of several versions of a platform, one after the other, stand beside each other."""

from __future__ import annotations

from typing import Any

from tests.connectors.seen import added


def run(version: str, **rows: int) -> dict[str, Any]:
    return {
        "versions": {"WooCommerce": version},
        "date": "2026-11-29",
        "rows": {row: {"test_selling.py": count} for row, count in rows.items()},
    }


def test_a_fresh_run_takes_the_place_of_the_one_with_the_same_versions() -> None:
    kept = [run("9.9.5", one=2, two=1), run("11.0.1", one=2)]
    fresh = [run("9.9.5", one=3)]

    assert added(kept, fresh) == [run("11.0.1", one=2), run("9.9.5", one=3)]
