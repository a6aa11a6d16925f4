"""Statements: what protection earned, month by month."""

from __future__ import annotations

import json

from orderguard.actions.close_statement import close_statement, draw_up_statement
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.statement_file import statement_csv, statement_document
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Download, Rendered, Reply, SeeOther, Visit
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

    def show(self, visit: Visit) -> Reply:
        with self._database.read() as work:
            months = _months(work, visit)
            closed = work.ledger.closed_through(visit.merchant.id)
        rows = [(month, closed is not None and month <= closed) for month in months]
        return Rendered("statements.html.j2", {"months": rows})

    def show_one(self, visit: Visit) -> Reply:
        return self._one(visit)

    def _one(self, visit: Visit, problem: str = "") -> Reply:
        month = _month(visit)
        with self._database.read() as work:
            statement, is_closed = _drawn_up(work, visit.merchant.id, month)
        context = {
            "statement": statement,
            "is_closed": is_closed,
            "is_over": month < Month.of(visit.at),
            "modes": tuple(CoverageMode),
            "problem": problem,
        }
        return Rendered("statement.html.j2", context, status=422 if problem else 200)

    def download(self, visit: Visit) -> Reply:
        month, file_type = _month(visit), visit.values["file_type"]
        if file_type not in FILES:
            raise NotFound("There is no such file.")
        with self._database.read() as work:
            statement, is_closed = _drawn_up(work, visit.merchant.id, month)
        text = (
            statement_csv(statement)
            if file_type == "csv"
            else json.dumps(statement_document(statement, is_closed=is_closed), indent=2)
        )
        return Download(text.encode(), FILES[file_type], f"statement-{month}.{file_type}")

    def close(self, visit: Visit) -> Reply:
        month = _month(visit)
        try:
            close_statement(
                self._database,
                visit.merchant.id,
                month,
                change=visit.change,
                new_event_id=new_event_id,
            )
        except Malformed as error:
            return self._one(visit, str(error))
        return SeeOther(visit.to(f"/statements/{month}"), f"{month} is closed for good.")


def _month(visit: Visit) -> Month:
    try:
        return Month.parse(visit.values["month"])
    except Malformed as error:
        raise NotFound(str(error)) from error


def _months(work: UnitOfWork, visit: Visit) -> list[Month]:
    """Newest first, from the first month with a posting to the current one."""
    current = Month.of(visit.at)
    ends = work.ledger.periods(visit.merchant.id)
    first, last = ends or (current, current)
    months, month = [], first
    while month <= max(last, current):
        months.append(month)
        month = month.next
    return months[::-1]


def _drawn_up(work: UnitOfWork, merchant: MerchantId, month: Month) -> tuple[Statement, bool]:
    is_closed = work.ledger.closed_statement(merchant, month) is not None
    return draw_up_statement(work, merchant, month), is_closed
