"""Authentication and rate limits of API keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from time import time

from falcon.asgi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from orderguard.actions.authenticate import Authenticate, MissingScope, Unauthorized
from orderguard.domain.people.api_key import ApiKey, Scope
from orderguard.http.client_address import Network, client_of, clients_of
from orderguard.http.edge import Exchange
from orderguard.http.errors import RateLimited
from orderguard.http.tally import Tally
from orderguard.observability import has_key

_BEARER = "bearer "

_UNKNOWN = "Without a valid key an address may send"

SLOWED_DOWN_BY_SECONDS = 1.0
"""The delay of each response to an address that has sent too many unknown keys."""


class Callers:
    """Authenticates requests by their API key, and applies the rate limits."""

    def __init__(
        self,
        authenticate: Authenticate,
        *,
        clock: Callable[[], datetime],
        requests_per_minute: int | None,
        requests_per_minute_of_client: int | None = None,
        unknown_keys_per_minute: int | None = None,
        trusted_proxies: Sequence[Network] = (),
        tally: Tally | None = None,
    ) -> None:
        """Set the limits. `requests_per_minute` is for keys without their own; None is no limit.

        `requests_per_minute_of_client` is for each address that uses a browser's key: such a key
        is public, and one visitor must not use up the key's limit. A shop's server has one address
        for all of its shoppers, so other keys are not limited by address.

        An address that has sent `unknown_keys_per_minute` unknown keys gets a delayed 429 for more.
        Requests with a valid key are not delayed, not even from such an address.
        """
        self._authenticate = authenticate
        self._clock = clock
        self._requests_per_minute = requests_per_minute
        self._requests_per_minute_of_client = requests_per_minute_of_client
        self._unknown_keys_per_minute = unknown_keys_per_minute
        self._trusted_proxies = trusted_proxies
        self._tally = tally or Tally()
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def identify(self, request: Request, exchange: Exchange, scope: Scope) -> ApiKey:
        """Authenticate the caller and count the request. Raises `Unauthorized` or `RateLimited`."""
        try:
            text = _presented_key(request)
            if not text:
                raise Unauthorized(_without_key(request))
            key = await self._authenticate(
                text,
                scope=scope,
                origin=exchange.origin.decode("latin-1") if exchange.origin else None,
                at=self._clock(),
                host=request.get_header("Host") if exchange.origin else None,
            )
        except MissingScope as error:
            self._belongs_to(error.key, exchange)
            raise
        except Unauthorized as error:
            self._belongs_to(error.key, exchange)
            await self._slow_down(request, exchange)
            raise
        self._belongs_to(key, exchange)
        # The client's limit first: its rejected requests must not count against the key's limit.
        if self._requests_per_minute_of_client and key.origins:
            for client, times in clients_of(request.scope, self._trusted_proxies):
                self._spend(times * self._requests_per_minute_of_client, "client", key.id, client)
        if limit := key.requests_per_minute or self._requests_per_minute:
            self._spend(limit, key.id)
        return key

    async def _slow_down(self, request: Request, exchange: Exchange) -> None:
        """Delay an address that sends too many unknown keys, then raise `RateLimited`.

        The delay is per connection, so its requests per second are bounded by its connections,
        whose number is limited as well.
        """
        if not self._unknown_keys_per_minute:
            return
        client = client_of(request.scope, self._trusted_proxies)
        try:
            self._spend(self._unknown_keys_per_minute, "unknown", client, subject=_UNKNOWN)
        except RateLimited:
            self._tally.note("unknown_keys_per_minute", client)
            exchange.is_counted_only = True
            await asyncio.sleep(SLOWED_DOWN_BY_SECONDS)
            raise

    def _belongs_to(self, key: ApiKey | None, exchange: Exchange) -> None:
        """Note whose request this is, also when it is about to be refused.

        A revoked key gets the same answer as an unknown one, without a sandbox's header.
        """
        if key is not None:
            exchange.key = key
            exchange.merchant = key.merchant
            exchange.is_sandbox = key.sandbox is not None and key.is_live(at=self._clock())

    def _spend(self, limit: int, *whose: str, subject: str = "This key may send") -> None:
        item = RateLimitItemPerMinute(limit)
        if not self._limiter.hit(item, *whose):
            reset = self._limiter.get_window_stats(item, *whose).reset_time
            seconds = max(1, ceil(reset - time()))
            raise RateLimited(limit=limit, retry_after_seconds=seconds, subject=subject)


def _without_key(request: Request) -> str:
    """What to do about a request without a key: another header may have it."""
    send = "Send your API key in the X-Authorization header."
    if request.get_header("Authorization"):
        return f"{send} In the Authorization header it needs Bearer and a space before it."
    for name, value in request.headers.items():
        if has_key(value) and name.lower() != "x-authorization":
            return f"{send} It came in {name[:40]}, which is not read."
    return send


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
