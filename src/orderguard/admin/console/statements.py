"""Statements: what protection earned, month by month."""

from __future__ import annotations

import json

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.statement_file import statement_csv, statement_document
from orderguard.admin.console.page_request import Download, PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import Statement
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.account import Role
from orderguard.randomness import new_event_id

FILES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


class StatementPages:
    """The pages of statements: all months, one month, its files, and closing it."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        one = "/statements/{month}"
        self.rows = (
            PageRow("GET", "/statements", Role.VIEWER, self.show),
            PageRow("GET", one, Role.VIEWER, self.show_one),
            PageRow("GET", one + "/{file_type}", Role.VIEWER, self.download),
            PageRow("POST", one + "/close", Role.OWNER, self.close),
        )

    def show(self, request: PageRequest) -> Reply:
        with self._database.read() as work:
            months = _months(work, request)
            closed = work.ledger.closed_through(request.merchant.id)
        rows = [(month, closed is not None and month <= closed) for month in months]
        return Rendered("statements.html.j2", {"months": rows})

    def show_one(self, request: PageRequest) -> Reply:
        return self._one(request)

    def _one(self, request: PageRequest, problem: str = "") -> Reply:
        month = _month(request)
        with self._database.read() as work:
            statement, is_closed = _drawn_up(work, request.merchant.id, month)
        context = {
            "statement": statement,
            "is_closed": is_closed,
            "is_over": month < Month.of(request.at),
            "modes": tuple(CoverageMode),
            "problem": problem,
        }
        return Rendered("statement.html.j2", context, status=422 if problem else 200)

    def download(self, request: PageRequest) -> Reply:
        month, file_type = _month(request), request.values["file_type"]
        if file_type not in FILES:
            raise NotFound("There is no such file.")
        with self._database.read() as work:
            statement, is_closed = _drawn_up(work, request.merchant.id, month)
        text = (
            statement_csv(statement)
            if file_type == "csv"
            else json.dumps(statement_document(statement, is_closed=is_closed), indent=2)
        )
        return Download(text.encode(), FILES[file_type], f"statement-{month}.{file_type}")

    def close(self, request: PageRequest) -> Reply:
        month = _month(request)
        try:
            close_statement(
                self._database,
                request.merchant.id,
                month,
                change=request.change,
                new_event_id=new_event_id,
            )
        except Malformed as error:
            return self._one(request, str(error))
        return SeeOther(request.to(f"/statements/{month}"), f"{month} is closed for good.")


def _month(request: PageRequest) -> Month:
    try:
        return Month.parse(request.values["month"])
    except Malformed as error:
        raise NotFound(str(error)) from error


def _months(work: UnitOfWork, request: PageRequest) -> list[Month]:
    """Newest first, from the first month with a posting to the current one."""
    current = Month.of(request.at)
    ends = work.ledger.periods(request.merchant.id)
    first, last = ends or (current, current)
    months, month = [], first
    while month <= max(last, current):
        months.append(month)
        month = month.next
    return months[::-1]


def _drawn_up(work: UnitOfWork, merchant: MerchantId, month: Month) -> tuple[Statement, bool]:
    is_closed = work.ledger.closed_statement(merchant, month) is not None
    return draw_up_statement(work, merchant, month), is_closed
