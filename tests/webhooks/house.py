"""A database with merchants and endpoints, and the dispatcher in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.dispatch_webhooks import DispatchLimits, DispatchWebhooks
from orderguard.actions.register_webhook_endpoint import register_webhook_endpoint
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.event import Event, EventType
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import (
    Delivery,
    RetrySchedule,
    WebhookEndpoint,
    WebhookSecret,
)
from orderguard.domain.webhooks.webhook_target import IpAddress
from orderguard.randomness import (
    jitter,
    new_event_id,
    new_lease,
    new_merchant_id,
    new_webhook_endpoint_id,
    new_webhook_secret,
)
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from orderguard.webhooks.checked_transport import CheckedTransport
from orderguard.webhooks.resolver import resolve
from orderguard.webhooks.sender import WebhookSender
from tests.support.databases import new_database_url
from tests.support.shop import A_TESTER

HASTY = RetrySchedule(
    first_wait=timedelta(milliseconds=20),
    factor=2,
    longest_wait=timedelta(milliseconds=100),
    patience=timedelta(seconds=60),
)

QUICK: dict[str, Any] = {"look_every": timedelta(milliseconds=10), "started_at_once": 10}

Resolve = Callable[[str, int], Sequence[IpAddress]]


class House:
    """Orderguard without its HTTP API: what happens is written to the outbox by hand."""

    def __init__(self, directory: Path) -> None:
        self.database = SqlDatabase(new_database_url(directory))
        self.secrets: dict[str, WebhookSecret] = {}

    def a_merchant(self) -> MerchantId:
        id_ = new_merchant_id()
        return create_merchant(
            self.database, f"shop {id_[4:]}", new_id=id_, change=Change(A_TESTER, now())
        ).id

    def an_endpoint(
        self, merchant: MerchantId, url: str, *event_types: str, **options: Any
    ) -> WebhookEndpoint:
        secret = new_webhook_secret()
        endpoint = register_webhook_endpoint(
            self.database,
            merchant,
            url,
            event_types=event_types,
            new_id=new_webhook_endpoint_id(),
            secret=secret,
            change=Change(A_TESTER, now()),
            **({"resolve": resolve, "allows_private": True} | options),
        )
        self.secrets[endpoint.id] = secret
        return endpoint

    def happen(
        self,
        merchant: MerchantId,
        order: int,
        *numbers: int,
        type_: EventType = EventType.COVERAGE_CHANGED,
    ) -> list[str]:
        """Events about an order, each of which says its number; their ids."""
        ids = [new_event_id() for _ in numbers]
        left = iter(ids)
        at = now()
        events = [
            Event(
                type=type_,
                at=at,
                topic=f"order:{order}",
                body={"order_id": order, "number": number},
            )
            for number in numbers
        ]
        with self.database.begin() as work:
            work.outbox.add(merchant, events, new_event_id=lambda: next(left))
        return ids

    def deliveries(self, endpoint: WebhookEndpoint) -> list[Delivery]:
        """Oldest event first."""
        with self.database.read() as work:
            found = work.webhook_deliveries.of_endpoint(endpoint, limit=10_000)
        return list(reversed(found))

    def states(self, endpoint: WebhookEndpoint) -> list[str]:
        return [each.state for each in self.deliveries(endpoint)]

    def find(self, endpoint: WebhookEndpoint) -> WebhookEndpoint | None:
        with self.database.read() as work:
            return work.webhook_endpoints.find_anywhere(endpoint.id)

    def dispatch_until(
        self,
        done: Callable[[], bool],
        *,
        seconds: float = 20,
        schedule: RetrySchedule = HASTY,
        resolve: Resolve = resolve,
        allows_private: bool = True,
        timeout_seconds: float = 5,
        **limits: Any,
    ) -> None:
        """Run the dispatcher until something is so; fail when that takes too long."""

        async def run() -> bool:
            sender = WebhookSender(
                CheckedTransport(resolve, allows_private=allows_private),
                clock=now,
                timeout_seconds=timeout_seconds,
            )
            dispatcher = DispatchWebhooks(
                self.database,
                sender,
                now,
                jitter,
                new_lease,
                schedule,
                DispatchLimits(**(QUICK | limits)),
            )
            ends_at = time.monotonic() + seconds
            while not done() and time.monotonic() < ends_at:
                await dispatcher.dispatch()
                await asyncio.sleep(0.005)
            await dispatcher.stop()
            await sender.aclose()
            return done()

        assert asyncio.run(run()), "it did not come to that"

    def dispatch_all(self, endpoint: WebhookEndpoint, **options: Any) -> None:
        """Run the dispatcher until everything for this endpoint is settled."""
        self.dispatch_until(lambda: self._is_settled(endpoint), **options)

    def _is_settled(self, endpoint: WebhookEndpoint) -> bool:
        with self.database.read() as work:
            behind = endpoint.id in {each.id for each in work.webhook_deliveries.endpoints_behind()}
        return not behind and all(
            state in ("delivered", "failed") for state in self.states(endpoint)
        )
