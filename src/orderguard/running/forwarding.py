"""Wire what `orderguard listen` sends with: signed requests to an address of the user's choice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from orderguard.actions.forward_events import Send
from orderguard.clock import now
from orderguard.domain.ids import MerchantId
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery
from orderguard.domain.webhooks.webhook import (
    Attempt,
    CommittedEvent,
    Record,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
)
from orderguard.webhooks.sender import WebhookSender

TIMEOUT_SECONDS = 10


@asynccontextmanager
async def sending_to(url: str, secret: WebhookSecret, merchant: MerchantId) -> AsyncIterator[Send]:
    """A function that makes one signed delivery attempt to this URL, until the block is left.

    Any address is allowed, also a private one, because the user of the command chose it.
    """
    endpoint = WebhookEndpoint(
        id=WebhookEndpointId("whe_listen"), merchant=merchant, url=url, created_at=now()
    )
    sender = WebhookSender(
        httpx.AsyncHTTPTransport(trust_env=False), clock=now, timeout_seconds=TIMEOUT_SECONDS
    )

    async def send(event: CommittedEvent) -> Attempt:
        return await sender(
            ClaimedDelivery(
                endpoint=endpoint,
                secret=secret,
                sequence=0,
                topic="",
                event=event,
                attempts=0,
                record=Record(),
                lease="",
            )
        )

    try:
        yield send
    finally:
        await sender.aclose()
