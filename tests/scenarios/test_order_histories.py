"""Whatever is pushed in whatever order, coverage and books say what the last revision says.

The oracle below is written from the contract, not from the code: it knows documents, dates and
fractions only. In the bulk, commits are not waited for on the disk (`synchronous = OFF`), which
changes no outcome and makes a thousand histories affordable; what survives a crash is the subject
of `test_order_kill`. The histories of two processes run with every guarantee.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from orderguard.domain.books.ledger import Posting
from orderguard.domain.ids import MerchantId
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import postings
from tests.support.databases import new_database_url
from tests.support.order_desk import Desk, counts, of_session, trial_balance, wire_item

ORDERS = ("A", "B")
BOTH = ("returnCoverage", "shippingProtection")
QUOTED = "lop_00000000000000000001"
HIDDEN = "lop_00000000000000000002"
FOREIGN = "lop_ZZZZZZZZZZZZZZZZZZZZ"
SHARE_BPS = 15_00

Document = dict[str, Any]


def _money(amount: int, currency: str = "USD") -> Document:
    return {"amount": amount, "currency_code": currency}


def _fee(amount: int, modes: tuple[str, ...], currency: str = "USD") -> Document:
    return {
        "name": "protection",
        "amount": _money(amount, currency),
        "accepted_offer_mode": list(modes) or None,
    }


def _refund(id_: str | None, kind: str, amount: int, lamps: int = 0) -> Document:
    lines = [{"external_id": "lamp", "quantity": lamps}] if lamps else []
    named = {"external_id": id_} if id_ else {}
    return named | {"type": kind, "amount": _money(amount), "line_items": lines}


FEES: list[list[Document]] = [
    [],
    [_fee(4_98, BOTH)],
    [_fee(4_98, BOTH)],
    [_fee(2_98, BOTH[:1])],
    [_fee(5_01, BOTH)],
    [_fee(2_98, BOTH[:1]), _fee(2_00, BOTH[1:])],
    [_fee(4_60, BOTH, "EUR")],
    [_fee(700, BOTH, "JPY"), _fee(1, BOTH)],
    [_fee(-5_00, ())],
    [_fee(0, BOTH)],
]
REFUNDS = [
    _refund("r1", "line_item", 25_00, 1),
    _refund("r1", "line_item", 24_00, 2),  # contradicts the one above
    _refund("r2", "fee", 2_00),
    _refund("r3", "fee", 4_98),
    _refund("r4", "line_item", 54_98, 2),
    _refund(None, "fee", 1_00),
    _refund(None, "other", 10_00),
    _refund("r5", "other", 54_98),
]
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(
        ["active", "active", "archived", "cancelled", "Canceled", "refunded", "pending", None]
    ),
    "fees": st.sampled_from([*FEES, None]),
    "metadata": st.sampled_from(
        [of_session(QUOTED), of_session(QUOTED), of_session(HIDDEN), of_session(FOREIGN), [], None]
    ),
    "refunds": st.lists(st.sampled_from(REFUNDS), max_size=3),
    "line_items": st.sampled_from(
        [[wire_item()], [wire_item(), wire_item("mug", 1, 5_00)], [wire_item("mug", 3, "5.00")]]
    ),
    "total_price": st.sampled_from([_money(54_98), _money(80_00), _money(0)]),
    "updated_at": st.integers(1, 6).map(lambda hour: f"2026-06-15T0{hour}:00:00+00:00"),
    "note": st.text(max_size=3),
}
COMPLETE: Document = {
    "name": "#1",
    "status": "active",
    "taxes_included": False,
    "total_price": _money(54_98),
    "line_items": [wire_item()],
}

order_name = st.sampled_from(ORDERS)
parts = st.lists(st.sampled_from(sorted(PARTS)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: PARTS[name] for name in names})
)
step = st.one_of(
    st.tuples(st.just("push"), order_name, parts),
    st.tuples(st.just("push"), order_name, parts),
    st.tuples(st.just("push"), order_name, parts),
    st.tuples(st.just("again"), st.integers(0, 20), st.just({})),
    st.tuples(st.just("delete"), order_name, st.just({})),
)


@dataclass
class Expected:
    """What the contract says of the pushes so far."""

    documents: dict[str, Document] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    linked: dict[str, str | None] = field(default_factory=dict)

    def push(self, name: str, pushed: Document) -> None:
        stored = self.documents.get(name, {})
        news = {k: v for k, v in pushed.items() if v is not None}
        merged = {**stored, **news, "refunds": _facts(stored, news)}
        if "updated_at" in news and news["updated_at"] < stored.get("updated_at", ""):
            return
        self.documents[name] = merged
        self._link(name, next((m["value"] for m in merged.get("metadata", [])), None))

    def _link(self, name: str, session: str | None) -> None:
        """The first order that names a session keeps it, as long as it names it and stands."""
        known = session if session in (QUOTED, HIDDEN) else None
        self.release(name, unless=known)
        if known is None:
            return
        holder = self.holders.get(known, name)
        if holder != name and _has_ended(self.documents[holder]):
            self.release(holder)
            holder = name
        if holder == name:
            self.holders[known] = name
            self.linked[name] = known

    def release(self, name: str, *, unless: str | None = None) -> None:
        self.linked[name] = None
        self.holders = {s: o for s, o in self.holders.items() if o != name or s == unless}

    def delete(self, name: str) -> None:
        self.documents.pop(name, None)
        self.release(name)

    def covered(self, name: str) -> dict[str, int]:
        """The modes that must be active, and how much they cover."""
        document = self.documents[name]
        amount = sum(
            max(0, line["quantity"] - _given_back(document, line["external_id"]))
            * _cents(line["unit_price"]["amount"])
            for line in document["line_items"]
        )
        return {} if _is_void(document) else dict.fromkeys(_modes(document), amount)

    def billed(self, name: str) -> Counter[tuple[str, str]]:
        """The net of the books, per mode and currency."""
        document = self.documents[name]
        modes = _modes(document)
        if _is_void(document):
            return Counter()
        is_quoted = self.linked[name] == QUOTED and modes == BOTH
        weights = [2_98, 2_00] if is_quoted else [1] * len(modes)
        refunded = _fee_refunds(document)
        net: Counter[tuple[str, str]] = Counter()
        for currency, charged in _charged(document).items():
            taken = min(charged, refunded)
            refunded -= taken
            for mode, amount in zip(modes, _split(charged - taken, weights), strict=True):
                net[mode, currency] = amount
        return +net


def _facts(stored: Document, news: Document) -> list[Document]:
    """Refunds are facts: named ones count once as first told, the others as often as ever told."""
    known = list(stored.get("refunds", []))
    for refund in news.get("refunds", []):
        if "external_id" in refund:
            if refund["external_id"] not in [each.get("external_id") for each in known]:
                known.append(refund)
        elif news["refunds"].count(refund) > known.count(refund):
            known.append(refund)
    return known


def _cents(amount: int | str) -> int:
    return int(Fraction(amount) * 100) if isinstance(amount, str) else amount


def _modes(document: Document) -> tuple[str, ...]:
    named = {m for fee in document.get("fees", []) for m in fee["accepted_offer_mode"] or []}
    return tuple(mode for mode in BOTH if mode in named)


def _charged(document: Document) -> Mapping[str, int]:
    charged: dict[str, int] = {}
    for fee in document.get("fees", []):
        if fee["accepted_offer_mode"]:
            currency = fee["amount"]["currency_code"]
            charged[currency] = charged.get(currency, 0) + fee["amount"]["amount"]
    return charged


def _fee_refunds(document: Document) -> int:
    """Every refund in these histories is in USD, so a fee in another currency is not refunded."""
    if "USD" not in _charged(document):
        return 0
    return sum(r["amount"]["amount"] for r in document["refunds"] if r["type"] == "fee")


def _given_back(document: Document, line: str) -> int:
    return sum(
        each["quantity"]
        for refund in document["refunds"]
        for each in refund["line_items"]
        if each["external_id"] == line
    )


def _is_void(document: Document) -> bool:
    charged = sum(_charged(document).values())
    return (
        document.get("status") == "pending"
        or _has_ended(document)
        or 0 < charged <= _fee_refunds(document)
    )


def _has_ended(document: Document) -> bool:
    """Cancelled, or everything that it is worth was given back."""
    back = min(_fee_refunds(document), _charged(document).get("USD", 0))
    for refund in document["refunds"]:
        if refund["type"] == "line_item":
            back += min(refund["amount"]["amount"], _worth_of(document, refund))
        elif refund["type"] == "other":
            back += refund["amount"]["amount"]
    return (
        document.get("status") in ("cancelled", "Canceled", "refunded")
        or 0 < _worth(document) <= back
    )


def _worth(document: Document) -> int:
    """Lines and fees, unless the total is more, or the same but for rounding."""
    total: int = document["total_price"]["amount"]
    lines = document["line_items"]
    fees = [fee["amount"] for fee in document.get("fees", [])]
    gross = sum(line["quantity"] * _cents(line["unit_price"]["amount"]) for line in lines)
    gross += sum(each["amount"] for each in fees if each["currency_code"] == "USD")
    return gross if gross - total > len(lines) else total


def _worth_of(document: Document, refund: Document) -> int:
    """What the pieces cost that a refund names, at most those that were bought."""
    prices = {
        line["external_id"]: (line["quantity"], _cents(line["unit_price"]["amount"]))
        for line in document["line_items"]
    }
    return sum(
        min(each["quantity"], prices[each["external_id"]][0]) * prices[each["external_id"]][1]
        for each in refund["line_items"]
        if each["external_id"] in prices
    )


def _split(amount: int, weights: list[int]) -> list[int]:
    """Largest remainders first, earlier modes before later ones."""
    shares = [Fraction(amount * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for index in order[: amount - sum(parts)]:
        parts[index] += 1
    return parts


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    """A database that does not wait for the disk."""
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("histories")))
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "connect", _do_not_wait)
    yield database
    database.dispose()


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _a_desk(database: SqlDatabase) -> Desk:
    """A merchant with a session in which 2.98 and 2.00 were quoted, and one without a quote."""
    desk = Desk(database, provider_share_bps=SHARE_BPS)
    desk.session(QUOTED)
    desk.session(HIDDEN, prices=(None,))
    return desk


def _tell(desk: Desk, history: list[tuple[str, Any, Document]]) -> Expected:
    """Push a history, and tell the oracle the same."""
    expected = Expected()
    pushes: list[tuple[str, Document]] = []
    for kind, subject, news in history:
        if kind == "delete":
            if subject in expected.documents:
                desk.delete(subject)
                expected.delete(subject)
            continue
        if kind == "again":
            if not pushes:
                continue
            name, document = pushes[subject % len(pushes)]
        else:
            first = COMPLETE if subject not in expected.documents else {}
            name, document = subject, {"external_id": subject, **first, **news}
        # A replay may meet an order that was deleted meanwhile, and does not say enough for one.
        document = document if name in expected.documents else {**COMPLETE, **document}
        pushes.append((name, document))
        desk.push(document)
        expected.push(name, document)
    return expected


def _assert_as_expected(database: SqlDatabase, merchant: MerchantId, expected: Expected) -> None:
    with database.read() as work:
        for name in expected.documents:
            record = work.orders.find_by_external_id(merchant, name)
            assert record
            coverages = work.coverages.of_order(merchant, record.id)
            postings = work.ledger.of_order(merchant, record.id)
            active = {c.mode: c.scope.amount.amount for c in coverages if c.state == "active"}
            assert expected.covered(name) == active
            assert expected.billed(name) == _net(postings)
            assert expected.linked[name] == record.acceptance.session
            _assert_no_duplicates(postings)
        living = {n for n in ORDERS if work.orders.find_by_external_id(merchant, n)}
        assert set(expected.documents) == living


def _assert_whole_books(database: SqlDatabase, merchant: MerchantId, expected: Expected) -> None:
    """Deleted orders are billed nothing, and every currency is in balance."""
    total: Counter[tuple[str, str]] = Counter()
    for name in expected.documents:
        total += expected.billed(name)
    with database.read() as work:
        found = Counter[tuple[str, str]]()
        for posting in _all_postings(work, merchant):
            found.update(_net([posting], keep_negative=True))
    assert total == +found
    assert trial_balance(database, merchant) <= {0}


def _all_postings(work: Any, merchant: MerchantId) -> list[Posting]:
    of_all = select(postings.c.order_id).where(postings.c.merchant_id == merchant).distinct()
    return list(work.ledger.of_orders(merchant, work.connection.execute(of_all).scalars().all()))


def _net(postings: Any, *, keep_negative: bool = False) -> Counter[tuple[str, str]]:
    """What is earned per mode and currency, after checking what comes with it."""
    net: Counter[tuple[str, str]] = Counter()
    for posting in postings:
        earned = [e for e in posting.entries if e.account == "fee_revenue"]
        collected = [e for e in posting.entries if e.account == "fees_collected"]
        assert sum(e.amount.amount for e in collected) == -sum(e.amount.amount for e in earned)
        for entry in earned:
            net[str(entry.mode), entry.amount.currency] -= entry.amount.amount
            share = _share_of(posting, entry)
            assert abs(share * 100_00 + entry.amount.amount * SHARE_BPS) <= 50_00
    return net if keep_negative else +net


def _share_of(posting: Posting, earned: Any) -> int:
    return sum(
        e.amount.amount
        for e in posting.entries
        if (e.account, e.mode, e.amount.currency)
        == ("provider_share", earned.mode, earned.amount.currency)
    )


def _assert_no_duplicates(postings: Any) -> None:
    """Numbered without a gap; every billing is undone at most once, and one stands at most."""
    assert list(range(1, len(postings) + 1)) == [posting.sequence for posting in postings]
    billings = {p.id for p in postings if p.kind == "billing"}
    undone = Counter(p.reverses for p in postings if p.kind == "reversal")
    assert set(undone) <= billings
    assert set(undone.values()) <= {1}
    assert len(billings) - len(undone) in (0, 1)


@settings(
    max_examples=1_000,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
@given(history=st.lists(step, min_size=3, max_size=10))
def test_after_any_history_coverage_and_books_say_what_the_last_revision_says(
    hurried: SqlDatabase, history: list[tuple[str, Any, Document]]
) -> None:
    desk = _a_desk(hurried)

    expected = _tell(desk, history)

    _assert_as_expected(hurried, desk.id, expected)
    _assert_whole_books(hurried, desk.id, expected)
    before = counts(hurried, desk.id)
    for document in expected.documents.values():
        desk.push(document)
    assert before == counts(hurried, desk.id)


PROCESSES = 2
RACES = 24


def _random_push(random: Random, name: str) -> Document:
    """A push that may come first, and that never says when it was made."""
    chosen: Document = {"external_id": name, **COMPLETE}
    if random.random() < 0.7:
        chosen["fees"] = random.choice(FEES)
    if random.random() < 0.5:
        chosen["metadata"] = of_session(random.choice([QUOTED, HIDDEN, FOREIGN]))
    if random.random() < 0.4:
        chosen["status"] = random.choice(["active", "cancelled"])
    if random.random() < 0.4:
        chosen["refunds"] = [random.choice([r for r in REFUNDS if "external_id" in r])]
    return chosen


def _push_in_a_process(url: str, merchants: list[str], seed: int, start: Any) -> None:
    """Push to the same orders of the same merchants as the other process does."""
    database = SqlDatabase(url)
    desk = Desk(database)
    random = Random(seed)
    start.wait()
    for merchant in merchants:
        desk.id = MerchantId(merchant)
        for _ in range(5):
            desk.push(_random_push(random, random.choice(ORDERS)))
    database.dispose()


def test_two_processes_racing_on_the_same_orders_leave_what_the_last_revision_says(
    tmp_path: Path,
) -> None:
    url = new_database_url(tmp_path)
    database = SqlDatabase(url)
    merchants = [_a_desk(database).id for _ in range(RACES)]
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(PROCESSES)
    racers = [
        spawn.Process(target=_push_in_a_process, args=(url, merchants, seed, start))
        for seed in range(PROCESSES)
    ]

    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)

    assert [0] * PROCESSES == [racer.exitcode for racer in racers]
    for merchant in merchants:
        expected = _as_stored(database, merchant)
        _assert_as_expected(database, merchant, expected)
        _assert_whole_books(database, merchant, expected)
    database.dispose()


def _as_stored(database: SqlDatabase, merchant: MerchantId) -> Expected:
    """Which revision came last is the database's to say; what follows from it is not."""
    expected = Expected()
    with database.read() as work:
        for name in ORDERS:
            record = work.orders.find_by_external_id(merchant, name)
            if record:
                expected.documents[name] = {"refunds": [], **record.document}
                expected.linked[name] = record.acceptance.session
    held = [session for session in expected.linked.values() if session]
    assert len(held) == len(set(held))
    return expected
