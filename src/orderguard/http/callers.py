"""Who is calling, and whether the key has requests left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil
from time import time

from falcon.asgi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from orderguard.actions.authenticate import Authenticate
from orderguard.domain.api_key import ApiKey, Scope
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
    ) -> None:
        """`requests_per_minute` is for keys without a limit of their own; None is no limit."""
        self._authenticate = authenticate
        self._clock = clock
        self._requests_per_minute = requests_per_minute
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
        self._spend(key)
        return key

    def _spend(self, key: ApiKey) -> None:
        limit = key.requests_per_minute or self._requests_per_minute
        if limit is None:
            return
        item = RateLimitItemPerMinute(limit)
        if not self._limiter.hit(item, key.id):
            reset = self._limiter.get_window_stats(item, key.id).reset_time
            raise RateLimited(limit=limit, retry_after_seconds=max(1, ceil(reset - time())))


def _presented_key(request: Request) -> str | None:
    key: str | None = request.get_header("X-Authorization")
    if key is not None:
        return key
    authorization: str = request.get_header("Authorization") or ""
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return authorization[len(_BEARER) :]
    return None
