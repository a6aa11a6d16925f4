"""Whether the fee that was charged is the fee that was quoted (contract §9). Never a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import Money
from orderguard.domain.offers.offer import LeftOutLine as LeftOutLine
from orderguard.domain.offers.offer import Offer


class FeeVerdict(StrEnum):
    """The result of comparing the charge with the quotes of its session."""

    EXACT = "exact"
    ROUNDING = "rounding"
    STALE = "stale"
    MODE_MISMATCH = "mode_mismatch"
    CURRENCY_MISMATCH = "currency_mismatch"
    ALTERED = "altered"
    UNLINKED = "unlinked"


VERDICTS_TO_REVIEW = frozenset(FeeVerdict) - {FeeVerdict.EXACT, FeeVerdict.ROUNDING}
"""Verdicts that a person should look at."""

ROUNDING_TOLERANCE = 1
"""Minor units per fee by which a platform's own rounding may differ from the quote."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The price quoted by one analysis. `mode_prices` are minor units, in the order of `modes`.

    `left_out` are the cart lines that the offer did not cover. A coverage never includes them
    either (contract §9). `ordinal` is the latest analysis that gave this quote.
    """

    ordinal: int
    modes: tuple[CoverageMode, ...]
    amount: Money
    mode_prices: tuple[int, ...]
    left_out: tuple[LeftOutLine, ...] = ()


def quote_of(offer: Offer, ordinal: int) -> Quote | None:
    """The quote in an offer; None when it was hidden."""
    if offer.charge is None:
        return None
    prices = tuple([price.price.amount for price in offer.prices])
    return Quote(ordinal, offer.modes, offer.charge.amount, prices, offer.left_out)


@dataclass(frozen=True, slots=True)
class Charge:
    """The accepted modes of an order, and the amounts of its accepted fees."""

    modes: tuple[CoverageMode, ...]
    amounts: tuple[Money, ...]

    @property
    def currencies(self) -> frozenset[str]:
        return frozenset(amount.currency for amount in self.amounts)

    @property
    def total(self) -> int:
        """The sum of the accepted fees in minor units; meaningful when all have one currency."""
        return sum(amount.amount for amount in self.amounts)


def judge_fee(
    charge: Charge, quotes: Sequence[Quote], *, analysis_count: int
) -> tuple[FeeVerdict, Quote | None]:
    """The verdict, and the quote that the charge was compared with.

    `quotes` are the session's quotes, oldest first, and `analysis_count` tells whether the newest
    of them is still current: an analysis without a quote may have come after it.
    """
    if not quotes:
        return FeeVerdict.ALTERED, None
    latest = quotes[-1]
    for quote in reversed(quotes):
        if _is_charge_of(quote, charge):
            is_current = quote is latest and quote.ordinal == analysis_count
            return FeeVerdict.EXACT if is_current else FeeVerdict.STALE, quote
    if charge.currencies != {latest.amount.currency}:
        return FeeVerdict.CURRENCY_MISMATCH, latest
    if charge.modes != latest.modes:
        return FeeVerdict.MODE_MISMATCH, latest
    difference = abs(charge.total - latest.amount.amount)
    if difference <= ROUNDING_TOLERANCE * len(charge.amounts):
        return FeeVerdict.ROUNDING, latest
    return FeeVerdict.ALTERED, latest


def _is_charge_of(quote: Quote, charge: Charge) -> bool:
    return (
        charge.currencies == {quote.amount.currency}
        and charge.modes == quote.modes
        and charge.total == quote.amount.amount
    )
