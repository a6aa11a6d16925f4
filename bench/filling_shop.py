"""A shop with as much history as wanted: its models, copied under ids and instants of their own.

Copies lie whole days before their model, and a while earlier or later within the day, so that what
a copy adds to the rollups is what its model adds, on other days. `tests/bench` proves on a sample
that counting everything anew by the real action gives the same sums.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any

import msgspec

from bench.bulk import Bulk
from bench.model_shop import Model, ModelShop, Row
from orderguard.domain.analytics.analytics import Cell, Facts
from orderguard.domain.books.month import Month
from orderguard.randomness import new_coverage_id, new_order_id, new_session_id
from orderguard.storage.tables import from_microseconds, to_microseconds

KEPT_DAYS = 29
"""Sessions without an order are evicted after thirty."""

ORDER_DAYS = 400
BATCH = 5_000

_TABLES = (
    "offer_sessions",
    "cart_bindings",
    "analyses",
    "session_carts",
    "session_quotes",
    "orders",
    "coverages",
    "entries",  # before their postings, which seal them
    "postings",
    "outbox",
    "analytics_facts",
)
_decode = msgspec.json.Decoder(Facts).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Copy:
    """What is copied, by how many days it is moved back, and how far it is moved in all."""

    model: int
    days: int
    moved: timedelta


def plan(shop: ModelShop, *, sessions: int, orders: int, seed: int = 1) -> list[Copy]:
    """Which copies to make, the oldest first; so many have an order."""
    chance = random.Random(seed)
    with_order = [n for n, model in enumerate(shop.models) if model.order is not None]
    without = [n for n, model in enumerate(shop.models) if model.order is None]
    earliest, latest = _room_within_the_day(shop)
    copies = []
    for number in range(sessions):
        among, days_at_most = (with_order, ORDER_DAYS) if number < orders else (without, KEPT_DAYS)
        days = int(days_at_most * chance.random())
        within = chance.uniform(earliest, latest if days else min(0.0, latest))
        moved = timedelta(seconds=int(within)) - timedelta(days=days)
        copies.append(Copy(chance.choice(among), days, moved))
    copies.sort(key=lambda copy: copy.moved)
    return copies


def _room_within_the_day(shop: ModelShop) -> tuple[float, float]:
    """How many seconds everything could have happened earlier or later on the same day."""
    midnight = datetime.combine(shop.began.date(), time(), shop.began.tzinfo)
    next_midnight = midnight + timedelta(days=1)
    return (
        min(0.0, (midnight - shop.began).total_seconds() + 1),
        max(0.0, (next_midnight - shop.ended).total_seconds() - 1),
    )


def fill(
    bulk: Bulk,
    shop: ModelShop,
    copies: Sequence[Copy],
    *,
    at: datetime,
    progress: Callable[[int], None] = lambda _made: None,
) -> None:
    """Make the copies, with their rollups; says how many there are after each batch."""
    copier = _Copier(shop, at)
    for begin in range(0, len(copies), BATCH):
        made: dict[str, list[Row]] = {name: [] for name in _TABLES}
        for copy in copies[begin : begin + BATCH]:
            for table, row in copier.rows_of(copy):
                made[table].append(row)
        for table, rows in made.items():
            bulk.add(table, rows)
        progress(begin + len(made["analytics_facts"]))
    sums = copier.sums()
    for table, cells in (("analytics_rollups", sums), ("analytics_months", by_month(sums))):
        bulk.run(f"DELETE FROM {table} WHERE merchant_id = '{shop.merchant}'")
        bulk.add(table, _rollup_rows(shop, cells))


def by_month(sums: Mapping[Cell, int]) -> Counter[Cell]:
    """The same per month, under its first day."""
    months: Counter[Cell] = Counter()
    for cell, number in sums.items():
        months[cell._replace(day=cell.day.replace(day=1))] += number
    return months


def _rollup_rows(shop: ModelShop, sums: Mapping[Cell, int]) -> list[Row]:
    return [
        {"merchant_id": shop.merchant}
        | cell._asdict()
        | {"day": cell.day.isoformat(), "total": total}
        for cell, total in sorted(sums.items())
    ]


class _Copier:
    """Gives copies their ids and instants, and counts what they add to the rollups."""

    def __init__(self, shop: ModelShop, at: datetime) -> None:
        self._shop = shop
        self._at = at
        self._numbers = count(1)
        events = [row["sequence"] for model in shop.models for row in model.rows.get("outbox", ())]
        self._sequences = count(1 + max(events, default=0))
        self._facts = [_decode(model.rows["analytics_facts"][0]["facts"]) for model in shop.models]
        self._encoded: dict[tuple[int, int], bytes] = {}
        # How many copies of which model lie how many days back, and whether they are still open.
        self._made = Counter(
            (number, 0, self._is_open(number)) for number in range(len(self._facts))
        )

    def rows_of(self, copy: Copy) -> Iterator[tuple[str, Row]]:
        """Every row of a copy, with its table."""
        model = self._shop.models[copy.model]
        began = self._shop.began + copy.moved
        names = _Names(model, next(self._numbers), self._sequences, began)
        moved_us = copy.moved // timedelta(microseconds=1)
        for table, rows in model.rows.items():
            if table == "analytics_facts":
                facts, due_at = self._facts_of(copy)
                yield table, names.renamed(table, rows[0]) | {"facts": facts, "due_at": due_at}
            else:
                for row in rows:
                    yield table, _moved(names.renamed(table, row), moved_us)

    def _facts_of(self, copy: Copy) -> tuple[bytes, int | None]:
        """What is counted of a copy, and when time alone changes it."""
        unsettled = self._facts[copy.model].unsettled_until
        until = unsettled + copy.moved if unsettled else None
        is_open = until is not None and until > self._at
        self._made[copy.model, copy.days, is_open] += 1
        if until is not None and is_open:
            facts = self._facts_back(copy.model, copy.days, is_open=True)
            return _encode(replace(facts, unsettled_until=until)), to_microseconds(until)
        key = copy.model, copy.days
        if key not in self._encoded:
            self._encoded[key] = _encode(self._facts_back(*key, is_open=False))
        return self._encoded[key], None

    def _is_open(self, model: int) -> bool:
        return self._facts[model].unsettled_until is not None

    def _facts_back(self, model: int, days: int, *, is_open: bool) -> Facts:
        """The facts of a model so many days earlier; an open session may be abandoned by now."""
        facts, back = self._facts[model], timedelta(days=days)
        if facts.unsettled_until and not is_open:
            facts = facts.as_of(facts.unsettled_until)
        posted = tuple(replace(amount, day=amount.day - back) for amount in facts.posted)
        return replace(facts, day=facts.day - back, posted=posted)

    def sums(self) -> Counter[Cell]:
        """What all models and copies add up to."""
        sums: Counter[Cell] = Counter()
        for (model, days, is_open), copies in self._made.items():
            added = self._facts_back(model, days, is_open=is_open).contribution()
            for cell, number in added.items():
                sums[cell] += copies * number
        return sums


class _Names:
    """The ids of a copy in the place of its model's."""

    def __init__(
        self, model: Model, number: int, sequences: Iterator[int], began: datetime
    ) -> None:
        self._number = number
        self._sequences = sequences
        self._session = new_session_id(began)
        self._order = new_order_id()
        self._is_session = not model.subject.isdigit()
        self._texts = [(model.subject.encode(), self._subject.encode())]
        if model.order is not None:
            self._texts.append((str(model.order).encode(), str(self._order).encode()))
            self._model_order = str(model.order)

    @property
    def _subject(self) -> str:
        return self._session if self._is_session else str(self._order)

    def renamed(self, table: str, row: Row) -> dict[str, Any]:
        """A row of the model as a row of the copy."""
        changes: dict[str, Any] = {}
        if row.get("session_id") is not None:
            changes["session_id"] = self._session
        if row.get("order_id") is not None:
            changes["order_id"] = self._order
        return {**row, **changes, **_RENAMED[table](self, row)}

    def _offer_session(self, _row: Row) -> Row:
        return {"id": self._session}

    def _cart_binding(self, _row: Row) -> Row:
        return {"cart_id": f"cart-{self._number}"}

    def _analysis(self, row: Row) -> Row:
        return {"request_id": f"req_{self._number:016}{row['ordinal']:04}"}

    def _of_session(self, _row: Row) -> Row:
        return {}

    def _an_order(self, row: Row) -> Row:
        return {
            "id": self._order,
            "external_id": row["external_id"] and f"FF-{self._number}",
            "document": self._rewritten(row["document"]),
            "acceptance": self._rewritten(row["acceptance"]),
        }

    def _coverage(self, _row: Row) -> Row:
        return {"id": new_coverage_id()}

    def _entry(self, row: Row) -> Row:
        return {"posting_id": self._posting(row["posting_id"])}

    def _a_posting(self, row: Row) -> Row:
        return {
            "id": self._posting(row["id"]),
            "reverses": row["reverses"] and self._posting(row["reverses"]),
        }

    def _event(self, row: Row) -> Row:
        return {
            "sequence": next(self._sequences),
            "event_id": f"evt_{self._number:014}{row['sequence']:06}",
            "topic": f"order:{self._order}",
            "body": self._rewritten(row["body"]),
        }

    def _facts(self, _row: Row) -> Row:
        return {"subject": self._subject}

    def _posting(self, id_: str) -> str:
        return id_.replace(self._model_order, str(self._order))

    def _rewritten(self, document: bytes) -> bytes:
        for old, new in self._texts:
            document = document.replace(old, new)
        return document


_RENAMED: dict[str, Callable[[_Names, Row], Row]] = {
    "offer_sessions": _Names._offer_session,
    "cart_bindings": _Names._cart_binding,
    "analyses": _Names._analysis,
    "session_carts": _Names._of_session,
    "session_quotes": _Names._of_session,
    "orders": _Names._an_order,
    "coverages": _Names._coverage,
    "entries": _Names._entry,
    "postings": _Names._a_posting,
    "outbox": _Names._event,
    "analytics_facts": _Names._facts,
}


def _moved(row: dict[str, Any], by_us: int) -> dict[str, Any]:
    """Every instant of a row moved; a posting belongs to the month it then falls into."""
    for column, value in row.items():
        if value is not None and (column.endswith("_at") or column == "active_from"):
            row[column] = value + by_us
    if "period" in row:
        row["period"] = str(Month.of(from_microseconds(row["posted_at"])))
    return row
