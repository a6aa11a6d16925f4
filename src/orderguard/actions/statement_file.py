"""A statement as files: JSON for programs, CSV for spreadsheets. Minor units throughout."""

from __future__ import annotations

import csv
from io import StringIO

from orderguard.domain.books.statement import Statement, StatementOfCurrency
from orderguard.domain.coverage_mode import CoverageMode


def statement_csv(drawn_up: Statement) -> str:
    """The statement as CSV, one row per currency."""
    documents = [currency_document(each) for each in drawn_up.currencies]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["month", *(documents[0] if documents else {"currency": None})]
    writer.writerow(header)
    for document in documents:
        writer.writerow([str(drawn_up.month), *document.values()])
    return text.getvalue()


def statement_document(drawn_up: Statement, *, is_closed: bool) -> dict[str, object]:
    """The statement as JSON: minor units throughout."""
    return {
        "month": str(drawn_up.month),
        "closed": is_closed,
        "currencies": [currency_document(each) for each in drawn_up.currencies],
    }


def currency_document(each: StatementOfCurrency) -> dict[str, object]:
    """One currency of a statement as a flat object, which is also a row of the CSV file."""
    return {
        "currency": each.currency,
        "orders_accepted": each.orders_accepted,
        **{f"fees_{mode}": each.fees_by_mode.get(mode, 0) for mode in CoverageMode},
        **{f"reversals_{mode}": each.reversals_by_mode.get(mode, 0) for mode in CoverageMode},
        "provider_share": each.provider_share,
        "net": each.net,
        "corrections_of_earlier_months": each.corrections_of_earlier_months,
        "corrections_amount": each.corrections_amount,
    }
