"""One attempt at a delivery, signed by the Standard Webhooks scheme."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
from standardwebhooks import Webhook

from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery
from orderguard.domain.webhooks.webhook import Attempt, payload_of
from orderguard.domain.webhooks.webhook_target import TargetRefused

MOST_READ_BYTES = 16_384
"""Bytes read of a response. Only its status matters; the body is read to close cleanly."""

LONGEST_ERROR = 200


class WebhookSender:
    """Sends deliveries over HTTP. An answer of any status, and any failure, is an attempt."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        clock: Callable[[], datetime],
        timeout_seconds: float,
    ) -> None:
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        # Half the time to connect leaves the other half for another address of the same name.
        timeout = httpx.Timeout(timeout_seconds, connect=timeout_seconds / 2)
        # A redirect is not followed: it is the endpoint's owner who says where to send.
        self._client = httpx.AsyncClient(
            transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
        )

    async def __call__(self, claimed: ClaimedDelivery) -> Attempt:
        at, started = self._clock(), time.perf_counter()
        status, error = await self._outcome(claimed, at)
        duration = timedelta(seconds=time.perf_counter() - started)
        return Attempt(at=at, duration=duration, status=status, error=error)

    async def _outcome(
        self, claimed: ClaimedDelivery, at: datetime
    ) -> tuple[int | None, str | None]:
        try:
            # httpx restarts its timeout with every byte; this one bounds the whole attempt.
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._post(claimed, at)
        except (TimeoutError, httpx.TimeoutException):
            return None, f"No answer within {self._timeout_seconds:g} seconds."
        except TargetRefused as error:
            return None, str(error)[:LONGEST_ERROR]
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            return None, f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        return status, None if 200 <= status < 300 else f"Answered {status}."

    async def _post(self, claimed: ClaimedDelivery, at: datetime) -> int:
        url = _readable(claimed.endpoint.url)
        payload = payload_of(claimed.event)
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "connection": "close",
            "user-agent": "Orderguard-Webhooks",
            "webhook-id": claimed.event.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(claimed.secret.text).sign(claimed.event.id, at, payload),
        }
        async with self._client.stream(
            "POST", url, content=payload.encode(), headers=headers
        ) as response:
            read = 0
            async for piece in response.aiter_raw():
                read += len(piece)
                if read > MOST_READ_BYTES:
                    break
            return response.status_code

    async def aclose(self) -> None:
        await self._client.aclose()


def _readable(text: str) -> httpx.URL:
    """Parse the URL with httpx. Raises `TargetRefused` for a host that httpx cannot decode.

    Registration refuses such hosts; for endpoints registered earlier the attempt fails.
    """
    try:
        url = httpx.URL(text)
        _ = url.host  # decodes xn-- names; its library raises several kinds of error
    except (ValueError, IndexError):
        raise TargetRefused(
            "The URL's host is not a host name: what follows xn-- is not Punycode. Register the "
            "endpoint again with another URL."
        ) from None
    return url
