"""Every page of a merchant: which noun's class answers what."""

from __future__ import annotations

from orderguard.admin.console.overview import OverviewPages
from orderguard.admin.console.parts import ConsoleParts, PageRow, Pages


def page_table(parts: ConsoleParts) -> tuple[PageRow, ...]:
    """All rows. Paths are below `/console/m/{merchant_id}`."""
    nouns: tuple[Pages, ...] = (OverviewPages(parts),)
    return tuple(row for noun in nouns for row in noun.rows)
