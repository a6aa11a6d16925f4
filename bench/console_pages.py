"""What is asked of the console: every page of its table, and the questions that cost most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from orderguard.admin.console.page_table import page_table
from orderguard.admin.console.parts import ConsoleParts
from orderguard.admin.session_query import session_place_text
from orderguard.domain.analytics.analytics import Dimension
from orderguard.domain.ids import SessionId
from orderguard.http.paging import place_text
from orderguard.running.wiring import now
from orderguard.storage.tables import from_microseconds

SAMPLE = 25
"""Different things of each kind, so that no page is asked for twice in a row."""

_PLACE = re.compile(r"\{(\w+)\}")
_NO_PARTS: dict[str, Any] = {field.name: None for field in fields(ConsoleParts)}


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of the console, in several ways that cost about the same."""

    title: str
    paths: Sequence[str]
    """Below the merchant."""


class NobodyKnows(Exception):
    """A page has a place in its path that nothing here can fill."""


def questions(
    connection: Connection, merchant: str, known: Mapping[str, Sequence[str]]
) -> list[Question]:
    """All of them. `known` fills places in paths beyond those found in the database.

    Raises `NobodyKnows`, so that a new page cannot be forgotten.
    """
    sample = _Sample(connection, merchant)
    filled: dict[str, Sequence[str]] = {
        "session_id": sample.column("SELECT id FROM offer_sessions WHERE analysis_count > 1"),
        "order_id": sample.column("SELECT id FROM orders"),
        "month": [*dict.fromkeys(sample.column("SELECT period FROM postings"))][:6],
        "file_type": ["csv", "json"],
    }
    filled.update(known)
    return [*_every_page(filled), *_costly(sample)]


def _every_page(known: Mapping[str, Sequence[str]]) -> Iterator[Question]:
    for row in page_table(ConsoleParts(**_NO_PARTS)):
        if row.method != "GET":
            continue
        if missing := [name for name in _PLACE.findall(row.path) if name not in known]:
            raise NobodyKnows(f"{row.path}: say in bench.console what to put for {missing}.")
        paths = [
            row.path.format_map({name: ids[number % len(ids)] for name, ids in known.items()})
            for number in range(SAMPLE)
        ]
        yield Question(row.path, list(dict.fromkeys(paths)))


class _Sample:
    """A few things of one merchant, evenly from its whole history."""

    def __init__(self, connection: Connection, merchant: str) -> None:
        self._connection = connection
        self._merchant = merchant

    def rows(self, query: str) -> list[Any]:
        where = "AND" if "WHERE" in query else "WHERE"
        narrowed = f"{query} {where} merchant_id = :merchant"
        asked = {"merchant": self._merchant}
        counted = text(f"SELECT count(*) FROM ({narrowed}) AS found")
        step = max(1, self._connection.execute(counted, asked).scalar_one() // SAMPLE)
        numbered = (
            f"SELECT * FROM ({narrowed.replace('SELECT', 'SELECT row_number() OVER () AS n,', 1)}) "
            f"AS found WHERE n % {step} = 0 LIMIT {SAMPLE}"
        )
        return [row[1:] for row in self._connection.execute(text(numbered), asked)]

    def column(self, query: str) -> list[str]:
        return [str(row[0]) for row in self.rows(query)]


def _costly(sample: _Sample) -> Iterator[Question]:
    sessions, orders = "/sessions", "/orders"
    session_ids = sample.column("SELECT id FROM offer_sessions")
    yield from (
        Question(f"{sessions}: search, {what}", [f"{sessions}?search={id_}" for id_ in ids])
        for what, ids in (
            ("session id", session_ids),
            ("cart id", sample.column("SELECT cart_id FROM cart_bindings")),
            ("order id", sample.column("SELECT id FROM orders WHERE session_id IS NOT NULL")),
            ("external order id", sample.column("SELECT external_id FROM orders")),
            ("request id", sample.column("SELECT request_id FROM analyses")),
            ("nothing of this name", [f"nothing-{number}" for number in range(SAMPLE)]),
        )
    )
    places = [
        session_place_text((from_microseconds(at), SessionId(id_)))
        for at, id_ in sample.rows("SELECT updated_at, id FROM offer_sessions")
    ]
    for filtered in ("", "reason=rule_evaluation_error&", "reason=system_error&", "eligible=true&"):
        paths = [f"{sessions}?{filtered}cursor={place}" for place in places]
        yield Question(f"{sessions}?{filtered}cursor=…", paths)
    days = [_days_ago(number) for number in range(SAMPLE)]
    yield Question(f"{sessions}?day=…", [f"{sessions}?day={day}" for day in days])
    yield from _of_orders(sample, orders)
    yield from _of_analytics()
    yield from _of_audit()


def _of_orders(sample: _Sample, orders: str) -> Iterator[Question]:
    order_places = [
        place_text(from_microseconds(at), id_)
        for at, id_ in sample.rows("SELECT received_at, id FROM orders")
    ]
    for shown in ("", "review", "altered"):
        paths = [f"{orders}?show={shown}&cursor={place}" for place in order_places]
        yield Question(f"{orders}?show={shown}&cursor=…", paths)
    ids = sample.column("SELECT external_id FROM orders")
    yield Question(f"{orders}?order=…", [f"{orders}?order={id_}" for id_ in ids])


def _of_analytics() -> Iterator[Question]:
    span = f"from={_days_ago(399)}&to={_days_ago(0)}"
    for dimension in Dimension:
        if dimension is not Dimension.ALL:
            path = f"/analytics?{span}&by={dimension}"
            yield Question(f"/analytics, 400 days by {dimension}", [path])
    narrowed = f"/analytics?{span}&by=platform&only=country:US"
    yield Question("/analytics, 400 days, one country", [narrowed])
    yield Question("/analytics/csv, 400 days", [f"/analytics/csv?{span}&by=country"])


def _of_audit() -> Iterator[Question]:
    for filtered in ("actor=bench", "actor=nobody", "action=api_key.issued", "action=no.such"):
        yield Question(f"/audit?{filtered}", [f"/audit?{filtered}"])


def _days_ago(number: int) -> date:
    return now().date() - timedelta(days=number)
