"""The books: append-only, double-entry, balanced per currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.books.ledger import (
    Billing,
    Entry,
    LedgerAccount,
    Posting,
    PostingKind,
    ReversalReason,
    UnbalancedPosting,
    billing_entries,
    billing_of,
    bring_up_to_date,
    standing_billing,
    trial_balance,
)
from orderguard.domain.books.month import Month
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.money import EUR, USD, Money
from tests.support.builders import BOTH
from tests.support.orders import NOON, ORDER

NOVEMBER = Month(2026, 11)
BILLING = Billing(USD, ((RETURN_COVERAGE, 2_98), (SHIPPING_PROTECTION, 2_00)))


def booked(postings: tuple[Posting, ...], *entries: Entry) -> tuple[Posting, ...]:
    """What must be posted so that the books say these entries."""
    return bring_up_to_date(
        postings,
        entries,
        order=ORDER,
        because=ReversalReason.FEE_CHANGED,
        at=NOON,
        period=NOVEMBER,
    )


def an_entry(amount: int, account: LedgerAccount = LedgerAccount.FEES_COLLECTED) -> Entry:
    return Entry(account, Money(amount, USD))


FEE = (an_entry(4_98), an_entry(-4_98, LedgerAccount.FEE_REVENUE))
LOWER_FEE = (an_entry(3_98), an_entry(-3_98, LedgerAccount.FEE_REVENUE))


def test_entries_must_sum_to_zero() -> None:
    with pytest.raises(UnbalancedPosting, match="USD is off by 498 minor units"):
        booked((), an_entry(4_98))


def test_entries_must_sum_to_zero_in_each_currency_by_itself() -> None:
    euros = Entry(LedgerAccount.FEE_REVENUE, Money(-4_98, EUR))

    with pytest.raises(UnbalancedPosting):
        booked((), an_entry(4_98), euros)


def test_a_first_fee_is_billed_once() -> None:
    (billing,) = booked((), *FEE)

    assert (PostingKind.BILLING, "7-1", FEE, NOVEMBER) == (
        billing.kind,
        billing.id,
        billing.entries,
        billing.period,
    )


def test_books_that_say_it_already_get_no_posting() -> None:
    postings = booked((), *FEE)

    assert () == booked(postings, *FEE)
    assert () == booked(())


def test_a_changed_fee_reverses_what_was_posted_and_bills_the_new_one() -> None:
    first = booked((), *FEE)

    reversal, billing = booked(first, *LOWER_FEE)

    assert (PostingKind.REVERSAL, "7-2", "7-1", ReversalReason.FEE_CHANGED) == (
        reversal.kind,
        reversal.id,
        reversal.reverses,
        reversal.because,
    )
    assert (an_entry(-4_98), an_entry(4_98, LedgerAccount.FEE_REVENUE)) == reversal.entries
    assert (PostingKind.BILLING, "7-3", LOWER_FEE) == (billing.kind, billing.id, billing.entries)


def test_a_fee_that_is_gone_is_only_reversed() -> None:
    first = booked((), *FEE)

    (reversal,) = booked(first)

    assert "7-1" == reversal.reverses
    assert standing_billing((*first, reversal)) is None


def test_a_fee_that_comes_back_is_billed_again() -> None:
    first = booked((), *FEE)
    reversal = booked(first)

    (billing,) = booked((*first, *reversal), *FEE)

    assert "7-3" == billing.id
    assert billing == standing_billing((*first, *reversal, billing))


def test_the_trial_balance_sums_every_currency() -> None:
    assert {} == trial_balance(())
    assert {USD: 0} == trial_balance(booked((), *FEE))


def test_the_fee_is_earned_per_mode() -> None:
    assert (
        Entry(LedgerAccount.FEES_COLLECTED, Money(4_98, USD)),
        Entry(LedgerAccount.FEE_REVENUE, Money(-2_98, USD), RETURN_COVERAGE),
        Entry(LedgerAccount.FEE_REVENUE, Money(-2_00, USD), SHIPPING_PROTECTION),
    ) == billing_entries(BILLING, provider_share_bps=0)


def test_the_providers_share_of_each_mode_is_owed_to_it() -> None:
    entries = billing_entries(BILLING, provider_share_bps=25_00)

    shares = [e.amount.amount for e in entries if e.account is LedgerAccount.PROVIDER_SHARE]
    owed = [e.amount.amount for e in entries if e.account is LedgerAccount.PROVIDER_PAYABLE]
    assert ([74, 50], [-74, -50]) == (shares, owed)


def test_a_mode_without_an_amount_has_no_entry() -> None:
    billing = Billing(USD, ((RETURN_COVERAGE, 0), (SHIPPING_PROTECTION, 1)))

    assert [None, SHIPPING_PROTECTION] == [
        entry.mode for entry in billing_entries(billing, provider_share_bps=1)
    ]


def test_a_charge_is_split_by_what_the_modes_were_quoted() -> None:
    assert (BILLING,) == billing_of([Money(4_98, USD)], BOTH, [2_98, 2_00])


def test_a_charge_that_was_not_quoted_is_split_evenly() -> None:
    (billing,) = billing_of([Money(4_99, USD)], BOTH, [0, 0])

    assert ((RETURN_COVERAGE, 2_50), (SHIPPING_PROTECTION, 2_49)) == billing.by_mode


def test_what_was_refunded_of_the_fee_is_not_billed() -> None:
    (billing,) = billing_of([Money(4_98, USD)], BOTH, [2_98, 2_00], refunded=98)

    assert 4_00 == sum(amount for _, amount in billing.by_mode)


def test_a_fee_of_nothing_is_not_billed() -> None:
    assert () == billing_of([Money(0, USD)], BOTH, [1, 1])
    assert () == billing_of([Money(4_98, USD)], BOTH, [1, 1], refunded=5_00)


def test_fees_in_two_currencies_are_billed_in_each() -> None:
    charged = [Money(3_00, USD), Money(2_00, EUR), Money(1_00, USD)]

    dollars, euros = billing_of(charged, [RETURN_COVERAGE], [1], refunded=50)

    assert (USD, ((RETURN_COVERAGE, 3_50),)) == (dollars.currency, dollars.by_mode)
    assert (EUR, ((RETURN_COVERAGE, 2_00),)) == (euros.currency, euros.by_mode)


@given(
    amount=st.integers(0, 10**9),
    weights=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    share=st.integers(0, 10_000),
    refunded=st.integers(0, 10**9),
)
def test_billings_always_balance_and_add_up_to_what_is_left_of_the_fee(
    amount: int, weights: tuple[int, int], share: int, refunded: int
) -> None:
    billings = billing_of([Money(amount, USD)], BOTH, weights, refunded=refunded)
    entries = [e for b in billings for e in billing_entries(b, provider_share_bps=share)]

    left = max(0, amount - refunded)
    assert left == sum(
        e.amount.amount for e in entries if e.account is LedgerAccount.FEES_COLLECTED
    )
    assert 0 == sum(entry.amount.amount for entry in entries)
