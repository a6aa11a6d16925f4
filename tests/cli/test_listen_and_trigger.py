"""`orderguard listen` and `orderguard trigger` (contract §12)."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from orderguard.actions.forward_events import WAITS_SECONDS, forward_events
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.webhook import Attempt, CommittedEvent
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell
from tests.webhooks.receiver import Receiver


@pytest.fixture
def sandboxed(shell: Shell) -> Shell:
    """With a sandbox, `acme-test`, that has published a configuration."""
    shell.run("db", "upgrade")
    shell.run("merchants", "create", "acme-test", "--sandbox")
    shell.run("config", "publish", "acme-test", shell.a_configuration())
    return shell


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def trigger(shell: Shell, event: str) -> Any:
    return shell.run("trigger", event, "--merchant", "acme-test", "--json").document


@pytest.mark.parametrize("event", [e for e in EventType if e is not EventType.STATEMENT_CLOSED])
def test_an_event_happens_for_real(event: EventType, sandboxed: Shell) -> None:
    done = trigger(sandboxed, event)

    order = sandboxed.run("orders", "show", done["external_id"], "--json").document
    assert event in [each["type"] for each in done["events"]]
    assert ("accepted", "exact", done["session_id"]) == (
        order["outcome"],
        order["verdict"],
        order["session_id"],
    )
    voided = event is EventType.COVERAGE_VOIDED
    worth = 50_00 if event is EventType.COVERAGE_CHANGED else 100_00
    assert [("voided" if voided else "active", worth)] * 2 == [
        (each["state"], each["amount"]["amount"]) for each in order["coverages"]
    ] or (voided and {"voided"} == {each["state"] for each in order["coverages"]})
    billed = sum(e["amount"] for p in order["postings"] for e in p["entries"] if e["mode"])
    assert (0 if voided else -4_98) == billed


def test_a_month_is_closed_once(sandboxed: Shell) -> None:
    done = trigger(sandboxed, "statement.closed")
    again = sandboxed.run("trigger", "statement.closed", "--merchant", "acme-test")

    assert (None, ["statement.closed"]) == (
        done["order"],
        [each["type"] for each in done["events"]],
    )
    assert 1 == again.exit_code
    assert 'orderguard sandbox clock "acme-test" advance 31d' in again.stderr


@pytest.mark.parametrize(
    "words",
    [("trigger", "order.accepted", "--merchant"), ("listen", "--forward-to", "http://x/")],
)
def test_a_live_merchant_is_refused(words: tuple[str, ...], shell: Shell) -> None:
    shell.a_merchant("acme")

    answer = shell.run(*words, "acme")

    assert (1, "") == (answer.exit_code, answer.stdout)
    assert "acme is a live merchant" in answer.stderr


def test_events_reach_a_local_address_signed_and_are_told(
    sandboxed: Shell, receiver: Receiver
) -> None:
    words = ("listen", "acme-test", "--forward-to", receiver.url, "--json")
    with sandboxed.running(*words, "--events", "3") as listening:
        assert listening.stdout is not None
        begun = json.loads(listening.stdout.readline())
        done = trigger(sandboxed, "order.accepted")
        told = [json.loads(listening.stdout.readline()) for _ in done["events"]]
        assert 0 == listening.wait(timeout=60)

    assert [each["id"] for each in done["events"]] == [each.event_id for each in receiver.accepted]
    assert [(each["id"], 204, 1) for each in done["events"]] == [
        (each["id"], each["status"], each["attempt"]) for each in told
    ]
    verified = [each.verify(begun["secret"]) for each in receiver.accepted]
    assert [each["type"] for each in verified] == [each["type"] for each in done["events"]]


def test_a_wrong_address_is_refused(sandboxed: Shell) -> None:
    answer = sandboxed.run("listen", "acme-test", "--forward-to", "localhost:3000")
    secret = sandboxed.run(
        "listen", "acme-test", "--forward-to", "http://127.0.0.1/", "--secret", "x"
    )

    assert "expected one such as http://localhost:3000/hooks." in answer.stderr
    assert "begins with whsec_" in secret.stderr


def test_listening_ends_well_when_it_is_stopped_and_tells_of_a_shop_that_is_down(
    sandboxed: Shell,
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        with sandboxed.running("listen", "acme-test", "--forward-to", url) as listening:
            assert listening.stdout is not None
            assert "go to http://127.0.0.1:" in listening.stdout.readline()
            assert "signed with whsec_" in listening.stdout.readline()
            trigger(sandboxed, "order.accepted")
            told = listening.stdout.readline()

    assert "order.accepted evt_" in told
    assert "failed; again in 1 s. ConnectError" in told


def test_an_event_that_fails_is_tried_so_often_and_then_the_next_one(sandboxed: Shell) -> None:
    database = SqlDatabase(f"sqlite:///{sandboxed.directory / 'orderguard.db'}")
    with database.read() as work:
        found = work.merchants.find("acme-test")
    assert found is not None
    pauses: list[float] = []

    async def listen(merchant: MerchantId) -> list[tuple[str, int, float | None]]:
        seen: list[tuple[str, int, float | None]] = []

        async def send(_event: CommittedEvent) -> Attempt:
            return Attempt(at=now(), duration=timedelta(), error="down")

        async def pause(seconds: float) -> None:
            if not seen and not pauses:
                await asyncio.to_thread(trigger, sandboxed, "order.accepted")
            pauses.append(seconds)

        async for each in forward_events(database, merchant, send, pause, after=0):
            seen.append((each.event.type, each.number, each.again_after))
            if len(seen) == 2 * len(WAITS_SECONDS) + 2:
                break
        return seen

    seen = asyncio.run(listen(found.id))
    database.dispose()

    attempts = [(number, wait) for number, wait in enumerate((*WAITS_SECONDS, None), start=1)]
    assert [("order.accepted", *each) for each in attempts] == seen[: len(attempts)]
    assert [("coverage.activated", *each) for each in attempts] == seen[len(attempts) :]
