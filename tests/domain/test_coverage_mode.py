"""The order in which modes and reasons are given."""

from __future__ import annotations

from orderguard.domain.coverage_mode import (
    RETURN_COVERAGE,
    SHIPPING_PROTECTION,
    in_canonical_order,
)


def test_return_coverage_comes_before_shipping_protection() -> None:
    modes = in_canonical_order([SHIPPING_PROTECTION, RETURN_COVERAGE])

    assert (RETURN_COVERAGE, SHIPPING_PROTECTION) == modes


def test_a_mode_is_listed_once() -> None:
    assert (RETURN_COVERAGE,) == in_canonical_order([RETURN_COVERAGE, RETURN_COVERAGE])


def test_the_wire_names_of_the_modes_are_those_of_the_brief() -> None:
    assert ["returnCoverage", "shippingProtection"] == [RETURN_COVERAGE, SHIPPING_PROTECTION]
