"""`orderguard orders import`: back-fills that name broken lines, and can be run again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from orderguard.actions import import_orders
from orderguard.actions.close_statement import draw_up_statement
from orderguard.actions.give_way import REST_SECONDS_AT_MOST, RESTS, GiveWay
from orderguard.actions.import_orders import (
    LINE_BYTES,
    TOGETHER_BESIDE_SHOPPERS,
    Imported,
    numbered_lines,
)
from orderguard.actions.push_orders import TOGETHER, PushOrders
from orderguard.domain.books.month import Month
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.people.audit import Change
from orderguard.running.wiring import now, wire_import_orders
from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Answer
from tests.cli.shell import Shell as Terminal
from tests.support.databases import new_database_url, sqlite_only
from tests.support.order_desk import (
    Desk,
    accepted_order,
    billed,
    counts,
    trial_balance,
    wire_fee,
    wire_order,
)
from tests.support.shop import A_TESTER

FEE = 4_98
WORTH = 50_00


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("imports")))
    yield database
    database.dispose()


@pytest.fixture
def operator(shell: Terminal, database: SqlDatabase) -> Terminal:
    return Terminal(shell.directory, database_url=database.url)


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database)


def _orders(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Orders of which every third one is declined."""
    return [
        wire_order(f"i-{n}") if n % 3 == 2 else accepted_order(desk.session(), external_id=f"i-{n}")
        for n in range(count)
    ]


def _accepted(count: int) -> int:
    return count - count // 3


def _text(lines: list[Any]) -> str:
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines)


def _import(operator: Terminal, desk: Desk, lines: list[Any], *options: str) -> Answer:
    Path(operator.directory, "orders.jsonl").write_text(_text(lines), encoding="utf-8")
    return operator.run("orders", "import", desk.id, "orders.jsonl", *options)


def _money(desk: Desk, month: Month | None = None) -> tuple[int, int, set[int]]:
    """The billed fees, the month's statement of them, and the trial balance."""
    with desk.database.read() as work:
        statement = draw_up_statement(work, desk.id, month or Month.of(now()))
    stated = sum(each.fees - each.reversals for each in statement.currencies)
    balance = trial_balance(desk.database, desk.id)
    return sum(billed(desk.database, desk.id).values()), stated, balance


def _worth(desk: Desk) -> list[int]:
    with desk.database.read() as work:
        page = work.coverages.page(desk.id, after=None, limit=1_000)
    return [each.scope.amount.amount for each in page if each.state == "active"]


def test_a_file_goes_in_around_its_broken_lines_and_twice_is_once(
    operator: Terminal, desk: Desk
) -> None:
    orders = _orders(desk, TOGETHER + 20)
    broken = [
        "{not json",
        wire_order(None),
        '["a list"]',
        accepted_order(external_id="fraction", fees=[wire_fee(4.98)]),
    ]
    half = len(orders) // 2
    lines = [*orders[:half], *broken, "", *orders[half:]]
    billed_fees = _accepted(len(orders)) * FEE

    answer = _import(operator, desk, lines, "--json")

    assert 1 == answer.exit_code
    said = answer.document
    assert (True, len(orders), 0, 0) == tuple(
        said[name] for name in ("complete", "new", "changed", "unchanged")
    )
    assert [half + 1, half + 2, half + 3, half + 4] == [
        each["line"] for each in said["not_taken_in"]
    ]
    assert "external_id" in said["not_taken_in"][1]["message"]
    assert f"line {half + 1}: Request body is not JSON" in answer.stderr
    assert (billed_fees, billed_fees, {0}) == _money(desk)
    assert [WORTH] * 2 * _accepted(len(orders)) == _worth(desk)

    before = counts(desk.database, desk.id)
    again = _import(operator, desk, orders, "--json")
    assert (0, len(orders)) == (again.exit_code, again.document["unchanged"])
    assert before == counts(desk.database, desk.id)
    assert (billed_fees, billed_fees, {0}) == _money(desk)


def test_people_read_a_sentence_and_the_audit_trail_says_who(
    operator: Terminal, desk: Desk
) -> None:
    orders = _orders(desk, 3)
    answer = _import(operator, desk, [*orders, wire_order("i-0", status="cancelled")])

    assert (0, "") == (answer.exit_code, answer.stderr)
    assert "3 new, 1 changed and 0 unchanged orders; 0 lines were not taken in.\n" == answer.stdout
    assert (FEE, FEE, {0}) == _money(desk)
    with desk.database.read() as work:
        [entry] = [
            each
            for each in work.audit.page(desk.id, after=None, limit=50)
            if each.action == "orders.imported"
        ]
    assert ("orders.jsonl", 3) == (entry.subject, (entry.after or {})["new"])


def test_an_import_into_a_closed_month_is_billed_in_the_first_open_one(
    operator: Terminal, desk: Desk
) -> None:
    month = Month.of(now())
    with desk.database.begin() as work:
        statement = draw_up_statement(work, desk.id, month)
        work.ledger.close(desk.id, statement, change=Change(A_TESTER, now()))

    assert 0 == _import(operator, desk, _orders(desk, 3)).exit_code
    assert (2 * FEE, 0, {0}) == _money(desk, month)
    assert (2 * FEE, 2 * FEE, {0}) == _money(desk, month.next)


def test_a_file_goes_on_from_a_line_and_comes_from_standard_input(
    operator: Terminal, desk: Desk
) -> None:
    orders = _orders(desk, 6)
    first = operator.run("orders", "import", desk.id, "-", stdin=_text(orders[:4]))
    assert 0 == first.exit_code
    rest = _import(operator, desk, orders, "--from-line", "5", "--json").document
    assert (2, 0, 6) == (rest["new"], rest["unchanged"], rest["last_line"])
    assert (4 * FEE, 4 * FEE, {0}) == _money(desk)


def test_a_database_that_goes_away_stops_the_import_at_a_line(
    operator: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_orders, "PATIENCE_SECONDS", (0.0, 0.0))
    orders = _orders(desk, TOGETHER + 3)
    take_in, calls = PushOrders.__call__, 0

    def goes_away(self: PushOrders, *arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise StorageUnavailable("The database cannot be used.")
        return take_in(self, *arguments, **options)

    with monkeypatch.context() as context:
        context.setattr(PushOrders, "__call__", goes_away)
        answer = _import(operator, desk, orders, "--json")
    assert (1, 4) == (answer.exit_code, calls)  # it was tried three times
    assert (False, TOGETHER) == (answer.document["complete"], answer.document["last_line"])
    assert f"--from-line {TOGETHER + 1}" in answer.stderr

    rest = _import(operator, desk, orders, "--from-line", str(TOGETHER + 1), "--json").document
    assert (True, 3, 0) == (rest["complete"], rest["new"], rest["unchanged"])
    fees = _accepted(len(orders)) * FEE
    assert (fees, fees, {0}) == _money(desk)


def test_a_database_that_comes_back_is_waited_for(desk: Desk) -> None:
    waited: list[float] = []
    run = wire_import_orders(desk.database, now)
    failures = iter([StorageUnavailable("gone"), StorageUnavailable("gone")])

    class Flaky:
        push_order = run.push_orders.push_order

        def __call__(self, *arguments: Any, **options: Any) -> Any:
            if failure := next(failures, None):
                raise failure
            return run.push_orders(*arguments, **options)

    flaky: Any = Flaky()
    patient = replace(run, push_orders=flaky, wait=waited.append)
    imported = Imported()
    lines = numbered_lines(io.BytesIO(_text(_orders(desk, 3)).encode()))
    for _ in patient(desk.id, lines, imported, by="tests"):
        pass
    assert (3, 3, [0.5, 1.0]) == (imported.new, imported.line, waited)
    assert (2 * FEE, 2 * FEE, {0}) == _money(desk)


@sqlite_only
def test_a_disk_that_is_full_stops_the_import_at_a_line_and_with_room_it_goes_on(
    desk: Desk,
) -> None:
    orders = _orders(desk, TOGETHER + 5)
    run = wire_import_orders(desk.database, now)
    waited: list[float] = []
    impatient = replace(run, wait=waited.append)
    imported = Imported()
    lines = numbered_lines(io.BytesIO(_text(orders).encode()))
    taking_in = impatient(desk.id, lines, imported, by="tests")
    next(taking_in)

    def fill(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are already

    desk.database.engine.dispose()
    event.listen(desk.database.engine, "checkout", fill)
    try:
        with pytest.raises(StorageUnavailable, match="full"):
            for _ in taking_in:
                pass
    finally:
        event.remove(desk.database.engine, "checkout", fill)
        desk.database.engine.dispose()
    assert (TOGETHER, TOGETHER) == (imported.line, imported.new)
    assert list(import_orders.PATIENCE_SECONDS) == waited
    fees = _accepted(TOGETHER) * FEE
    assert (fees, fees, {0}) == _money(desk)

    rest = numbered_lines(io.BytesIO(_text(orders).encode()), first=imported.line + 1)
    for _ in impatient(desk.id, rest, imported, by="tests"):
        pass
    fees = _accepted(len(orders)) * FEE
    assert (len(orders), fees, fees, {0}) == (imported.new, *_money(desk))


def test_a_line_that_is_too_long_is_named_and_not_held(operator: Terminal, desk: Desk) -> None:
    long = wire_order("long", note="x" * (LINE_BYTES + 10))
    said: Mapping[str, Any] = _import(
        operator, desk, [*_orders(desk, 2), long, wire_order("after")], "--json"
    ).document
    assert [3] == [each["line"] for each in said["not_taken_in"]]
    assert f"longer than {LINE_BYTES} bytes" in said["not_taken_in"][0]["message"]
    assert (3, 4) == (said["new"], said["last_line"])
    assert (2 * FEE, 2 * FEE, {0}) == _money(desk)


def test_a_file_that_is_not_there_is_a_failure(operator: Terminal, desk: Desk) -> None:
    answer = operator.run("orders", "import", desk.id, "nowhere.jsonl")
    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "Cannot read nowhere.jsonl" in answer.stderr


def test_while_carts_are_analysed_the_import_takes_small_steps_and_rests(desk: Desk) -> None:
    orders = _orders(desk, 2 * TOGETHER + 4 * TOGETHER_BESIDE_SHOPPERS)
    rested: list[float] = []
    seconds = iter(range(1_000))  # a second passes at each look at the clock
    give_way = GiveWay(desk.database, lambda: float(next(seconds)) / 10, rested.append)
    run = replace(wire_import_orders(desk.database, now), give_way=give_way)
    imported = Imported()
    taking_in = run(desk.id, numbered_lines(io.BytesIO(_text(orders).encode())), imported, by="x")
    steps = []

    def take(steps_more: int, *, somebody_shops: bool) -> None:
        for _ in range(steps_more):
            before = imported.line
            next(taking_in)
            steps.append(imported.line - before)
            give_way._look_at = 0.0  # it looks after each step
            if somebody_shops:
                desk.session(at=now())

    take(1, somebody_shops=False)
    assert [] == rested
    take(1, somebody_shops=True)
    take(2, somebody_shops=True)
    small = [TOGETHER_BESIDE_SHOPPERS] * 2
    assert [TOGETHER, TOGETHER, *small] == steps
    tenth = pytest.approx(RESTS / 10)
    assert [tenth, tenth] == rested  # before each of the small steps
    take(1, somebody_shops=False)
    for _ in taking_in:
        pass
    assert (len(orders), len(orders)) == (imported.line, imported.new)
    assert not give_way.somebody_shops
    fees = _accepted(len(orders)) * FEE
    assert (fees, fees, {0}) == _money(desk)


def test_a_database_that_is_away_is_no_reason_to_rest_and_a_long_wait_no_reason_for_a_long_rest(
    desk: Desk,
) -> None:
    rested: list[float] = []
    seconds = iter([0.0, 1.0, 30.0])
    give_way = GiveWay(desk.database, lambda: next(seconds), rested.append)
    give_way.after_working(since=0.0)
    desk.session(at=now())
    give_way.after_working(since=0.5)
    assert [1.0] == [min(RESTS * 0.5, REST_SECONDS_AT_MOST)] == rested

    class Away:
        def read(self) -> Any:
            raise StorageUnavailable("gone")

    away: Any = Away()
    give_way.database = away
    give_way.after_working(since=0.0)
    assert [1.0, REST_SECONDS_AT_MOST] == rested  # somebody shopped when it was last seen
