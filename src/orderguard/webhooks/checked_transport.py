"""An HTTP transport that connects only to allowed addresses, against server-side request forgery.

The name is resolved here, every address is checked, and the connection goes to one of exactly
these, so that a name which resolves differently a moment later gains nothing. TLS and the Host
header still use the name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from orderguard.domain.webhooks.webhook_target import IpAddress, check_addresses, parse_target

Resolve = Callable[[str, int], Sequence[IpAddress]]

TRIED_ADDRESSES = 3
RESOLVED_AT_ONCE = 16


class CheckedTransport(httpx.AsyncBaseTransport):
    """Resolves a host, checks its addresses, connects. Raises `TargetRefused` and httpx errors."""

    def __init__(self, resolve: Resolve, *, allows_private: bool) -> None:
        self._resolve = resolve
        self._allows_private = allows_private
        # A resolver call can hang for long and cannot be cancelled. It must not use up the default
        # thread pool of the event loop.
        self._resolvers = ThreadPoolExecutor(RESOLVED_AT_ONCE, thread_name_prefix="resolve")
        # The pool keys connections by address here. A kept connection could serve another name at
        # the same address without a check of that name's certificate, so none is kept.
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = parse_target(str(request.url), allows_private=self._allows_private)
        addresses = await asyncio.get_running_loop().run_in_executor(
            self._resolvers, self._resolve, target.host, target.port
        )
        check_addresses(target.host, addresses, allows_private=self._allows_private)
        *others, last = addresses[:TRIED_ADDRESSES]
        for address in others:
            try:
                return await self._send_to(request, target.host, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # another address of the host may be reachable
        return await self._send_to(request, target.host, last)

    async def _send_to(
        self, request: httpx.Request, host: str, address: IpAddress
    ) -> httpx.Response:
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,  # the Host header still has the name
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
        )

    async def aclose(self) -> None:
        self._resolvers.shutdown(wait=False, cancel_futures=True)
        await self._inner.aclose()
