"""A session's contribution to its merchant's numbers by day and dimension (docs/decisions/0028).

A session, or an order without one, is reduced to `Facts`. Its contribution to the rollups is
computed from the facts alone, so that the old contribution can be subtracted exactly when new facts
replace it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from orderguard.domain.analytics.funnel import SessionOutcome
from orderguard.domain.cart import Presentation
from orderguard.domain.money import Currency, exponent, was_ever_listed
from orderguard.domain.region import Region


class Dimension(StrEnum):
    """The dimensions of a breakdown. Each dimension counts every session at most once."""

    ALL = "all"
    """No breakdown: all sessions, and orders without a session."""
    PLATFORM = "platform"
    COUNTRY = "country"
    CURRENCY = "currency"
    OFFER_ORIGIN = "offerOrigin"
    MOUNT_TARGET = "mountTarget"
    CART_EXPERIENCE = "cartExperience"
    CART_VALUE = "cartValue"
    EXPERIMENT = "experiment"


class Measure(StrEnum):
    """The measures of a report. A session counts on the day (UTC) on which it began."""

    ANALYSED = "analysed"
    ANALYSES = "analyses"
    """Calls of analyze; a session has one for every look at its cart."""
    ELIGIBLE = "eligible"
    """Sessions that qualified at least once, the control group of an experiment included."""
    SHOWN = "shown"
    """Sessions in which the offer could be seen; an acceptance proves that it was."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ABANDONED = "abandoned"
    OPEN = "open"
    ORDERS = "orders"
    """Orders that are not deleted; one without a session counts on the day it came."""
    ACCEPTED_UNLINKED = "accepted_unlinked"
    """Orders with the fee, but without a session we know."""
    REMOVED = "removed"
    """Sessions in which the fee was taken off or given back after the order."""
    REVENUE = "revenue"
    """Fees earned, net of reversals, minor units, on the day the session began."""
    SQUARES_HIGH = "revenue_squares_high"
    SQUARES_LOW = "revenue_squares_low"
    """The sum over sessions of their squared revenue, in two parts (see `split_square`)."""
    FEES = "fees"
    """Fees billed, on the day they were posted: what statements say."""
    REVERSALS = "reversals"
    """Fees reversed, as a positive number, on the day the reversal was posted."""
    PROVIDER_SHARE = "provider_share"


HIDDEN = "hidden:"
"""Before a reason: sessions that were never shown the offer, by their last reason."""

VALUE_LIMIT = 200
"""Characters of a dimension's value."""

NO_CURRENCY = "XXX"
"""ISO 4217's own code for "no currency"."""

NO_VALUE = ""
"""The value of a session without this property; its rows are in the total only."""

_SQUARE_BITS = 40


@dataclass(frozen=True, slots=True)
class CartInBrief:
    """The properties of a cart that numbers can be broken down by."""

    platform: str
    region: Region
    currency: Currency
    subtotal_amount: int
    presentation: Presentation = field(default_factory=Presentation)


class Cell(NamedTuple):
    """The key of a number in the rollups. Amounts are in minor units of the cell's currency."""

    day: date
    dimension: str
    value: str
    currency: str
    measure: str


@dataclass(frozen=True, slots=True)
class PostedAmount:
    """The fees posted for one order in one currency on one day, in minor units.

    A correction of a closed month counts on the first day of the month it is booked to.
    """

    day: date
    currency: str
    fees: int
    reversals: int
    provider_share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The data about one session and its order, or an order without a session, that reports count.

    `values` has one value for every `Dimension` but `ALL`, in their order. `outcome` is None for an
    order without a session. `unsettled_until` is when an open session becomes abandoned.
    """

    day: date
    currency: str
    values: tuple[str, ...]
    outcome: SessionOutcome | None
    was_eligible: bool = False
    hidden_because: str | None = None
    analyses: int = 0
    has_order: bool = False
    is_accepted: bool = False
    fee_was_taken_off: bool = False
    posted: tuple[PostedAmount, ...] = ()
    unsettled_until: datetime | None = None

    def as_of(self, at: datetime) -> Facts:
        """These facts as of `at`: an open session after the abandonment window is abandoned."""
        if self.unsettled_until is None or at < self.unsettled_until:
            return self
        return replace(self, outcome=SessionOutcome.ABANDONED, unsettled_until=None)

    def contribution(self) -> Counter[Cell]:
        """The numbers that these facts add to the rollups; zeros are left out."""
        counts = list(self._counts())
        counts += [(self.day, Measure.REVENUE, c, n) for c, n in self._revenue().items()]
        cells: Counter[Cell] = Counter()
        for dimension, value in zip(Dimension, (NO_VALUE, *self.values), strict=True):
            if value == NO_VALUE and dimension is not Dimension.ALL:
                continue
            for day, measure, currency, number in counts:
                cells[Cell(day, dimension, value, currency, measure)] += number
            if dimension is Dimension.EXPERIMENT:
                self._add_squares(cells, value)
        return Counter({cell: number for cell, number in cells.items() if number})

    def _counts(self) -> Iterator[tuple[date, str, str, int]]:
        for measure, number in self._sessions().items():
            yield self.day, measure, self.currency, number
        for amount in self.posted:
            yield amount.day, Measure.FEES, amount.currency, amount.fees
            yield amount.day, Measure.REVERSALS, amount.currency, amount.reversals
            yield amount.day, Measure.PROVIDER_SHARE, amount.currency, amount.provider_share

    def _sessions(self) -> dict[str, int]:
        if self.outcome is None:
            return {
                Measure.ORDERS: int(self.has_order),
                Measure.ACCEPTED_UNLINKED: int(self.is_accepted),
            }
        counted: dict[str, int] = {
            Measure.ANALYSED: 1,
            Measure.ANALYSES: self.analyses,
            Measure.ELIGIBLE: int(self.was_eligible),
            Measure.SHOWN: int(self.outcome is not SessionOutcome.NOT_SHOWN),
            Measure.ORDERS: int(self.has_order),
            Measure.REMOVED: int(self.fee_was_taken_off),
        }
        if self.outcome is not SessionOutcome.NOT_SHOWN:
            counted[self.outcome] = 1
        if self.hidden_because:
            counted[HIDDEN + self.hidden_because] = 1
        return counted

    def _revenue(self) -> Counter[str]:
        revenue: Counter[str] = Counter()
        for amount in self.posted:
            revenue[amount.currency] += amount.fees - amount.reversals
        return revenue

    def _add_squares(self, cells: Counter[Cell], value: str) -> None:
        for currency, amount in self._revenue().items():
            high, low = split_square(amount)
            for measure, number in ((Measure.SQUARES_HIGH, high), (Measure.SQUARES_LOW, low)):
                cells[Cell(self.day, Dimension.EXPERIMENT, value, currency, measure)] += number


def split_square(amount: int) -> tuple[int, int]:
    """The square of `amount` as (high, low), which are summed apart so that no sum overflows."""
    return divmod(amount * amount, 1 << _SQUARE_BITS)


def joined_square(high: int, low: int) -> int:
    """Join what `split_square` split: the sum of squares, from the sum of each part."""
    return (high << _SQUARE_BITS) + low


def values_of(cart: CartInBrief, arm: str) -> tuple[str, ...]:
    """A cart's value in every dimension but `ALL`; `arm` is empty outside of experiments."""
    shown = cart.presentation
    found = (
        cart.platform,
        cart.region.country,
        reported_currency(cart.currency),
        shown.offer_origin,
        shown.mount_target,
        shown.cart_experience,
        value_band(cart.subtotal_amount, cart.currency),
        arm,
    )
    # PostgreSQL keeps no NUL in texts; integrators choose these words freely.
    return tuple(value.replace("\0", "")[:VALUE_LIMIT] for value in found)


def reported_currency(currency: Currency) -> str:
    """The currency that a cart is counted under: `XXX` for a code that ISO 4217 never listed.

    Any three letters are a valid code, and the number of sums must not grow with invented codes.
    """
    return currency if was_ever_listed(currency) else NO_CURRENCY


def arm_value(experiment: str, arm: str) -> str:
    """The value of an arm in the dimension of experiments."""
    return f"{experiment} | {arm}"


def value_band(subtotal: int, currency: Currency) -> str:
    """The band of a cart's subtotal in major units: `20-50` is from 20 to just below 50.

    Bands begin at 0, 10, 20, 50, 100, 200 and so on, which serves yen as well as dinars.
    """
    lower, upper, decade = 0, 10, 10
    while subtotal >= upper * 10 ** exponent(currency):
        lower = upper
        # 10, 20, 50, and the same in the next decade.
        upper = 5 * decade if upper == 2 * decade else 2 * upper
        decade = upper if upper == 10 * decade else decade
    return f"{lower}-{upper}"


def band_place(band: str) -> int:
    """The sort key of a band."""
    lower = band.partition("-")[0]
    return int(lower) if lower.isdigit() else -1
