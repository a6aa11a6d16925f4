"""No merchant, and no kind of work, uses up what another one needs."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from orderguard.actions.push_order import PushOrder
from orderguard.actions.settle_order import PushedOrder
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.http import order_threads
from orderguard.http.errors import TooBusy
from orderguard.http.operations import Readiness
from orderguard.http.order_threads import AT_ONCE, WAITING_AT_MOST, Group, OrderThreads
from orderguard.storage.order_intake import SqlOrderIntake
from tests.support.databases import postgresql_only, sqlite_only
from tests.support.order_desk import OrderShop, accepted_order, an_order_shop
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer

QUOTED = 4_98


class HeldPushes:
    """Pushes of one merchant that have a thread, and stay there until they are let go."""

    def __init__(self, merchant: MerchantId) -> None:
        self._merchant = merchant
        self._may_go_on = threading.Event()
        self.in_threads = 0
        self.most_in_threads = 0
        self._lock = threading.Lock()

    def hold(self, merchant: MerchantId) -> None:
        if merchant != self._merchant:
            return
        with self._lock:
            self.in_threads += 1
            self.most_in_threads = max(self.most_in_threads, self.in_threads)
        self._may_go_on.wait(timeout=60)
        with self._lock:
            self.in_threads -= 1

    def let_go(self) -> None:
        self._may_go_on.set()


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[MerchantId], HeldPushes]]:
    """Holds the pushes of a merchant where they would wait for a lock."""
    held: list[HeldPushes] = []
    upsert = PushOrder.upsert

    def watched(self: PushOrder, merchant: MerchantId, *args: Any, **options: Any) -> PushedOrder:
        for each in held:
            each.hold(merchant)
        return upsert(self, merchant, *args, **options)

    def begin(merchant: MerchantId) -> HeldPushes:
        held.append(HeldPushes(merchant))
        return held[-1]

    monkeypatch.setattr(PushOrder, "upsert", watched)
    monkeypatch.setattr(order_threads, "WAIT_SECONDS", 60)
    yield begin
    for each in held:
        each.let_go()


def _orders(shop: OrderShop, number: int) -> list[dict[str, Any]]:
    return [accepted_order(shop.analyze(), external_id=f"held-{each}") for each in range(number)]


def _in_all_places(
    shop: OrderShop, held: HeldPushes, clients: ThreadPoolExecutor, orders: Sequence[dict[str, Any]]
) -> list[Future[httpx.Response]]:
    """Pushes of these orders, each with a thread of its own: those that come together share one."""
    pushes = []
    for number, order in enumerate(orders, start=1):
        pushes.append(clients.submit(shop.put, order))
        wait_until(lambda number=number: held.in_threads == number)  # type: ignore[misc]
    return pushes


def test_eight_locked_orders_of_one_merchant_concern_no_other(
    running_server: RunningServer, hold: Callable[[MerchantId], HeldPushes]
) -> None:
    locked, other = an_order_shop(running_server), an_order_shop(running_server)
    pushed = other.push(accepted_order(other.analyze(), external_id="before"))
    orders = _orders(locked, 8)
    held = hold(locked.id)
    with ThreadPoolExecutor(8) as clients:
        waiting = _in_all_places(locked, held, clients, orders[:AT_ONCE])
        waiting += [clients.submit(locked.put, order) for order in orders[AT_ONCE:]]

        # The other merchant's everything, and the locked one's checkouts and look-ups, go on.
        assert QUOTED == other.shop.analyze()["chargeInstructions"]["amount"]
        assert other.push(accepted_order(other.analyze(), external_id="meanwhile"))
        assert 200 == other.http.get("/api/v1/orders").status_code
        assert 200 == other.http.get(f"/api/v1/orders/{pushed['id']}").status_code
        assert 200 == other.http.get("/api/v1/coverages").status_code
        assert 200 == locked.http.get("/api/v1/orders").status_code
        assert QUOTED == locked.shop.analyze()["chargeInstructions"]["amount"]
        assert 200 == running_server.shared_client.get("/readyz").status_code
        assert 200 == running_server.shared_client.get("/console/sign-in").status_code
        assert not any(each.done() for each in waiting)

        held.let_go()
        assert [201] * 8 == [each.result().status_code for each in waiting]
    assert AT_ONCE == held.most_in_threads
    assert _of_orders(8) == _money(locked)
    assert _of_orders(2) == _money(other)


def test_waiting_upserts_share_a_transaction_and_keep_their_own_answers(
    running_server: RunningServer,
    hold: Callable[[MerchantId], HeldPushes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = an_order_shop(running_server)
    running, waiting = _orders(shop, AT_ONCE), _orders(shop, AT_ONCE + 5)[AT_ONCE:]
    broken = waiting[2] | {"external_id": "broken", "name": None}
    begun: list[int] = []
    begin = SqlOrderIntake.begin

    def counted(self: SqlOrderIntake, merchant: MerchantId, **names: Any) -> Any:
        begun.append(len(names["external_ids"]))
        return begin(self, merchant, **names)

    places: list[Any] = []
    start = order_threads._Pool._start

    def seen(self: Any, merchant: MerchantId, those: Any) -> None:
        if merchant == shop.id:
            places.append(those)
        start(self, merchant, those)

    monkeypatch.setattr(SqlOrderIntake, "begin", counted)
    monkeypatch.setattr(order_threads._Pool, "_start", seen)
    held = hold(shop.id)
    with ThreadPoolExecutor(8) as clients:
        first = _in_all_places(shop, held, clients, running)
        others = [clients.submit(shop.put, order) for order in [*waiting, broken]]
        wait_until(lambda: len(places[-1].waiting) == len(others))
        held.let_go()
        assert [201] * AT_ONCE == [each.result().status_code for each in first]
        assert [201] * 5 + [422] == [each.result().status_code for each in others]
        answered = [each.result().json()["order"]["external_id"] for each in others[:-1]]
    assert [each["external_id"] for each in waiting] == answered
    assert [1] * AT_ONCE + [len(others)] == sorted(begun)
    assert _of_orders(AT_ONCE + 5) == _money(shop)


def _money(shop: OrderShop) -> tuple[int, int, int]:
    """What was earned, and how many coverages are active, for goods of which worth."""
    coverages = shop.http.get("/api/v1/coverages?limit=100").json()["coverages"]
    active = [each for each in coverages if each["state"] == "active"]
    worth = sum(each["amount"]["amount"] for each in active)
    return sum(shop.billed().values()), len(active), worth


def _of_orders(number: int) -> tuple[int, int, int]:
    """The money of so many accepted orders: both modes for two lamps at 25.00 each."""
    return number * QUOTED, number * 2, number * 2 * 50_00


def test_a_refused_order_is_recorded_once_when_it_is_pushed_again(
    running_server: RunningServer,
    hold: Callable[[MerchantId], HeldPushes],
    log_lines: io.StringIO,
) -> None:
    places = AT_ONCE + WAITING_AT_MOST
    shop = an_order_shop(running_server)
    orders = _orders(shop, places + 6)
    held = hold(shop.id)
    with ThreadPoolExecutor(len(orders)) as clients:
        pushes = _in_all_places(shop, held, clients, orders[:AT_ONCE])
        pushes += [clients.submit(shop.put, order) for order in orders[AT_ONCE:]]
        answers = dict(zip(pushes, orders, strict=True))
        # Those for whom there is no place are answered while all others wait.
        wait_until(lambda: 6 == sum(each.done() for each in answers))
        refused = {each: order for each, order in answers.items() if each.done()}
        for each in refused:
            response = each.result()
            assert 503 == response.status_code
            assert int(response.headers["retry-after"]) >= 1
            assert "Send the order again later" in response.json()["error"]["message"]
        assert "request.crashed" not in log_lines.getvalue()
        held.let_go()
        accepted = [each.result() for each in answers if each not in refused]
    assert [201] * places == [each.status_code for each in accepted]

    assert places == shop.counts()["orders"]
    for order in refused.values():
        assert [201, 200] == [shop.put(order).status_code for _ in range(2)]
    assert len(orders) == shop.counts()["orders"]
    assert _of_orders(len(orders)) == _money(shop)


@contextmanager
def _locked(server: RunningServer, merchant: MerchantId) -> Iterator[None]:
    """A row that somebody else holds: a month being closed, say."""
    with server.database.begin() as work:
        work.merchants.lock(merchant)
        yield


@postgresql_only
def test_an_order_that_waits_for_a_lock_is_503_and_then_recorded_once(
    running_server: RunningServer,
) -> None:
    shop, other = an_order_shop(running_server), an_order_shop(running_server)
    order = accepted_order(shop.analyze())
    with _locked(running_server, shop.id):
        refused = shop.put(order)
        assert other.push(accepted_order(other.analyze()))

    assert 503 == refused.status_code
    assert int(refused.headers["retry-after"]) >= 1
    assert [201, 200] == [shop.put(order).status_code for _ in range(2)]
    assert _of_orders(1) == _money(shop)


@sqlite_only
def test_an_order_that_waits_for_the_file_is_503_and_then_recorded_once(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    try:
        shop = an_order_shop(server)
        order = accepted_order(shop.analyze())
        file = server.settings.database_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None)) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            refused = shop.put(order)
            looked = shop.http.get("/api/v1/orders")
            unready = server.shared_client.get("/readyz")
            somebody.execute("ROLLBACK")

        assert (503, 200, 503) == (
            refused.status_code, looked.status_code, unready.status_code
        )  # fmt: skip
        assert [201, 200] == [shop.put(order).status_code for _ in range(2)]
        assert _of_orders(1) == _money(shop)
    finally:
        server.stop()


def test_upserts_that_arrive_together_share_a_transaction() -> None:
    ran: list[int] = []

    def together(items: Sequence[int]) -> Sequence[int]:
        ran.append(len(items))
        return [item * 2 for item in items]

    async def try_it() -> list[int]:
        threads, merchant = OrderThreads(), MerchantId("mer_a")
        calls = [
            threads.change_together(merchant, int, Group("key", item, together))
            for item in range(WAITING_AT_MOST)
        ]
        answers = await asyncio.gather(*calls)
        await threads.finish()
        return answers

    assert [item * 2 for item in range(WAITING_AT_MOST)] == asyncio.run(try_it())
    assert [WAITING_AT_MOST] == ran


def test_a_call_that_waits_for_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_threads, "WAIT_SECONDS", 0.01)
    may_go_on = threading.Event()

    async def try_it() -> None:
        threads = OrderThreads()
        merchant = MerchantId("mer_a")
        held = [
            asyncio.ensure_future(threads.change(merchant, may_go_on.wait, 60))
            for _ in range(AT_ONCE)
        ]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await threads.change(merchant, may_go_on.wait, 60)
        assert 1 == await threads.change(MerchantId("mer_b"), int, "1")
        may_go_on.set()
        assert [True] * AT_ONCE == await asyncio.gather(*held)
        assert 2 == await threads.change(merchant, int, "2")
        await threads.finish()

    asyncio.run(try_it())


def test_a_place_is_free_when_its_thread_is_not_when_the_caller_leaves() -> None:
    may_go_on = threading.Event()
    running: list[int] = []

    def work(number: int) -> None:
        running.append(number)
        may_go_on.wait(60)

    async def try_it() -> None:
        threads = OrderThreads()
        merchant = MerchantId("mer_a")
        calls = [asyncio.ensure_future(threads.change(merchant, work, n)) for n in range(3)]
        while len(running) < AT_ONCE:
            await asyncio.sleep(0.01)
        calls[0].cancel()
        await asyncio.sleep(0)
        assert AT_ONCE == len(running)
        may_go_on.set()
        await calls[2]
        await threads.finish()

    asyncio.run(try_it())
    assert [0, 1, 2] == sorted(running)


def test_readiness_is_answered_while_the_database_is_silent() -> None:
    may_answer = threading.Event()
    asked: list[None] = []

    def check() -> None:
        asked.append(None)
        may_answer.wait(60)

    async def try_it() -> None:
        readiness = Readiness(check)
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="has not answered"):
                await readiness.check()
        assert 1 == len(asked)  # those who ask meanwhile share the question
        may_answer.set()
        await readiness.check()
        await readiness.check()
        assert 2 == len(asked)
        await readiness.finish()

    asyncio.run(try_it())


def test_readiness_does_not_queue_behind_any_other_thread(
    running_server: RunningServer, hold: Callable[[MerchantId], HeldPushes]
) -> None:
    shops = [an_order_shop(running_server) for _ in range(4)]
    pushes = [(shop, order) for shop in shops for order in _orders(shop, 4)]
    with ThreadPoolExecutor(len(pushes)) as clients, ExitStack() as stack:
        held = [hold(shop.id) for shop in shops]
        for each in held:
            stack.callback(each.let_go)
        waiting = []
        for shop, each in zip(shops, held, strict=True):
            orders = [order for of, order in pushes if of is shop]
            waiting += _in_all_places(shop, each, clients, orders[:AT_ONCE])
            waiting += [clients.submit(shop.put, order) for order in orders[AT_ONCE:]]
        wait_until(lambda: 8 == sum(each.in_threads for each in held))

        assert 200 == running_server.shared_client.get("/readyz").status_code
        assert 200 == shops[0].http.get("/api/v1/orders").status_code
        assert QUOTED == shops[0].shop.analyze()["chargeInstructions"]["amount"]
        for each in held:
            each.let_go()
        assert {201} == {each.result().status_code for each in waiting}
    assert [_of_orders(4)] * 4 == [_money(shop) for shop in shops]
