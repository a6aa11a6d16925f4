"""`/admin/v1/statements/{month}`: what protection earned, and closing a month."""

from __future__ import annotations

from orderguard.actions.close_statement import close_statement as close
from orderguard.actions.close_statement import draw_up_statement
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.statements import StatementResponse, statement_to_wire
from orderguard.domain.books.month import Month
from orderguard.http.openapi.vocabulary import Example, Parameter
from orderguard.randomness import new_event_id

_DOLLARS = {
    "currency": "USD",
    "ordersAccepted": 2,
    "fees": 996,
    "feesByMode": {"returnCoverage": 596, "shippingProtection": 400},
    "reversals": 0,
    "reversalsByMode": {},
    "providerShare": 498,
    "net": 498,
    "correctionsOfEarlierMonths": 0,
    "correctionsAmount": 0,
}
_STATEMENT = {
    "statement": Example(
        "A month in one currency", {"month": "2026-11", "closed": False, "currencies": [_DOLLARS]}
    )
}
_MONTH = Parameter(
    "month",
    "path",
    "The month.",
    {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
    "2026-11",
)


def show_statement(call: Call) -> StatementResponse:
    """The statement of a month: final once closed, else so far."""
    month = Month.parse(call.path["month"])
    with call.reading() as work:
        is_closed = work.ledger.closed_statement(call.merchant, month) is not None
        return statement_to_wire(draw_up_statement(work, call.merchant, month), is_closed=is_closed)


def close_statement(call: Call) -> StatementResponse:
    """Close a month: no posting may be added to it any more."""
    statement = close(
        call.database,
        call.merchant,
        Month.parse(call.path["month"]),
        change=call.change,
        new_event_id=new_event_id,
    )
    return statement_to_wire(statement, is_closed=True)


OPERATIONS = (
    Operation(
        "GET",
        "/statements/{month}",
        show_statement,
        "showStatement",
        "Show a statement",
        "What protection earned in a month, as it was closed, or so far.",
        "The statement.",
        parameters=(_MONTH,),
        examples=_STATEMENT,
        refusals=(INVALID,),
    ),
    Operation(
        "POST",
        "/statements/{month}/close",
        close_statement,
        "closeStatement",
        "Close a month",
        "For good, once it is over. Later corrections are posted to the first open "
        "month. Closing again changes nothing.",
        "The month is closed.",
        parameters=(_MONTH,),
        examples=_STATEMENT,
        refusals=(INVALID,),
    ),
)
