"""Orders as shops push them, over HTTP and straight to the verb with a time of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import func, insert, select

from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.settle_order import PushedOrder
from orderguard.domain.books.ledger import LedgerAccount
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_merchant_id, new_session_id
from orderguard.rules.cel import CelCompiler
from orderguard.running.wiring import wire_push_order
from orderguard.storage.database import SqlDatabase
from orderguard.storage.rows import cart_to_row, offer_to_row
from orderguard.storage.tables import (
    analyses,
    configurations,
    coverages,
    entries,
    offer_sessions,
    orders,
    outbox,
    postings,
)
from tests.support.builders import a_cart, a_configuration, a_document, an_empty_cart
from tests.support.shop import A_TESTER, Reachable, Shop

BOTH_MODES = ["returnCoverage", "shippingProtection"]
NOTHING_ON_RECORD = {"orders": 0, "coverages": 0, "postings": 0, "entries": 0, "outbox": 0}
UNKNOWN_SESSION = "lop_a1b2c3d4e5f6g7h8i9j0"


def usd(amount: int | str) -> dict[str, Any]:
    return {"amount": amount, "currency_code": "USD"}


def wire_fee(amount: Any = 4_98, modes: Any = BOTH_MODES, currency: str = "USD") -> dict[str, Any]:
    """The fee of an acceptance."""
    return {
        "name": "Order protection",
        "amount": {"amount": amount, "currency_code": currency},
        "accepted_offer_mode": modes,
    }


def of_session(session: Any) -> list[dict[str, Any]]:
    """Metadata that names a session."""
    return [{"key": "session_id", "value": session}]


def wire_item(id_: str = "lamp", quantity: int = 2, price: Any = 25_00) -> dict[str, Any]:
    return {"external_id": id_, "title": id_, "quantity": quantity, "unit_price": usd(price)}


def wire_order(external_id: str | None = "1001", **changes: Any) -> dict[str, Any]:
    """Two lamps at 25.00, without any fee."""
    order: dict[str, Any] = {
        "name": "#1001",
        "status": "active",
        "taxes_included": False,
        "total_price": usd(54_98),
        "line_items": [wire_item()],
    }
    return order | ({"external_id": external_id} if external_id else {}) | changes


def accepted_order(session: str | None = None, **changes: Any) -> dict[str, Any]:
    """The same with the fee for both modes, at the price of the configuration in tests."""
    metadata = of_session(session) if session else []
    return wire_order(**({"fees": [wire_fee()], "metadata": metadata} | changes))


class OrderShop:
    """A merchant's backend that pushes orders."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.id = shop.id
        self.key = shop.issue_key("cart", "orders").text
        self.http = shop.running.client(**{"X-Authorization": self.key})

    def put(self, order: Any, **options: Any) -> httpx.Response:
        return self.http.put("/api/v1/orders", json=order, **options)

    def post(self, order: Any, **options: Any) -> httpx.Response:
        return self.http.post("/api/v1/orders", json=order, **options)

    def push(self, order: Any) -> dict[str, Any]:
        """The order as answered to an upsert that must succeed."""
        response = self.put(order)
        assert response.status_code in (200, 201), response.text
        pushed: dict[str, Any] = response.json()["order"]
        return pushed

    def analyze(self, *lines: dict[str, Any], **changes: Any) -> str:
        """The id of the session in which a cart was analysed."""
        session: str = self.shop.analyze(*lines, **changes)["sessionId"]
        return session

    def counts(self) -> dict[str, int]:
        """How many rows that follow from orders are this merchant's."""
        return counts(self.shop.running.database, self.id)

    def billed(self) -> dict[tuple[str, str], int]:
        return billed(self.shop.running.database, self.id)


def an_order_shop(running: Reachable, **changes: Any) -> OrderShop:
    return OrderShop(running.a_shop(**changes))


def codes(order: Mapping[str, Any]) -> list[str]:
    """The codes of the warnings of an order."""
    return [warning["code"] for warning in order["warnings"]]


def amounts(order: Mapping[str, Any]) -> list[int]:
    """What each standing coverage of an order is worth, in minor units."""
    return [each["amount"]["amount"] for each in order["coverages"] if each["state"] == "active"]


def as_pushed(answered: Mapping[str, Any], order: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an order as they were pushed: without the ids that we gave its lines."""
    lines = [
        {name: value for name, value in line.items() if name != "id" or "id" in pushed}
        for line, pushed in zip(answered["line_items"], order["line_items"], strict=True)
    ]
    return {name: answered[name] for name in order} | {"line_items": lines}


def states(order: Mapping[str, Any]) -> dict[str, str]:
    """The state of each coverage of an order."""
    return {each["mode"]: each["state"] for each in order["coverages"]}


def counts(database: SqlDatabase, merchant: str) -> dict[str, int]:
    columns = [
        select(func.count()).where(table.c.merchant_id == merchant).scalar_subquery()
        for table in (orders, coverages, postings, entries, outbox)
    ]
    with database.engine.connect() as connection:
        row = connection.execute(select(*columns)).one()
    return dict(zip(NOTHING_ON_RECORD, row, strict=True))


def billed(database: SqlDatabase, merchant: str) -> dict[tuple[str, str], int]:
    """What has been earned net of reversals, per mode and currency; nothing that is zero."""
    query = (
        select(entries.c.mode, entries.c.currency, func.sum(entries.c.amount).label("balance"))
        .where(entries.c.merchant_id == merchant, entries.c.account == LedgerAccount.FEE_REVENUE)
        .group_by(entries.c.mode, entries.c.currency)
    )
    with database.engine.connect() as connection:
        return {
            (row.mode, row.currency): -int(row.balance)
            for row in connection.execute(query)
            if row.balance
        }


def trial_balance(database: SqlDatabase, merchant: str) -> set[int]:
    """The different balances over all currencies; `{0}` or empty, or the books are broken."""
    with database.read() as work:
        return set(work.ledger.trial_balance(MerchantId(merchant)).values())


JUNE = datetime(2026, 6, 15, 12, tzinfo=UTC)


class Desk:
    """PushOrder on a database, for one merchant, at times of the test's choosing."""

    def __init__(self, database: SqlDatabase, **changes: Any) -> None:
        self.database = database
        self.push_order = wire_push_order(database, CelCompiler())
        self.id = new_merchant_id()
        create_merchant(
            database, f"desk {self.id[4:]}", new_id=self.id, change=Change(A_TESTER, JUNE)
        )
        with database.begin() as work:
            publish(work.connection, self.id, changes)

    def session(
        self,
        id_: str | None = None,
        *,
        prices: Sequence[int | None] = (2_00,),
        at: datetime = JUNE,
    ) -> SessionId:
        """A session with an analysis per price of shipping, None for a hidden offer."""
        session = SessionId(id_) if id_ else new_session_id(at)
        with self.database.begin() as work:
            record_session(work.connection, self.id, session, prices=prices, at=at)
        return session

    def push(self, order: dict[str, Any], *, at: datetime = JUNE) -> PushedOrder:
        return self.push_order.upsert(self.id, order, at=at, by="tests")

    def delete(self, external_id: str, *, at: datetime = JUNE) -> None:
        self.push_order.delete(
            self.id,
            lambda work: work.orders.find_by_external_id(self.id, external_id),
            at=at,
            by="tests",
        )


def publish(connection: Any, merchant: str, changes: Mapping[str, Any]) -> None:
    """A published configuration, without the work of publishing."""
    connection.execute(
        insert(configurations).values(
            merchant_id=merchant,
            version=1,
            source=json.dumps(a_document(**changes)),
            published_at=JUNE,
            published_by=A_TESTER,
        )
    )


def record_session(
    connection: Any,
    merchant: str,
    session: str,
    *,
    prices: Sequence[int | None] = (2_00,),
    at: datetime = JUNE,
    created_at: datetime | None = None,
) -> None:
    """A session as the journal would have left it."""
    carts = [an_empty_cart() if price is None else a_cart() for price in prices]
    offers = [
        make_offer(
            cart,
            a_configuration(
                pricing={
                    "returnCoverage": [{"base": {"USD": 2_98}}],
                    "shippingProtection": [{"base": {"USD": price or 1}}],
                }
            ),
        )
        for cart, price in zip(carts, prices, strict=True)
    ]
    connection.execute(
        insert(offer_sessions).values(
            merchant_id=merchant,
            id=session,
            created_at=created_at or at,
            updated_at=at,
            analysis_count=len(offers),
            ever_eligible=any(offer.eligible for offer in offers),
            is_kept=False,
        )
    )
    connection.execute(
        insert(analyses),
        [
            {
                "merchant_id": merchant,
                "session_id": session,
                "ordinal": ordinal,
                "analysed_at": at,
                "configuration_version": 1,
                "request_id": "req",
                "reason": offer.reason,
                "cart": cart_to_row(cart),
                "offer": offer_to_row(offer),
            }
            for ordinal, (cart, offer) in enumerate(zip(carts, offers, strict=True), start=1)
        ],
    )
