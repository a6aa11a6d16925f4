"""Who is calling, and whether the key has requests left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from time import time

from falcon.asgi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from orderguard.actions.authenticate import Authenticate
from orderguard.domain.api_key import ApiKey, Scope
from orderguard.http.client_address import Network, client_of
from orderguard.http.edge import Exchange
from orderguard.http.errors import RateLimited

_BEARER = "bearer "


class Callers:
    """Turns a request into the key behind it."""

    def __init__(
        self,
        authenticate: Authenticate,
        *,
        clock: Callable[[], datetime],
        requests_per_minute: int | None,
        requests_per_minute_of_client: int | None = None,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        """`requests_per_minute` is for keys without a limit of their own; None is no limit.

        `requests_per_minute_of_client` is for each address that uses a browser's key: such a key
        is public, and one visitor must not spend what is there for all. A shop's own server is one
        client with all of its shoppers behind it, so other keys are not limited by address.
        """
        self._authenticate = authenticate
        self._clock = clock
        self._requests_per_minute = requests_per_minute
        self._requests_per_minute_of_client = requests_per_minute_of_client
        self._trusted_proxies = trusted_proxies
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def identify(self, request: Request, exchange: Exchange, scope: Scope) -> ApiKey:
        """The caller's key. Raises `Unauthorized` or `RateLimited`."""
        key = await self._authenticate(
            _presented_key(request),
            scope=scope,
            origin=exchange.origin.decode("latin-1") if exchange.origin else None,
            at=self._clock(),
        )
        exchange.merchant = key.merchant
        # The client first: what it may not send must not use up what the key has left for others.
        if self._requests_per_minute_of_client and key.origins:
            client = client_of(request.scope, self._trusted_proxies)
            self._spend(self._requests_per_minute_of_client, "client", key.id, client)
        if limit := key.requests_per_minute or self._requests_per_minute:
            self._spend(limit, key.id)
        return key

    def _spend(self, limit: int, *whose: str) -> None:
        item = RateLimitItemPerMinute(limit)
        if not self._limiter.hit(item, *whose):
            reset = self._limiter.get_window_stats(item, *whose).reset_time
            raise RateLimited(limit=limit, retry_after_seconds=max(1, ceil(reset - time())))


def _presented_key(request: Request) -> str | None:
    key: str | None = request.get_header("X-Authorization")
    if key is not None:
        # Some clients give every such header the scheme that they know from Authorization.
        return _after_bearer(key) or key
    return _after_bearer(request.get_header("Authorization") or "")


def _after_bearer(header: str) -> str | None:
    if header[: len(_BEARER)].lower() == _BEARER:
        return header[len(_BEARER) :].strip()
    return None
