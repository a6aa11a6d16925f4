"""Magic lines ask for a reason, a price, modes, a delay or a failure (contract §12)."""

from __future__ import annotations

import pytest

from orderguard.domain.configuration.configuration import ChargeMethod
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION, CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.offers.magic_lines import Failure, MagicLines, magic_lines_of
from orderguard.domain.offers.offer import Offer, make_offer
from tests.support.builders import a_cart, a_configuration, a_line

BOTH = (RETURN_COVERAGE, SHIPPING_PROTECTION)


def _asked(*names: str) -> MagicLines:
    return magic_lines_of(a_cart(*(a_line(sku=name) for name in names)))


def _offer(name: str, **changes: object) -> Offer:
    cart = a_cart(a_line(sku=name))
    configuration = a_configuration(**changes)
    return magic_lines_of(cart).change(make_offer(cart, configuration), cart, configuration)


def _amounts(offer: Offer) -> dict[CoverageMode, int]:
    assert offer.charge is not None
    amounts = {each.mode: each.price.amount for each in offer.prices}
    assert offer.charge.amount.amount == sum(amounts.values())
    for each in offer.prices:
        assert each.price.amount == sum(step.amount for step in each.components)
    return amounts


def test_a_cart_without_magic_lines_gets_the_ordinary_offer() -> None:
    cart, configuration = a_cart(a_line(sku="LAMP"), a_line()), a_configuration()
    ordinary = make_offer(cart, configuration)

    assert MagicLines() == magic_lines_of(cart)
    assert ordinary is MagicLines().change(ordinary, cart, configuration)


def test_a_line_is_magic_by_its_product_id_too() -> None:
    assert 99 == magic_lines_of(a_cart(a_line(product_id="TEST-price-99"))).price


@pytest.mark.parametrize("reason", EligibilityReason)
def test_every_reason_can_be_asked_for(reason: EligibilityReason) -> None:
    offer = _offer(f"TEST-reason-{reason}")

    assert reason is offer.reason
    assert (reason is EligibilityReason.ELIGIBLE) == offer.eligible


@pytest.mark.parametrize(
    ("price", "amounts"),
    [
        (4_99, {RETURN_COVERAGE: 2_50, SHIPPING_PROTECTION: 2_49}),
        (1, {RETURN_COVERAGE: 1, SHIPPING_PROTECTION: 0}),
        (10**12, {RETURN_COVERAGE: 10**12 // 2, SHIPPING_PROTECTION: 10**12 // 2}),
    ],
)
def test_the_parts_of_a_price_add_up_to_it(price: int, amounts: dict[CoverageMode, int]) -> None:
    assert amounts == _amounts(_offer(f"TEST-price-{price}"))


def test_modes_have_their_configured_price_or_a_usual_one() -> None:
    only_return = {"modes": ["returnCoverage"]}

    assert {SHIPPING_PROTECTION: 2_00} == _amounts(_offer("TEST-mode-shipping"))
    assert {RETURN_COVERAGE: 2_98} == _amounts(_offer("TEST-mode-return", **only_return))
    assert {RETURN_COVERAGE: 2_98, SHIPPING_PROTECTION: 2_00} == _amounts(
        _offer("TEST-mode-both", **only_return)
    )


def test_a_disabled_or_missing_configuration_does_not_stop_a_price() -> None:
    cart = a_cart(a_line(sku="TEST-price-100"))
    offer = magic_lines_of(cart).change(make_offer(cart, None), cart, None)

    assert offer.charge is not None
    assert (100, ChargeMethod.FEE) == (offer.charge.amount.amount, offer.charge.method)
    assert {RETURN_COVERAGE: 50, SHIPPING_PROTECTION: 50} == _amounts(offer)
    assert {RETURN_COVERAGE: 100} == _amounts(
        _offer("TEST-price-100", enabled=False, modes=["returnCoverage"])
    )


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_can_be_asked_for(failure: Failure) -> None:
    assert failure is _asked(f"TEST-{failure.value}").failure


def test_of_several_lines_of_one_kind_the_first_counts() -> None:
    asked = _asked("TEST-delay-5", "TEST-price-7", "TEST-delay-9", "TEST-drop", "TEST-status-503")

    assert MagicLines(price=7, delay_ms=5, failure=Failure.DROPPED) == asked


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("TEST-reason-too_dear", "cart_total_too_low"),
        ("TEST-price-0", "minor units"),
        ("TEST-price-4.98", "minor units"),
        ("TEST-price-10000000000000", "minor units"),
        ("TEST-price-1000000000001", "minor units"),
        ("TEST-mode-returns", "return, shipping or both"),
        ("TEST-delay-30001", "milliseconds"),
        ("TEST-status-502", "401, 404, 429, 500, 503"),
    ],
)
def test_a_wrong_argument_is_refused_with_the_known_ones(name: str, known: str) -> None:
    with pytest.raises(InvalidDocument, match=known) as refused:
        magic_lines_of(a_cart(a_line(), a_line(sku=name)))

    assert "cart.lines[1].sku" == refused.value.problems[0].path


def test_a_product_whose_name_only_begins_like_a_magic_line_is_a_product() -> None:
    assert MagicLines() == _asked("TEST-", "TEST-LAMP", "TEST-Price-5", "test-price-5")
