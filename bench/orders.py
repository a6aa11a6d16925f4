"""Measure a pushed order beside an analysis, in one process: `python -m bench.orders`.

The real server is wired on SQLite and on PostgreSQL, without sockets. Carts are analysed, and their
orders are pushed with the session and the fee of the offer, so each is accepted, covered and
billed. Rounds of both follow one another, so that a busy machine slows down both. CPU is that of
this process; `--profile` prints where it goes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import structlog
import uvloop
from rich.console import Console
from sqlalchemy import Engine, event

from bench.carts import cart_template
from bench.places import work_directory
from bench.postgres import postgres
from bench.report import Rows, number, print_rows
from bench.shop import open_shop
from orderguard.observability import configure_logging
from orderguard.running.server import spare_the_garbage_collector
from orderguard.running.wiring import wire_server
from orderguard.settings import Settings
from orderguard.storage import order_intake

LINES = 10
PRICE = 25_00
WORTH = LINES * PRICE
ANALYSES_TOGETHER = 32
PUSHES_TOGETHER = 20
"""As many as a merchant may have on their way; see `http/order_threads`."""
ROUND = 160
"""Analyses, and orders, in each round."""


@dataclass(slots=True)
class Cost:
    """The cost of one kind of request, per round: CPU in microseconds, and requests per second."""

    cpu_us: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)

    @contextmanager
    def measured(self, requests: int) -> Iterator[None]:
        cpu, began = process_time(), perf_counter()
        yield
        self.cpu_us.append((process_time() - cpu) / requests * 1e6)
        self.per_second.append(requests / (perf_counter() - began))


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of one database: statements per order, and the costs of both kinds of request."""

    database: str
    statements: float
    analysis: Cost
    order: Cost

    def row(self) -> tuple[str, ...]:
        pairs = zip(self.order.cpu_us, self.analysis.cpu_us, strict=True)
        speeds = zip(self.analysis.per_second, self.order.per_second, strict=True)
        return (
            self.database,
            number(self.statements, 1),
            number(statistics.median(self.analysis.cpu_us), 0),
            number(statistics.median(self.order.cpu_us), 0),
            number(statistics.median(ours / theirs for ours, theirs in pairs), 1),
            number(statistics.median(self.order.per_second), 0),
            number(statistics.median(theirs / ours for theirs, ours in speeds), 1),
        )


COLUMNS = (
    "", "statements", "CPU µs of an analysis", "CPU µs of an order", "as a multiple", "orders/s",
    "analyses/s, as a multiple",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """A shop's server that calls the application directly, without a network."""

    application: Any
    key: str

    async def send(self, method: str, path: str, body: bytes) -> bytes:
        """The body of the answer. Raises `RuntimeError` for a refusal."""
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1", "method": method, "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [
                (b"host", b"127.0.0.1"),
                (b"x-authorization", self.key.encode()),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
            ],
            "client": ("127.0.0.1", 40_000), "server": ("127.0.0.1", 8080), "state": {},
        }  # fmt: skip
        status, parts = 0, []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def took(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        await self.application(scope, receive, took)
        answer = b"".join(parts)
        if status not in (200, 201):
            raise RuntimeError(f"{method} {path}: {status} {answer[:500]!r}")
        return answer


def order_document(number: int, offer: Any) -> dict[str, Any]:
    """An order as a platform sends it: the cart's lines, the session, and the fee of the offer."""
    fee = offer["chargeInstructions"]
    return {
        "external_id": f"order-{number}",
        "name": f"#{number}",
        "status": "active",
        "taxes_included": False,
        "created_at": "2026-04-23T13:25:00+00:00",
        "total_price": {"amount": WORTH + fee["amount"], "currency_code": "USD"},
        "line_items": [_line(index) for index in range(LINES)],
        "fees": [
            {
                "name": "Order protection",
                "amount": {"amount": fee["amount"], "currency_code": fee["currencyCode"]},
                "accepted_offer_mode": offer["mode"],
            }
        ],
        "metadata": [{"key": "session_id", "value": offer["sessionId"]}],
        "customer": {"id": 4711, "email": "someone@shop.example"},
        "shipping_address": {"country": "US", "province": "OH", "city": "Columbus"},
    }


def _line(index: int) -> dict[str, Any]:
    return {
        "external_id": f"line-{index + 1}",
        "title": "Linen duvet cover, king size",
        "sku": f"MAR-{4000 + index}",
        "quantity": 1,
        "unit_price": {"amount": PRICE, "currency_code": "USD"},
        "product": {"external_id": f"p-{1000 + index}"},
    }


async def compare(caller: Caller, database: str, *, rounds: int, profile: bool) -> Found:
    """Run rounds of analyses and of pushes of their orders; the first round only warms up."""
    template, numbers = cart_template(LINES), count()
    found = Found(database, 0.0, Cost(), Cost())
    profiler, statements = cProfile.Profile(), 0
    for each in range(rounds + 1):
        analysis, order = (found.analysis, found.order) if each else (Cost(), Cost())
        bodies = [template.body(f"cart-{next(numbers)}") for _ in range(ROUND)]
        with analysis.measured(ROUND):
            answers = await _together(caller, "POST", "/v1/analyze", bodies, ANALYSES_TOGETHER)
        # The caller's own reading is no cost of the server.
        offers = [json.loads(each) for each in answers]
        orders = [json.dumps(order_document(next(numbers), offer)).encode() for offer in offers]
        with order.measured(ROUND), _counted() as counted:
            if profile and each:
                profiler.enable()
            answers = await _together(caller, "PUT", "/api/v1/orders", orders, PUSHES_TOGETHER)
            profiler.disable()
        pushed = [json.loads(each) for each in answers]
        statements += len(counted) if each else 0
        amounts = {
            cover["amount"]["amount"] for answer in pushed for cover in answer["order"]["coverages"]
        }
        warnings = [each for answer in pushed for each in answer["order"]["warnings"]]
        if amounts != {WORTH} or warnings:
            raise RuntimeError(f"Each coverage was to be {WORTH}, not {amounts}; {warnings[:1]}")
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    return Found(database, statements / ROUND / rounds, found.analysis, found.order)


async def _together(
    caller: Caller, method: str, path: str, bodies: Sequence[bytes], at_once: int
) -> list[bytes]:
    answers = []
    for begin in range(0, len(bodies), at_once):
        calls = (caller.send(method, path, body) for body in bodies[begin : begin + at_once])
        answers += await asyncio.gather(*calls)
    return answers


@contextmanager
def _counted() -> Iterator[list[object]]:
    """The SQL of orders meanwhile, transactions left out."""
    seen: list[object] = []
    together = order_intake.send_together

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    def note_all(connection: Any, statements: Any) -> Any:
        seen.extend(statements)
        return together(connection, statements)

    event.listen(Engine, "before_cursor_execute", note)
    order_intake.send_together = note_all
    try:
        yield seen
    finally:
        order_intake.send_together = together
        event.remove(Engine, "before_cursor_execute", note)


async def on(url: str, name: str, *, rounds: int, profile: bool) -> Found:
    """Measure on the database of this URL, which must be empty."""
    key = open_shop(url, scopes=("cart", "orders"))
    server = wire_server(Settings(database_url=url))
    async with server.running():
        caller = Caller(server.application, key)
        return await compare(caller, name, rounds=rounds, profile=profile)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--profile", action="store_true", help="profile the pushes")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="this database")
    arguments = parser.parse_args()
    options = {"rounds": arguments.rounds, "profile": arguments.profile}
    found: list[Found] = []
    with Path(os.devnull).open("w") as nowhere, work_directory() as directory:
        configure_logging(log_format="json")
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        spare_the_garbage_collector()
        if arguments.only != "postgresql":
            found.append(_run(f"sqlite:///{directory}/orders.db", "SQLite", options))
        if arguments.only != "sqlite":
            with postgres(directory) as cluster:
                cluster.create_database("orders")
                found.append(_run(cluster.url("orders"), "PostgreSQL", options))
    print_rows(
        Rows("An order beside an analysis", COLUMNS, [each.row() for each in found]), Console()
    )
    return 0


def _run(url: str, name: str, options: dict[str, Any]) -> Found:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(on(url, name, **options))


if __name__ == "__main__":
    sys.exit(main())
