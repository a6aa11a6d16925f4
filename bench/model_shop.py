"""A few hundred sessions and orders of the demo's shop, made over HTTP: models for many copies.

Whatever is copied has thus been decided, recognised, covered, posted and rolled up by the real
actions, with the mistakes and reversals that happen to shops.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, text

from bench.serving import orderguard_serving
from bench.shop import orderguard
from orderguard import demo
from orderguard.demo.cart_outcomes import analyze_carts
from orderguard.demo.carts import DemoCart, demo_carts
from orderguard.demo.order_outcomes import orders_to_come, push_orders
from orderguard.domain.ids import MerchantId
from orderguard.running.wiring import now, wire_roll_up
from orderguard.storage.database import SqlDatabase

NAME = "Fjord & Field"
EXPERIMENT = "price-2026q4"
ROUNDS = 4
"""How often each of the demo's carts comes, each time from elsewhere."""

PLATFORMS = ("woocommerce", "shopify", "bigcommerce", "custom")
ORIGINS = ("checkout", "cart", "mini_cart")
MOUNTS = ("order_summary", "payment", "drawer")
EXPERIENCES = ("widget", "checkbox")

Row = Mapping[str, Any]

_OF_SESSION = ("offer_sessions", "cart_bindings", "analyses", "session_carts", "session_quotes")
_OF_ORDER = ("orders", "coverages", "postings", "entries", "outbox")


@dataclass(frozen=True, slots=True)
class Model:
    """A session with its order, or an order without one: its facts and all its rows, by table."""

    subject: str
    order: int | None
    rows: Mapping[str, list[Row]]


@dataclass(frozen=True, slots=True)
class ModelShop:
    """The merchant, everything that happened to it, and between which instants."""

    merchant: MerchantId
    models: list[Model]
    began: datetime
    ended: datetime


def open_model_shop(database_url: str) -> MerchantId:
    """The demo's merchant in a fresh database, with its experiment under way."""
    source = files(demo).joinpath("merchant.toml").read_text(encoding="utf-8")
    orderguard(database_url, "db", "upgrade")
    merchant = orderguard(database_url, "merchants", "create", NAME)["id"]
    orderguard(database_url, "config", "publish", NAME, "-", standard_input=source)
    return MerchantId(merchant)


def make_models(database_url: str, merchant: MerchantId, directory: Path) -> ModelShop:
    """Let shoppers and the shop do their work at a real server, and read what came of it."""
    keys = [
        orderguard(database_url, "keys", "issue", NAME, "--scope", scope)["key"]
        for scope in ("cart", "orders")
    ]
    began = now()
    with (
        orderguard_serving(database_url, directory) as (url, _),
        _clients(url, *keys) as (till, office),
    ):
        for number in range(ROUNDS):
            outcomes = list(analyze_carts(till, _carts(number)))
            list(push_orders(office, orders_to_come(outcomes)))
    database = SqlDatabase(database_url)
    try:
        for _ in wire_roll_up(database).catch_up(merchant, at=now()):
            pass
        with database.engine.connect() as connection:
            models = list(_read_models(connection, merchant))
    finally:
        database.dispose()
    return ModelShop(merchant, models, began, now())


@contextmanager
def _clients(url: str, *keys: str) -> Iterator[list[httpx.Client]]:
    clients = [
        httpx.Client(base_url=url, headers={"X-Authorization": key}, timeout=30, trust_env=False)
        for key in keys
    ]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def _carts(number: int) -> list[DemoCart]:
    """The demo's carts from other places of the shop; some are looked at again and again."""
    chance = random.Random(number)
    carts = []
    for cart in demo_carts():
        request = cart.request | {
            "platform": chance.choice(PLATFORMS) if number else cart.request["platform"],
            "offerOrigin": chance.choice(ORIGINS),
            "mountTarget": chance.choice(MOUNTS),
            "cartExperience": chance.choice(EXPERIENCES),
            "experimentationConsent": chance.random() < 0.6,
            "debug": False,
        }
        request["cartId"] = f"{cart.request.get('cartId') or cart.about}-{number}"
        looks = 1 + min(4, int(chance.expovariate(1)))
        carts += [DemoCart(cart.about, request)] * looks
    return carts


def _read_models(connection: Connection, merchant: MerchantId) -> Iterator[Model]:
    tables: dict[str, list[Row]] = {
        name: [
            dict(row._mapping)
            for row in connection.execute(
                text(f"SELECT * FROM {name} WHERE merchant_id = :merchant"), {"merchant": merchant}
            )
        ]
        for name in (*_OF_SESSION, *_OF_ORDER, "analytics_facts")
    }
    for facts in tables["analytics_facts"]:
        subject, order = facts["subject"], facts["order_id"]
        rows = {name: _of_session(tables[name], subject) for name in _OF_SESSION}
        if order is not None:
            rows |= {name: _of_order(tables[name], order) for name in _OF_ORDER}
        yield Model(subject, order, rows | {"analytics_facts": [facts]})


def _of_session(rows: list[Row], session: str) -> list[Row]:
    return [row for row in rows if session in (row.get("id"), row.get("session_id"))]


def _of_order(rows: list[Row], order: int) -> list[Row]:
    found = []
    for row in rows:
        if "posting_id" in row:
            whose = row["posting_id"].partition("-")[0]
        elif "topic" in row:
            whose = row["topic"].partition(":")[2]
        else:
            whose = str(row.get("order_id", row.get("id")))
        if whose == str(order):
            found.append(row)
    return found
