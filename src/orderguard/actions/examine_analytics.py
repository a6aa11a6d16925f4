"""Check a merchant's analytics for `orderguard doctor`: missing records, and wrong sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from orderguard.actions.close_statement import draw_up_statement
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.analytics.analytics import Dimension, Measure
from orderguard.domain.analytics.diagnosis import Finding, Severity
from orderguard.domain.books.month import Month
from orderguard.domain.ids import MerchantId

ROLLUPS_BEHIND = timedelta(minutes=10)
MONTHS_COMPARED = 3
"""The last months with postings; earlier ones are as a rule closed, and change no more."""


def examine_analytics(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> Iterator[Finding]:
    """Compare sessions and orders with the facts, and the sums with the books."""
    record = work.analytics.counted_on_record(merchant)
    findings = []
    if record.missing:
        findings.append(
            _problem(merchant, f"{record.missing} sessions and orders are missing from analytics.")
        )
    if record.waiting_since and at - record.waiting_since > ROLLUPS_BEHIND:
        minutes = (at - record.waiting_since) // timedelta(minutes=1)
        findings.append(
            Finding(
                check="analytics",
                severity=Severity.WARNING,
                found=f"{record.waiting} sessions and orders wait to be counted, "
                f"the first for {minutes} minutes.",
                advice="See that orderguard serve runs, and look for chore.failed in its log.",
            )
        )
    if not record.waiting:  # with a queue, the sums are behind the books for a moment
        findings += _months_that_differ(work, merchant)
    yield from findings or [
        Finding(
            check="analytics",
            severity=Severity.OK,
            found=f"All {record.sessions} sessions and {record.orders} orders on record count"
            + (f"; {record.waiting} of them in a moment." if record.waiting else "."),
        )
    ]


def _months_that_differ(work: UnitOfWork, merchant: MerchantId) -> Iterator[Finding]:
    """Months whose fees, reversals or provider shares differ from the statement's."""
    for month in _last_months(work, merchant):
        if _of_statement(work, merchant, month) != _of_analytics(work, merchant, month):
            yield _problem(merchant, f"The fees of {month} in analytics are not its statement's.")


def _last_months(work: UnitOfWork, merchant: MerchantId) -> list[Month]:
    posted_to = work.ledger.periods(merchant)
    if posted_to is None:
        return []
    months = [posted_to[0]]
    while months[-1] < posted_to[1]:
        months.append(months[-1].next)
    return months[-MONTHS_COMPARED:]


def _of_statement(
    work: UnitOfWork, merchant: MerchantId, month: Month
) -> dict[tuple[str, str], int]:
    statement = draw_up_statement(work, merchant, month)
    return _without_zeros(
        {
            (each.currency, measure): number
            for each in statement.currencies
            for measure, number in (
                (Measure.FEES, each.fees),
                (Measure.REVERSALS, each.reversals),
                (Measure.PROVIDER_SHARE, each.provider_share),
            )
        }
    )


def _of_analytics(
    work: UnitOfWork, merchant: MerchantId, month: Month
) -> dict[tuple[str, str], int]:
    first = date(month.year, month.number, 1)
    last = date(month.next.year, month.next.number, 1) - timedelta(days=1)
    sums = work.analytics.sums(merchant, first=first, last=last, dimension=Dimension.ALL)
    posted = (Measure.FEES, Measure.REVERSALS, Measure.PROVIDER_SHARE)
    return _without_zeros(
        {
            (cell.currency, cell.measure): number
            for cell, number in sums.items()
            if cell.measure in posted
        }
    )


def _without_zeros(sums: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return {key: number for key, number in sums.items() if number}


def _problem(merchant: MerchantId, found: str) -> Finding:
    return Finding(
        check="analytics",
        severity=Severity.PROBLEM,
        found=found,
        advice=f"Count everything anew: orderguard analytics rebuild {merchant}",
    )
