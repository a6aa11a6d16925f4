"""Whether the fee that was charged is the fee that was quoted (contract §9)."""

import pytest

from orderguard.domain.coverage_mode import RETURN_COVERAGE
from orderguard.domain.money import EUR, USD, Money
from orderguard.domain.offers.offer import SYSTEM_ERROR, make_offer
from orderguard.domain.orders.fee_verdict import (
    VERDICTS_TO_REVIEW,
    Charge,
    FeeVerdict,
    Quote,
    judge_fee,
    quote_of,
)
from tests.support.builders import BOTH, a_cart, a_configuration
from tests.support.orders import a_quote


def a_charge(*amounts: int, **changes: object) -> Charge:
    currency = changes.get("currency", USD)
    modes = changes.get("modes", BOTH)
    return Charge(modes, tuple(Money(amount, currency) for amount in amounts))  # type: ignore[arg-type]


def verdict(charge: Charge, *quotes: Quote, analysis_count: int | None = None) -> FeeVerdict:
    count = analysis_count if analysis_count is not None else (quotes[-1].ordinal if quotes else 1)
    return judge_fee(charge, quotes, analysis_count=count)[0]


def test_the_amount_modes_and_currency_of_the_last_quote_are_exact() -> None:
    assert FeeVerdict.EXACT is verdict(a_charge(4_98), a_quote())


def test_two_fees_that_add_up_to_the_quote_are_exact() -> None:
    assert FeeVerdict.EXACT is verdict(a_charge(2_98, 2_00), a_quote())


def test_an_earlier_quote_of_the_session_is_stale() -> None:
    quotes = (a_quote(1_98, ordinal=1), a_quote(2_98, ordinal=2))

    assert (FeeVerdict.STALE, quotes[0]) == judge_fee(a_charge(3_98), quotes, analysis_count=2)


def test_the_last_quote_is_stale_once_the_offer_was_hidden_after_it() -> None:
    assert FeeVerdict.STALE is verdict(a_charge(4_98), a_quote(ordinal=1), analysis_count=2)


def test_the_newest_of_several_equal_quotes_counts() -> None:
    quotes = (a_quote(ordinal=1), a_quote(1_00, ordinal=2), a_quote(ordinal=3))

    assert FeeVerdict.EXACT is verdict(a_charge(4_98), *quotes)


@pytest.mark.parametrize("amount", [4_97, 4_99])
def test_one_minor_unit_off_is_the_platforms_rounding(amount: int) -> None:
    assert FeeVerdict.ROUNDING is verdict(a_charge(amount), a_quote())


@pytest.mark.parametrize("amount", [4_96, 5_00])
def test_two_minor_units_off_are_an_altered_fee(amount: int) -> None:
    assert FeeVerdict.ALTERED is verdict(a_charge(amount), a_quote())


def test_two_fees_may_each_be_rounded() -> None:
    assert FeeVerdict.ROUNDING is verdict(a_charge(2_99, 2_01), a_quote())
    assert FeeVerdict.ALTERED is verdict(a_charge(2_99, 2_02), a_quote())


def test_another_currency_than_the_last_quote_is_a_currency_mismatch() -> None:
    assert FeeVerdict.CURRENCY_MISMATCH is verdict(a_charge(4_98, currency=EUR), a_quote())


def test_fees_in_two_currencies_are_a_currency_mismatch() -> None:
    charge = Charge(BOTH, (Money(2_98, USD), Money(2_00, EUR)))

    assert FeeVerdict.CURRENCY_MISMATCH is verdict(charge, a_quote())


def test_other_modes_than_were_quoted_are_a_mode_mismatch() -> None:
    charge = a_charge(2_98, modes=(RETURN_COVERAGE,))

    assert FeeVerdict.MODE_MISMATCH is verdict(charge, a_quote())


def test_a_fee_in_a_session_that_never_quoted_is_altered() -> None:
    assert (FeeVerdict.ALTERED, None) == judge_fee(a_charge(4_98), (), analysis_count=1)


def test_a_person_is_asked_to_look_at_everything_but_exact_and_rounding() -> None:
    assert {FeeVerdict.EXACT, FeeVerdict.ROUNDING} == set(FeeVerdict) - VERDICTS_TO_REVIEW


def test_an_eligible_offer_is_a_quote_of_its_modes_and_prices() -> None:
    offer = make_offer(a_cart(), a_configuration())

    assert Quote(3, BOTH, Money(4_98, USD), (2_98, 2_00)) == quote_of(offer, 3)


def test_a_hidden_offer_quotes_nothing() -> None:
    assert quote_of(SYSTEM_ERROR, 1) is None
