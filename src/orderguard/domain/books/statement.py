"""The statement of a merchant's month, built from postings alone (contract §9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orderguard.domain.books.ledger import LedgerAccount, PostingKind
from orderguard.domain.books.month import Month
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import Currency, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOfCurrency:
    """One currency of a statement, in minor units.

    `net` is the merchant's share: fees less reversals less the provider's share. The reversals
    include the corrections of earlier months; the corrections are also given separately, because
    the months they belong to were closed.
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
        """The reversed fees, as a positive number."""
        return sum(self.reversals_by_mode.values())

    @property
    def net(self) -> int:
        return self.fees - self.reversals - self.provider_share


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of one merchant for one month, with a part per currency."""

    month: Month
    currencies: tuple[StatementOfCurrency, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedSum:
    """The sum of a month's entries of the same kind, account, mode and currency, and their number.

    `is_first` is True for entries of an order's first posting; `corrects` is the month of the
    reversed postings, None for other kinds.
    """

    kind: PostingKind
    is_first: bool
    corrects: Month | None
    account: LedgerAccount
    mode: CoverageMode | None
    amount: Money
    entries: int


def statement_of(month: Month, sums: Sequence[PostedSum]) -> Statement:
    """The statement of a month from the sums of its postings."""
    by_currency: dict[Currency, list[PostedSum]] = {}
    for each in sums:
        by_currency.setdefault(each.amount.currency, []).append(each)
    return Statement(
        month,
        tuple(
            _of_currency(month, currency, by_currency[currency]) for currency in sorted(by_currency)
        ),
    )


def _of_currency(
    month: Month, currency: Currency, sums: Sequence[PostedSum]
) -> StatementOfCurrency:
    billings = [each for each in sums if each.kind is PostingKind.BILLING]
    reversals = [each for each in sums if each.kind is PostingKind.REVERSAL]
    corrections = [each for each in reversals if each.corrects and each.corrects < month]
    return StatementOfCurrency(
        currency=currency,
        # The first posting about an order is always its first billing.
        orders_accepted=_postings(each for each in billings if each.is_first),
        fees_by_mode=_revenue_by_mode(billings, sign=-1),
        reversals_by_mode=_revenue_by_mode(reversals, sign=1),
        provider_share=_sum(sums, LedgerAccount.PROVIDER_SHARE),
        corrections_of_earlier_months=_postings(corrections),
        corrections_amount=_sum(corrections, LedgerAccount.FEE_REVENUE),
    )


def _postings(sums: Iterable[PostedSum]) -> int:
    """Count the postings: each has one entry per currency in the account of collected fees."""
    return sum(each.entries for each in sums if each.account is LedgerAccount.FEES_COLLECTED)


def _revenue_by_mode(sums: Sequence[PostedSum], *, sign: int) -> dict[CoverageMode, int]:
    found: dict[CoverageMode | None, int] = {}
    for each in sums:
        if each.account is LedgerAccount.FEE_REVENUE:
            found[each.mode] = found.get(each.mode, 0) + sign * each.amount.amount
    return {mode: found[mode] for mode in CoverageMode if mode in found}


def _sum(sums: Iterable[PostedSum], account: LedgerAccount) -> int:
    return sum(each.amount.amount for each in sums if each.account is account)
