"""The kinds of coverage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class CoverageMode(StrEnum):
    """A kind of coverage. Declared in canonical order: return before shipping (contract §3)."""

    RETURN_COVERAGE = "returnCoverage"
    SHIPPING_PROTECTION = "shippingProtection"


RETURN_COVERAGE = CoverageMode.RETURN_COVERAGE
SHIPPING_PROTECTION = CoverageMode.SHIPPING_PROTECTION

MODE_LABELS: Mapping[CoverageMode, str] = {
    RETURN_COVERAGE: "Return coverage",
    SHIPPING_PROTECTION: "Shipping protection",
}
"""What screens call each mode."""


def in_canonical_order(modes: Collection[CoverageMode]) -> tuple[CoverageMode, ...]:
    """The distinct modes, in the order in which every answer lists them."""
    return tuple(mode for mode in CoverageMode if mode in modes)
