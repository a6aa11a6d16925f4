"""Hints about carts that are legal and cost money (contract §3)."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.cart import DeliveryMethod
from orderguard.domain.money import parse_currency
from orderguard.domain.offers.hints import (
    HintCode,
    hints_about_cart,
    lacks_delivery_groups,
    lines_are_apart,
    looks_like_major_units,
)
from tests.support.builders import a_cart, a_configuration, a_line, an_empty_cart

LIMITS = {"USD": {"subtotal_minimum": 50_00, "subtotal_maximum": 900_00}}


def codes(*, names_session: bool = True, **changes: Any) -> list[HintCode]:
    cart = a_cart(**({"delivery_methods": (DeliveryMethod.SHIPPING,)} | changes))
    found = hints_about_cart(cart, a_configuration(), names_session=names_session)
    return [hint.code for hint in found]


def test_a_cart_without_a_mistake_has_no_hint() -> None:
    assert [] == codes()
    assert [] == list(hints_about_cart(a_cart(), None, names_session=False))


def test_every_mistake_has_its_hint() -> None:
    assert [
        HintCode.NO_DELIVERY_GROUPS,
        HintCode.ID_INSIDE_CART,
        HintCode.SUBTOTAL_IN_MAJOR_UNITS,
        HintCode.LINES_AND_SUBTOTAL_APART,
        HintCode.CURRENCY_NOT_CONFIGURED,
    ] == codes(
        names_session=False,
        delivery_methods=(),
        id="c-1",
        subtotal_amount=50,
        currency=parse_currency("EUR"),
    )


def test_an_id_in_the_cart_is_fine_beside_one_that_names_the_session() -> None:
    assert [] == codes(id="c-1")


def test_delivery_groups_matter_only_where_shipping_is_protected() -> None:
    returns = a_configuration(modes=["returnCoverage"])

    assert lacks_delivery_groups(a_cart(), a_configuration())
    assert not lacks_delivery_groups(a_cart(), returns)
    assert not lacks_delivery_groups(a_cart(), None)


@pytest.mark.parametrize(
    ("subtotal", "is_suspicious"),
    [
        (0, False),
        (1, True),
        (9_99, True),
        (10_00, False),  # $10.00, or $1,000.00 in dollars: above the maximum
        (9_00, True),
    ],
)
def test_a_small_subtotal_looks_like_major_units(subtotal: int, is_suspicious: bool) -> None:
    cart = a_cart(subtotal_amount=subtotal)

    assert is_suspicious == looks_like_major_units(cart, a_configuration(limits=LIMITS))
    assert is_suspicious == looks_like_major_units(cart, None)


@pytest.mark.parametrize(
    ("limits", "is_suspicious"),
    [
        ({"subtotal_minimum": 50_00, "subtotal_maximum": 5000_00}, True),
        ({"subtotal_minimum": 50_00}, True),
        ({"subtotal_minimum": 50_00, "subtotal_maximum": 2000_00}, False),
        ({"subtotal_minimum": 20_00}, False),
        ({"subtotal_minimum": 5000_00}, False),
        ({}, False),
    ],
)
def test_a_subtotal_that_is_within_the_limits_a_hundredfold(
    limits: dict[str, int], is_suspicious: bool
) -> None:
    configuration = a_configuration(limits={"USD": limits})

    assert is_suspicious == looks_like_major_units(a_cart(subtotal_amount=24_99), configuration)


def test_a_currency_without_decimals_has_no_major_units() -> None:
    yen = a_cart(subtotal_amount=500, currency=parse_currency("JPY"))
    dinars = a_cart(subtotal_amount=9_999, currency=parse_currency("KWD"))

    assert not looks_like_major_units(yen, None)
    assert looks_like_major_units(dinars, None)


@pytest.mark.parametrize(
    ("line", "subtotal", "are_apart"),
    [
        (50_00, 50_00, False),
        (50_00, 50, True),
        (50, 50_00, True),
        (50_00, 46, True),
        (50_00, 500, False),
        (0, 50_00, False),
        (50_00, 0, False),
    ],
)
def test_lines_and_subtotal_a_hundredfold_apart(line: int, subtotal: int, are_apart: bool) -> None:
    assert are_apart == lines_are_apart(a_cart(a_line(line), subtotal_amount=subtotal))
    assert not lines_are_apart(an_empty_cart())
