"""Analyses recorded by a journal of either database, without a server in front of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from orderguard.actions.ports.order_intake import OrderWrites
from orderguard.domain.cart import Cart
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.orders.acceptance import SessionEvidence
from orderguard.randomness import new_session_id
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from orderguard.storage.postgresql_address import PostgresqlAddress
from orderguard.storage.postgresql_journal import PostgresqlJournal
from orderguard.storage.session_evidence import find_evidence
from orderguard.storage.sqlite import sqlite_path
from orderguard.storage.sqlite_journal import SqliteJournal
from tests.support.builders import a_cart, a_configuration
from tests.support.databases import ON_POSTGRESQL

MERCHANT = MerchantId("mer_1")

Journal = SqliteJournal | PostgresqlJournal
Outcome = RecordedAnalysis | BaseException


def a_journal(url: str, *, bytes_per_day: int = 0) -> Journal:
    if ON_POSTGRESQL:
        return PostgresqlJournal(PostgresqlAddress.parse(url), bytes_per_day=bytes_per_day)
    return SqliteJournal(sqlite_path(url), bytes_per_day=bytes_per_day)


def an_analysis(cart: Cart | None = None, price: int = 2_98, **changes: Any) -> Analysis:
    """An analysis of this cart, a lamp without one, that offers return coverage at this price."""
    cart = cart or a_cart()
    shop = a_configuration(
        modes=["returnCoverage"],
        pricing={"returnCoverage": [{"base": {"USD": price}}]},
        exclusions=[{"tag": "final-sale"}],
        coverage_products=[{"sku": "COVER"}],
    )
    at = now()
    analysis = Analysis(
        merchant=MERCHANT,
        session=None,
        cart_id=None,
        new_session=new_session_id(at),
        cart=cart,
        offer=make_offer(cart, shop),
        configuration_version=ConfigurationVersion(1),
        request_id="req",
        at=at,
    )
    return replace(analysis, **changes)


def record(url: str, *analyses: Analysis, **options: Any) -> list[RecordedAnalysis]:
    """Record one after the other, each durable before the next."""
    outcomes = asyncio.run(_record(url, analyses, options))
    return [each for each in outcomes if isinstance(each, RecordedAnalysis)]


async def _record(
    url: str, analyses: Sequence[Analysis], options: dict[str, Any]
) -> list[RecordedAnalysis]:
    journal = a_journal(url, **options)
    journal.start()
    try:
        return [await journal.record(each) for each in analyses]
    finally:
        await journal.stop()


def record_at_once(url: str, *analyses: Analysis, journals: int = 2) -> list[Outcome]:
    """The outcomes of analyses that several journals record at the same moment."""

    async def race() -> list[Outcome]:
        writers = [a_journal(url) for _ in range(journals)]
        for writer in writers:
            writer.start()
        try:
            calls = [
                writers[number % journals].record(each) for number, each in enumerate(analyses)
            ]
            return await asyncio.gather(*calls, return_exceptions=True)
        finally:
            for writer in writers:
                await writer.stop()

    return asyncio.run(race())


def evidence_of(url: str, session: SessionId) -> SessionEvidence:
    """What an order would be compared with."""
    database = SqlDatabase(url)
    try:
        with database.read() as work:
            found = find_evidence(work.connection, MERCHANT, [session]).get(session)
    finally:
        database.dispose()
    assert found is not None
    return found


def mark_has_order(url: str, session: SessionId, *, has_order: bool) -> None:
    """As the transaction of an order does."""
    database = SqlDatabase(url)
    with database.begin() as work:
        marks = OrderWrites(has_order={session: has_order})
        work.order_intake.write(MERCHANT, marks, last_event=0, new_event_id=str)
    database.dispose()


def execute(url: str, statement: Any) -> None:
    database = SqlDatabase(url)
    with database.begin() as work:
        work.connection.execute(statement)
    database.dispose()


def count(url: str, table: Any, *conditions: Any) -> int:
    database = SqlDatabase(url)
    with database.read() as work:
        query = select(func.count()).select_from(table).where(*conditions)
        number = work.connection.execute(query).scalar_one()
    database.dispose()
    return int(number)
