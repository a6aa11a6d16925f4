"""What a merchant's protection earned in a month, built from postings alone (contract §9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import PostingId
from orderguard.domain.ledger import Account, Entry, Posting, PostingKind
from orderguard.domain.money import Currency
from orderguard.domain.month import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOfCurrency:
    """One currency of a statement, in minor units.

    `net` is what stays with the merchant: fees less reversals less the provider's share. The
    corrections of earlier months are contained in the reversals; they are told apart because the
    months they belong to were closed.
    """

    currency: Currency
    orders_accepted: int
    fees_by_mode: Mapping[CoverageMode, int]
    reversals_by_mode: Mapping[CoverageMode, int]
    provider_share: int
    corrections_of_earlier_months: int
    corrections_amount: int

    @property
    def fees(self) -> int:
        return sum(self.fees_by_mode.values())

    @property
    def reversals(self) -> int:
        """What was taken back, as a positive number."""
        return sum(self.reversals_by_mode.values())

    @property
    def net(self) -> int:
        return self.fees - self.reversals - self.provider_share


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of one merchant."""

    month: Month
    currencies: tuple[StatementOfCurrency, ...]


def statement_of(
    month: Month, postings: Sequence[Posting], periods: Mapping[PostingId, Month]
) -> Statement:
    """The statement of a month from its postings.

    `periods` tells the month of every posting that one of these reverses.
    """
    currencies = sorted({entry.amount.currency for p in postings for entry in p.entries})
    return Statement(
        month, tuple(_of_currency(month, postings, periods, currency) for currency in currencies)
    )


def _of_currency(
    month: Month,
    postings: Iterable[Posting],
    periods: Mapping[PostingId, Month],
    currency: Currency,
) -> StatementOfCurrency:
    mine = [p for p in postings if any(e.amount.currency == currency for e in p.entries)]
    billings = [p for p in mine if p.kind is PostingKind.BILLING]
    reversals = [p for p in mine if p.kind is PostingKind.REVERSAL]
    corrections = [p for p in reversals if p.reverses and periods[p.reverses] < month]
    return StatementOfCurrency(
        currency=currency,
        # The first posting about an order is always its first billing.
        orders_accepted=sum(1 for posting in billings if posting.sequence == 1),
        fees_by_mode=_revenue_by_mode(billings, currency, sign=-1),
        reversals_by_mode=_revenue_by_mode(reversals, currency, sign=1),
        provider_share=_sum(mine, currency, Account.PROVIDER_SHARE),
        corrections_of_earlier_months=len(corrections),
        corrections_amount=_sum(corrections, currency, Account.FEE_REVENUE),
    )


def _revenue_by_mode(
    postings: Sequence[Posting], currency: Currency, *, sign: int
) -> dict[CoverageMode, int]:
    found: dict[CoverageMode | None, int] = {}
    for entry in _entries(postings, currency, Account.FEE_REVENUE):
        found[entry.mode] = found.get(entry.mode, 0) + sign * entry.amount.amount
    return {mode: found[mode] for mode in CoverageMode if mode in found}


def _sum(postings: Sequence[Posting], currency: Currency, account: Account) -> int:
    return sum(entry.amount.amount for entry in _entries(postings, currency, account))


def _entries(postings: Sequence[Posting], currency: Currency, account: Account) -> Iterator[Entry]:
    for posting in postings:
        for entry in posting.entries:
            if entry.account is account and entry.amount.currency == currency:
                yield entry
