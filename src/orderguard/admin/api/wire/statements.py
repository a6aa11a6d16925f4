"""Statements in the JSON of the admin API: minor units throughout."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orderguard.domain.books.statement import Statement
from orderguard.http.wire.doc import doc


class StatementOfCurrencyBody(msgspec.Struct, rename="camel"):
    """One currency of a month, in minor units."""

    currency: Annotated[str, doc("ISO 4217.")]
    orders_accepted: Annotated[int, doc("Orders billed for the first time.")]
    fees: Annotated[int, doc("The fees billed.")]
    fees_by_mode: Annotated[dict[str, int], doc("The same by coverage mode.")]
    reversals: Annotated[int, doc("The fees reversed, as a positive number.")]
    reversals_by_mode: Annotated[dict[str, int], doc("The same by coverage mode.")]
    provider_share: Annotated[int, doc("The provider's share of the fees.")]
    net: Annotated[int, doc("Fees less reversals less the provider's share.")]
    corrections_of_earlier_months: Annotated[
        int, doc("How many of the reversals belong to months that were closed.")
    ]
    corrections_amount: Annotated[int, doc("What these come to.")]


class StatementResponse(msgspec.Struct, rename="camel"):
    """The statement of one month, with a part per currency."""

    month: Annotated[str, doc("The month.", examples=["2026-11"])]
    closed: Annotated[bool, doc("Whether it is closed, and so never changes again.")]
    currencies: Annotated[list[StatementOfCurrencyBody], doc("One entry per currency.")]


def statement_to_wire(statement: Statement, *, is_closed: bool) -> StatementResponse:
    """A statement in JSON."""
    return StatementResponse(
        month=str(statement.month),
        closed=is_closed,
        currencies=[
            StatementOfCurrencyBody(
                currency=each.currency,
                orders_accepted=each.orders_accepted,
                fees=each.fees,
                fees_by_mode={mode.value: minor for mode, minor in each.fees_by_mode.items()},
                reversals=each.reversals,
                reversals_by_mode={
                    mode.value: minor for mode, minor in each.reversals_by_mode.items()
                },
                provider_share=each.provider_share,
                net=each.net,
                corrections_of_earlier_months=each.corrections_of_earlier_months,
                corrections_amount=each.corrections_amount,
            )
            for each in statement.currencies
        ],
    )
