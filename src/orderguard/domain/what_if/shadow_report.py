"""Report the answers that a draft configuration would have given to real carts.

Revenue is weighted by attachment: the sum of the prices offered, times the share of shown offers
that were accepted. The share is the one observed among the same sessions under the published
configuration, so it is assumed that shoppers accept as before; only an experiment can measure how a
price changes that. Prices of different currencies are never added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import SessionId
from orderguard.domain.money import BASIS_POINTS, Currency
from orderguard.domain.offers.offer import Offer

EXAMPLES_AT_MOST = 10
"""Sessions that are kept behind each number."""

_BAND_WORDS: Mapping[int | None, str] = {
    -5_000: "half or less",
    -2_000: "20 % to 50 % lower",
    -1_000: "10 % to 20 % lower",
    -500: "5 % to 10 % lower",
    -1: "up to 5 % lower",
    0: "the same",
    500: "up to 5 % higher",
    1_000: "5 % to 10 % higher",
    2_000: "10 % to 20 % higher",
    5_000: "20 % to 50 % higher",
    None: "more than 50 % higher",
}

PRICE_BANDS = tuple(end for end in _BAND_WORDS if end is not None)
"""Upper ends, inclusive, of the bands of price movement, in basis points of the price before; the
last band has none. `0` is the band of prices that stay."""


@dataclass(frozen=True, slots=True)
class Flip:
    """Sessions whose eligibility reason would change from `before` to `after` under the draft."""

    before: EligibilityReason
    after: EligibilityReason
    sessions: int
    examples: tuple[SessionId, ...]

    @property
    def gains(self) -> bool:
        """Whether the draft shows these shoppers an offer that they did not see."""
        return self.after is EligibilityReason.ELIGIBLE

    @property
    def loses(self) -> bool:
        """Whether the draft hides the offer from these shoppers, who did see it."""
        return self.before is EligibilityReason.ELIGIBLE


@dataclass(frozen=True, slots=True)
class PriceBand:
    """Sessions shown the offer before and after, whose price changes by a percentage in a band.

    `up_to_bps` is the upper end of the band in basis points; None is above all others.
    """

    up_to_bps: int | None
    sessions: int
    examples: tuple[SessionId, ...]

    @property
    def words(self) -> str:
        """The band in words, both ends in whole percents."""
        return _BAND_WORDS[self.up_to_bps]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyReport:
    """Prices and revenue in one currency; amounts in its minor units.

    `accepted` of the `shown_before` sessions have an order that took the offer.
    """

    currency: Currency
    shown_before: int
    shown_after: int
    accepted: int
    offered_before: int
    offered_after: int
    bands: tuple[PriceBand, ...]

    @property
    def revenue_before(self) -> int | None:
        """The sum of the offered prices, times the accepted share; None when no offer was shown."""
        return self._weighted(self.offered_before)

    @property
    def revenue_after(self) -> int | None:
        """The sum of the draft's prices, times the same share; None when no share was observed."""
        return self._weighted(self.offered_after)

    @property
    def attach_rate_bps(self) -> int | None:
        """The observed share, in basis points, rounded down."""
        return self.accepted * BASIS_POINTS // self.shown_before if self.shown_before else None

    def _weighted(self, offered: int) -> int | None:
        return offered * self.accepted // self.shown_before if self.shown_before else None


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """The effect that publishing the draft would have had on these sessions.

    `unreadable` sessions could not be replayed; they are in no other number.
    """

    sessions: int
    unchanged: int
    unreadable: int
    flips: tuple[Flip, ...]
    currencies: tuple[CurrencyReport, ...]


@dataclass(slots=True)
class _Group:
    """A count of sessions, with a few of them as examples."""

    sessions: int = 0
    examples: list[SessionId] = field(default_factory=list)

    def add(self, session: SessionId) -> None:
        self.sessions += 1
        if self.sessions <= EXAMPLES_AT_MOST:
            self.examples.append(session)


@dataclass(slots=True)
class _Prices:
    shown_before: int = 0
    shown_after: int = 0
    accepted: int = 0
    offered_before: int = 0
    offered_after: int = 0
    bands: list[_Group] = field(
        default_factory=lambda: [_Group() for _ in range(len(PRICE_BANDS) + 1)]
    )


class ShadowTally:
    """Counts sessions as they are replayed, in constant memory."""

    def __init__(self) -> None:
        self._sessions = 0
        self._unchanged = 0
        self._unreadable = 0
        self._flips: dict[tuple[EligibilityReason, EligibilityReason], _Group] = {}
        self._prices: dict[Currency, _Prices] = {}

    @property
    def replayed(self) -> int:
        """The number of sessions so far, including the unreadable ones."""
        return self._sessions + self._unreadable

    def add(
        self,
        session: SessionId,
        currency: Currency,
        before: Offer,
        after: Offer,
        *,
        is_accepted: bool,
    ) -> None:
        """Count a session: the current answer, the draft's, and whether its order accepted."""
        self._sessions += 1
        old = before.charge.amount.amount if before.charge else None
        new = after.charge.amount.amount if after.charge else None
        if before.reason is not after.reason:
            flip = self._flips.get((before.reason, after.reason))
            if flip is None:
                flip = self._flips[before.reason, after.reason] = _Group()
            flip.add(session)
        elif old == new and before.modes == after.modes:
            self._unchanged += 1
        if old is None and new is None:
            return
        prices = self._prices.get(currency)
        if prices is None:
            prices = self._prices[currency] = _Prices()
        if old is not None:
            prices.shown_before += 1
            prices.offered_before += old
            prices.accepted += is_accepted
        if new is not None:
            prices.shown_after += 1
            prices.offered_after += new
        if old is not None and new is not None:
            prices.bands[_band(old, new)].add(session)

    def add_unreadable(self) -> None:
        """One session that cannot be replayed."""
        self._unreadable += 1

    def report(self) -> ShadowReport:
        """The report on all sessions counted so far; flips with the most sessions come first."""
        flips = (
            Flip(before, after, group.sessions, tuple(group.examples))
            for (before, after), group in self._flips.items()
        )
        return ShadowReport(
            self._sessions,
            self._unchanged,
            self._unreadable,
            tuple(sorted(flips, key=lambda flip: (-flip.sessions, flip.before, flip.after))),
            tuple(_currency_report(each, self._prices[each]) for each in sorted(self._prices)),
        )


def _band(old: int, new: int) -> int:
    """Which band a price falls into: down to the basis point, away from staying the same."""
    moved = (new - old) * BASIS_POINTS
    # A movement too small for a basis point is a movement still.
    bps = moved // old if moved < 0 else -(-moved // old)
    for index, end in enumerate(PRICE_BANDS):
        if bps <= end:
            return index
    return len(PRICE_BANDS)


def _currency_report(currency: Currency, prices: _Prices) -> CurrencyReport:
    ends: Sequence[int | None] = (*PRICE_BANDS, None)
    return CurrencyReport(
        currency=currency,
        shown_before=prices.shown_before,
        shown_after=prices.shown_after,
        accepted=prices.accepted,
        offered_before=prices.offered_before,
        offered_after=prices.offered_after,
        bands=tuple(
            PriceBand(end, group.sessions, tuple(group.examples))
            for end, group in zip(ends, prices.bands, strict=True)
        ),
    )
