"""Minor and major units under the names that the storefront package has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from orderguard.client import major_from_minor, minor_from_major
from orderguard.domain.errors import Malformed

WIDGET_TEST = Path(__file__).parents[2] / "widget/test/money.test.ts"
SAME = [
    (int(amount), currency, major)
    for amount, currency, major in re.findall(
        r"\[(-?\d+), '([A-Z]{3})', '(-?[\d.]+)'\]", WIDGET_TEST.read_text(encoding="utf-8")
    )
]


@pytest.mark.parametrize(("amount", "currency", "major"), SAME)
def test_there_and_back_as_in_the_storefront_package(
    amount: int, currency: str, major: str
) -> None:
    assert major == major_from_minor(amount, currency)
    assert amount == minor_from_major(major, currency)


def test_the_storefront_package_has_such_a_table() -> None:
    assert {0, 2, 3, 4} <= {len(major.partition(".")[2]) for _, _, major in SAME}


@pytest.mark.parametrize("amount", [4.98, 498.0, True, "498", None])
def test_what_is_no_whole_number_of_cents_is_refused(amount: Any) -> None:
    with pytest.raises(Malformed, match="not a whole number of minor units"):
        major_from_minor(amount, "USD")


@pytest.mark.parametrize("text", [4.98, 498, "4.985", "", "1,00", "1e3", " 1"])
def test_what_is_no_amount_is_refused(text: Any) -> None:
    with pytest.raises(Malformed):
        minor_from_major(text, "USD")


def test_a_currency_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Malformed):
        major_from_minor(1, "EDA")
