"""What this stack allows: the same decision and price in one ASGI function, with one durable row.

No model of style. It keeps neither the cart nor the history, tolerates nothing, logs nothing and
counts nothing; every difference to Orderguard's figures is what those promises cost.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from hashlib import sha256
from queue import Empty, SimpleQueue
from threading import Thread
from time import time
from typing import Any

import msgspec

CURRENCIES = frozenset({"USD", "EUR"})
SUBTOTAL_MINIMUM = 1_000
SUBTOTAL_MAXIMUM = 1_000_000_000
COVERAGE_PRODUCT_SKU = "ORDER-PROTECTION"
MODES = ["returnCoverage", "shippingProtection"]
NOT_SHIPPED = frozenset({"PICKUP", "LOCAL_DELIVERY"})
BATCH_LIMIT = 512

_TABLE = """
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT NOT NULL UNIQUE, merchant TEXT NOT NULL, cart_id TEXT NOT NULL, answer BLOB NOT NULL,
  analysis_count INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  UNIQUE (merchant, cart_id))
"""
_UPSERT = """
INSERT INTO sessions VALUES (?, ?, ?, ?, 1, ?, ?)
ON CONFLICT (merchant, cart_id) DO UPDATE SET
  analysis_count = analysis_count + 1, answer = excluded.answer, updated_at = excluded.updated_at
RETURNING id, analysis_count
"""


class Line(msgspec.Struct, rename="camel"):
    id: str
    product_id: str
    quantity: int
    total_price: int
    title: str
    sku: str | None = None
    product_type: str | None = None
    tags: list[str] = []


class Cart(msgspec.Struct, rename="camel"):
    lines: list[Line]
    currency_code: str
    subtotal_amount: int
    discounted_subtotal_amount: int


class DeliveryGroup(msgspec.Struct, rename="camel"):
    delivery_method: str


class Request(msgspec.Struct, rename="camel"):
    region: str
    cart: Cart
    cart_id: str
    delivery_groups: list[DeliveryGroup] = []


class Charge(msgspec.Struct, rename="camel"):
    amount: int
    currency_code: str
    method: str = "fee"


class Answer(msgspec.Struct, rename="camel"):
    session_id: str
    eligible: bool
    reason: str
    mode: list[str]
    charge_instructions: Charge | None
    analysis_count: int


_decode = msgspec.json.Decoder(Request).decode
_encode = msgspec.json.Encoder().encode


def decide(request: Request) -> tuple[str, list[str], Charge | None]:
    """Reason, modes and charge, as `bench/shop.toml` has them."""
    cart = request.cart
    covered = basis = protected = 0
    for line in cart.lines:
        if line.sku == COVERAGE_PRODUCT_SKU:
            protected += 1
        elif not (
            "final-sale" in line.tags
            or line.product_type == "Gift Card"
            or (line.sku is not None and line.sku.startswith("GC-"))
        ):
            covered += 1
            basis += line.total_price
    if not covered:
        return "cart_only_has_excluded_products", [], None
    if cart.currency_code not in CURRENCIES:
        return "currency_not_supported", [], None
    if cart.subtotal_amount < SUBTOTAL_MINIMUM:
        return "cart_total_too_low", [], None
    if cart.subtotal_amount > SUBTOTAL_MAXIMUM:
        return "cart_too_valuable", [], None
    amount, modes = 198, MODES
    if any(group.delivery_method in NOT_SHIPPED for group in request.delivery_groups):
        modes = MODES[:1]
    else:
        share = min(basis, cart.discounted_subtotal_amount) * 150
        amount += min(max((share + 5_000) // 10_000, 98), 4_998)
    return "eligible", modes, Charge(amount, cart.currency_code)


class Writer:
    """One thread writes what waits in one transaction; callers are answered after the commit."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._waiting: SimpleQueue[tuple[asyncio.Future[Any], tuple[Any, ...]]] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        Thread(target=self._write, daemon=True).start()

    async def upsert(self, row: tuple[Any, ...]) -> tuple[str, int]:
        answer: asyncio.Future[tuple[str, int]] = self._loop.create_future()
        self._waiting.put((answer, row))
        return await answer

    def _write(self) -> None:
        connection = sqlite3.connect(self._file, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(_TABLE)
        while True:
            batch = [self._waiting.get()]
            with suppress(Empty):
                while len(batch) < BATCH_LIMIT:
                    batch.append(self._waiting.get_nowait())
            connection.execute("BEGIN IMMEDIATE")
            found = [connection.execute(_UPSERT, row).fetchone() for _, row in batch]
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_settle, batch, found)


def _settle(batch: list[tuple[asyncio.Future[Any], tuple[Any, ...]]], found: list[Any]) -> None:
    for (answer, _), row in zip(batch, found, strict=True):
        if not answer.done():
            answer.set_result(row)


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def create_app() -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """What uvicorn runs. Reads SKETCH_FILE and SKETCH_KEY."""
    merchants = {sha256(os.environ["SKETCH_KEY"].encode()).digest(): "mer_bench"}
    writer: list[Writer] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if not writer:
            writer.append(Writer(os.environ["SKETCH_FILE"]))
        key = next((value for name, value in scope["headers"] if name == b"x-authorization"), b"")
        merchant = merchants[sha256(key).digest()]
        message = await receive()
        body = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        request = _decode(body)
        reason, modes, charge = decide(request)
        kept, at = _encode((reason, modes, charge)), int(time())
        row = (f"lop_{secrets.token_hex(10)}", merchant, request.cart_id, kept, at, at)
        session, count = await writer[0].upsert(row)
        answer = _encode(Answer(session, charge is not None, reason, modes, charge, count))
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
            (b"access-control-allow-origin", b"*"),
            (b"x-request-id", secrets.token_hex(12).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app
