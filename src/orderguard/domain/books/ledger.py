"""The books: append-only, double-entry, balanced per currency.

Nothing is ever changed. A correction is a further posting that undoes an earlier one and names it,
followed by a new one where something remains to be billed. `LEDGER.md`, beside this file, describes
the accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orderguard.domain.books.month import Month
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.errors import OrderguardError
from orderguard.domain.ids import OrderId, PostingId
from orderguard.domain.money import BASIS_POINTS, Currency, Money, Rounding, allocate, divide


class UnbalancedPosting(OrderguardError):
    """The entries of a posting do not sum to zero in some currency."""


class LedgerAccount(StrEnum):
    """An account of the ledger. Positive entries are debits, negative ones credits."""

    FEES_COLLECTED = "fees_collected"
    """Protection fees that the shop has collected from shoppers (an asset)."""

    FEE_REVENUE = "fee_revenue"
    """Revenue from protection, per mode (income, so it grows by credits)."""

    PROVIDER_SHARE = "provider_share"
    """The part of it that goes to the provider of the protection (an expense)."""

    PROVIDER_PAYABLE = "provider_payable"
    """The shop's debt to that provider (a liability)."""


class PostingKind(StrEnum):
    """The kind of a posting."""

    BILLING = "billing"
    REVERSAL = "reversal"


class ReversalReason(StrEnum):
    """The reason for reversing a billing."""

    ORDER_DELETED = "order_deleted"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUNDED = "order_refunded"
    FEE_REFUNDED = "fee_refunded"
    FEE_REMOVED = "fee_removed"
    ORDER_PENDING = "order_pending"
    FEE_CHANGED = "fee_changed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger line: minor units on one account, debits positive."""

    account: LedgerAccount
    amount: Money
    mode: CoverageMode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A balanced group of entries about one order.

    `period` is the month whose statement it belongs to. It is the month of `posted_at`, unless
    that month was closed already; then it is the first open one.
    """

    id: PostingId
    order: OrderId
    sequence: int
    kind: PostingKind
    posted_at: datetime
    period: Month
    entries: tuple[Entry, ...]
    reverses: PostingId | None = None
    because: ReversalReason | None = None

    def __post_init__(self) -> None:
        for currency in {entry.amount.currency for entry in self.entries}:
            off = sum(
                entry.amount.amount for entry in self.entries if entry.amount.currency == currency
            )
            if off:
                raise UnbalancedPosting(
                    "Entries must sum to zero per currency; "
                    f"{currency} is off by {off} minor units."
                )


@dataclass(frozen=True, slots=True)
class Billing:
    """The amounts to bill for an order, per mode. All zero means no billing."""

    currency: Currency
    by_mode: tuple[tuple[CoverageMode, int], ...]

    @property
    def is_nothing(self) -> bool:
        return not any(amount for _, amount in self.by_mode)


def billing_of(
    charged: Sequence[Money],
    modes: Sequence[CoverageMode],
    weights: Sequence[int],
    *,
    refunded: int = 0,
) -> tuple[Billing, ...]:
    """Split the charge, less its refunds, over its modes: one billing per currency.

    `weights` are the quoted prices of the modes; without a quote all weigh the same. Two fees in
    two currencies make two billings; a refund is then taken from the first.
    """
    billings = []
    for currency in dict.fromkeys(amount.currency for amount in charged):
        total = sum(amount.amount for amount in charged if amount.currency == currency)
        taken = min(total, refunded)
        refunded -= taken
        parts = allocate(total - taken, weights)
        billings.append(Billing(currency, tuple(zip(modes, parts, strict=True))))
    return tuple(billing for billing in billings if not billing.is_nothing)


def billing_entries(billing: Billing, *, provider_share_bps: int) -> tuple[Entry, ...]:
    """The entries of a billing: revenue per mode, and the part of it owed to the provider."""
    parts = [(mode, amount) for mode, amount in billing.by_mode if amount]
    entries = [
        Entry(
            LedgerAccount.FEES_COLLECTED,
            Money(sum(amount for _, amount in parts), billing.currency),
        )
    ]
    for mode, amount in parts:
        entries.append(Entry(LedgerAccount.FEE_REVENUE, Money(-amount, billing.currency), mode))
        share = divide(amount * provider_share_bps, BASIS_POINTS, Rounding.HALF_EVEN)
        if share:
            entries.append(
                Entry(LedgerAccount.PROVIDER_SHARE, Money(share, billing.currency), mode)
            )
            entries.append(
                Entry(LedgerAccount.PROVIDER_PAYABLE, Money(-share, billing.currency), mode)
            )
    return tuple(entries)


def standing_billing(postings: Sequence[Posting]) -> Posting | None:
    """The one billing of an order that has not been reversed; None when nothing is billed."""
    reversed_ids = {posting.reverses for posting in postings}
    standing = [
        posting
        for posting in postings
        if posting.kind is PostingKind.BILLING and posting.id not in reversed_ids
    ]
    return standing[-1] if standing else None


def bring_up_to_date(
    postings: Sequence[Posting],
    wanted: tuple[Entry, ...],
    *,
    order: OrderId,
    because: ReversalReason,
    at: datetime,
    period: Month,
) -> tuple[Posting, ...]:
    """The postings that make the order's entries equal `wanted`; none when they do already.

    `postings` are all those about the order. `because` is the reason if a billing must be reversed.
    """
    standing = standing_billing(postings)
    if (standing.entries if standing else ()) == wanted:
        return ()
    following: list[Posting] = []
    if standing:
        number = len(postings) + 1
        following.append(reverse(standing, sequence=number, at=at, because=because, period=period))
    if wanted:
        number = len(postings) + len(following) + 1
        following.append(
            Posting(
                id=posting_id(order, number),
                order=order,
                sequence=number,
                kind=PostingKind.BILLING,
                posted_at=at,
                period=period,
                entries=wanted,
            )
        )
    return tuple(following)


def reverse(
    posting: Posting, *, sequence: int, at: datetime, because: ReversalReason, period: Month
) -> Posting:
    """A posting that reverses another one, entry by entry, and names it.

    Built from the entries of the original posting, not from today's price.
    """
    return Posting(
        id=posting_id(posting.order, sequence),
        order=posting.order,
        sequence=sequence,
        kind=PostingKind.REVERSAL,
        posted_at=at,
        period=period,
        entries=tuple(Entry(entry.account, -entry.amount, entry.mode) for entry in posting.entries),
        reverses=posting.id,
        because=because,
    )


def posting_id(order: OrderId, sequence: int) -> PostingId:
    """The idempotency key of a posting: the n-th posting of an order exists once."""
    return PostingId(f"{order}-{sequence}")


def trial_balance(postings: Sequence[Posting]) -> dict[Currency, int]:
    """The sum of all entries per currency: zero in each, or the books are broken."""
    balance: dict[Currency, int] = {}
    for posting in postings:
        for entry in posting.entries:
            currency = entry.amount.currency
            balance[currency] = balance.get(currency, 0) + entry.amount.amount
    return balance
