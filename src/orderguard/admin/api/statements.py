"""`/admin/v1/statements/{month}`: what protection earned, and closing a month."""

from __future__ import annotations

from falcon.asgi import Request, Response

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.ports import UnitOfWork
from orderguard.admin.api.desk import AdminDesk
from orderguard.domain.ids import MerchantId
from orderguard.domain.month import Month
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_statements import StatementResponse, statement_to_wire
from orderguard.randomness import new_event_id


class StatementResource:
    """One month."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, month: str) -> None:
        caller = await self._desk.admit(request, "statement")
        wanted = Month.parse(month)
        write_json(
            response, await self._desk.look(lambda work: _answer(work, caller.merchant, wanted))
        )


class StatementClosingResource:
    """Closing a month, for good."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_post(self, request: Request, response: Response, month: str) -> None:
        caller = await self._desk.admit(request, "statement_closing")
        statement = await self._desk.run(
            lambda: close_statement(
                self._desk.database,
                caller.merchant,
                Month.parse(month),
                at=self._desk.clock(),
                by=caller.actor,
                new_event_id=new_event_id,
            )
        )
        write_json(response, statement_to_wire(statement, is_closed=True))


def _answer(work: UnitOfWork, merchant: MerchantId, month: Month) -> StatementResponse:
    is_closed = work.ledger.closed_statement(merchant, month) is not None
    return statement_to_wire(draw_up_statement(work, merchant, month), is_closed=is_closed)
