"""From a pushed order to the merchant's system, through a serving process and its death."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from orderguard.actions.close_statement import close_statement
from orderguard.domain.books.month import Month
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_event_id
from orderguard.running.wiring import now
from orderguard.storage.tables import outbox
from tests.support.server_process import ServerProcess, run_command, wait_until
from tests.support.shop import A_TESTER, Shop
from tests.support.wire import wire_request
from tests.webhooks.receiver import Answer, Received, Receiver

FOR_TESTS = {"webhooks_allow_private": "true", "webhooks_timeout_seconds": "1"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "orderguard.db"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def private_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the commands, which run beside the server."""
    monkeypatch.setenv("ORDERGUARD_WEBHOOKS_ALLOW_PRIVATE", "true")


pytestmark = pytest.mark.usefixtures("private_targets")


def orders_of(shop: Shop) -> httpx.Client:
    return shop.running.client(**{"X-Authorization": shop.issue_key("orders").text})


def an_accepted_order(external_id: str, **changes: Any) -> dict[str, Any]:
    """An order with a fee for both modes, of no session."""
    order: dict[str, Any] = {
        "external_id": external_id,
        "name": f"#{external_id}",
        "status": "active",
        "taxes_included": False,
        "total_price": {"amount": 54_98, "currency_code": "USD"},
        "line_items": [
            {
                "external_id": "1",
                "product_id": "p-1",
                "title": "Lamp",
                "quantity": 1,
                "total_price": {"amount": 50_00, "currency_code": "USD"},
                "unit_price": {"amount": 50_00, "currency_code": "USD"},
            }
        ],
        "fees": [
            {
                "name": "Order protection",
                "amount": {"amount": 4_98, "currency_code": "USD"},
                "accepted_offer_mode": ["returnCoverage", "shippingProtection"],
            }
        ],
    }
    return order | changes


def put(client: httpx.Client, order: dict[str, Any]) -> None:
    answer = client.put("/api/v1/orders", json=order)
    assert answer.is_success, answer.text


def add_endpoint(database: Path, shop: Shop, url: str) -> dict[str, Any]:
    endpoint: dict[str, Any] = run_command(database, "webhooks", "add", shop.id, url)
    return endpoint


def committed(shop: Shop) -> list[tuple[str, str]]:
    """The ids and topics of the merchant's events, in the order of their commits."""
    query = (
        select(outbox.c.event_id, outbox.c.topic)
        .where(outbox.c.merchant_id == shop.id)
        .order_by(outbox.c.sequence)
    )
    with shop.running.database.engine.connect() as connection:
        return [(row.event_id, row.topic) for row in connection.execute(query)]


def firsts(received: list[Received]) -> list[str]:
    """The ids in the order in which each arrived first."""
    return list(dict.fromkeys(each.event_id for each in received))


def test_an_order_is_told_of_from_acceptance_to_cancellation(
    database: Path, receiver: Receiver
) -> None:
    with ServerProcess(database, **FOR_TESTS) as server:
        # Given an endpoint
        shop = server.a_shop()
        secret = add_endpoint(database, shop, receiver.url)["secret"]

        # When an order is pushed, pushed again, and cancelled
        with orders_of(shop) as client:
            put(client, an_accepted_order("1001"))
            put(client, an_accepted_order("1001"))
            put(client, an_accepted_order("1001", status="cancelled"))
        wait_until(lambda: len(receiver.accepted) >= 5)

    # Then each thing that happened is told once, in its order, and signed
    documents = [request.verify(secret) for request in receiver.accepted]
    assert [
        "order.accepted",
        "coverage.activated",
        "coverage.activated",
        "coverage.voided",
        "coverage.voided",
    ] == [document["type"] for document in documents]
    assert {"1001"} == {document["data"]["external_id"] for document in documents}
    assert 1 == len({document["data"]["order_id"] for document in documents})
    assert isinstance(documents[0]["data"]["order_id"], int)
    assert "order_cancelled" == documents[-1]["data"]["void_reason"]


def test_a_closed_month_is_told_of(database: Path, receiver: Receiver) -> None:
    with ServerProcess(database, **FOR_TESTS) as server:
        shop = server.a_shop()
        secret = add_endpoint(database, shop, receiver.url)["secret"]
        last_month = Month.of(now().replace(day=1) - timedelta(days=1))

        close_statement(
            server.database,
            shop.id,
            last_month,
            change=Change(A_TESTER, now()),
            new_event_id=new_event_id,
        )
        wait_until(lambda: len(receiver.accepted) >= 1)

    document = receiver.accepted[0].verify(secret)
    assert "statement.closed" == document["type"]
    assert str(last_month) == document["data"]["month"]


def test_a_consumer_that_was_down_gets_everything_in_order_per_order(
    database: Path, receiver: Receiver
) -> None:
    # Given a consumer that is down while orders are pushed, cancelled and pushed again
    receiver.answer = lambda _request: 503
    with ServerProcess(database, **FOR_TESTS) as server:
        shop = server.a_shop()
        add_endpoint(database, shop, receiver.url)
        with orders_of(shop) as client:
            for status in ("active", "cancelled", "active"):
                for number in range(3):
                    put(client, an_accepted_order(f"{number}", status=status))
        wait_until(lambda: len(receiver.received) >= 3)

        # When it is up again
        receiver.answer = lambda _request: 204
        wait_until(lambda: len(firsts(receiver.accepted)) == len(committed(shop)))
        events = committed(shop)

    # Then it gets everything, order by order as it happened
    arrived = firsts(receiver.accepted)
    assert len(events) > 9
    for topic in {topic for _, topic in events}:
        expected = [event for event, of in events if of == topic]
        assert expected == [event for event in arrived if event in expected]


def test_a_kill_in_the_middle_of_deliveries_loses_none(database: Path, receiver: Receiver) -> None:
    # Given a consumer that is not too quick, and orders pushed to a server that is killed twice
    def steady(_request: Received) -> Answer:
        time.sleep(0.02)
        return 204

    receiver.answer = steady
    shop: Shop | None = None
    number = 0
    for _ in range(2):
        with ServerProcess(database, **FOR_TESTS) as server:
            if shop is None:
                shop = server.a_shop()
                add_endpoint(database, shop, receiver.url)
            else:
                shop = shop.at(server)
            before = len(receiver.accepted)
            with orders_of(shop) as client:
                for _ in range(15):
                    number += 1
                    put(client, an_accepted_order(f"{number}"))
            wait_until(lambda before=before: len(receiver.accepted) > before + 10)
            server.kill()

    # When it runs again
    with ServerProcess(database, **FOR_TESTS) as server:
        assert shop
        shop = shop.at(server)
        events = committed(shop)
        wait_until(lambda: len(firsts(receiver.accepted)) == len(events))

    # Then every event has arrived, in order per order, and hardly any of them twice
    assert 30 * 3 == len(events)
    arrived = firsts(receiver.accepted)
    for topic in {topic for _, topic in events}:
        expected = [event for event, of in events if of == topic]
        assert expected == [event for event in arrived if event in expected]
    assert len(receiver.accepted) <= len(events) + 2 * 8


def test_checkouts_do_not_notice_consumers_that_hang(database: Path) -> None:
    def hang(_request: Received) -> Answer:
        time.sleep(1.5)
        return 204

    with (
        Receiver(hang) as hanging,
        ServerProcess(database, **FOR_TESTS) as server,
    ):
        # Given many events for consumers that do not answer
        shop = server.a_shop()
        for number in range(5):
            add_endpoint(database, shop, f"{hanging.url}/{number}")
        with orders_of(shop) as client:
            for number in range(30):
                put(client, an_accepted_order(f"{number}"))
        wait_until(lambda: len(hanging.received) >= 10)

        # When shoppers come
        took = []
        for _ in range(50):
            started = time.monotonic()
            assert 200 == shop.post(wire_request()).status_code
            took.append(time.monotonic() - started)

    # Then they are answered without waiting for anything that hangs
    assert median(took) < 0.1


def test_private_targets_are_refused_unless_a_setting_allows_them(
    database: Path, receiver: Receiver
) -> None:
    # Given an endpoint on loopback, registered while that was allowed
    with ServerProcess(database, webhooks_allow_private="false") as server:
        shop = server.a_shop()
        endpoint = add_endpoint(database, shop, receiver.url)["id"]

        # When something happens under a server that does not allow it
        with orders_of(shop) as client:
            put(client, an_accepted_order("1001"))

        def attempts() -> list[dict[str, Any]]:
            deliveries = run_command(database, "webhooks", "deliveries", endpoint)
            return [attempt for each in deliveries for attempt in each["attempts"]]

        wait_until(lambda: bool(attempts()))
        (attempt, *_) = attempts()

    # Then nothing is sent, and the log says why
    assert [] == receiver.received
    assert "https" in attempt["error"]


def test_a_secret_is_seen_once_and_never_again(database: Path, receiver: Receiver) -> None:
    with ServerProcess(database, **FOR_TESTS) as server:
        # Given an endpoint, with a delivery that fails and is then taken
        shop = server.a_shop()
        receiver.answer = lambda _request: 204 if len(receiver.received) > 1 else 500
        endpoint = add_endpoint(database, shop, receiver.url)
        with orders_of(shop) as client:
            put(client, an_accepted_order("1001"))
        wait_until(lambda: len(receiver.accepted) >= 3)

        # When everything there is about it is looked at
        id_, secret = endpoint["id"], endpoint["secret"]
        shown = [
            run_command(database, "webhooks", "list", shop.id),
            run_command(database, "webhooks", "deliveries", id_),
            run_command(database, "webhooks", "remove", id_),
        ]

    # Then the secret is in none of it, and not in the server's log
    assert secret.startswith("whsec_")
    log = server.log.read_text()
    assert "webhook.delivered" in log
    assert [] == [text for text in (*map(str, shown), log) if secret[6:] in text]
