"""The body of `POST analyze`: read within limits, and not on the event loop when it is large."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from falcon.asgi import Request

from orderguard.actions.analyze_cart import AnalysisRequest
from orderguard.domain.people.api_key import ApiKey
from orderguard.http.edge import Exchange
from orderguard.http.request_body import read_body
from orderguard.http.wire.cart import analysis_request_from_body
from orderguard.http.wire.cart_limits import (
    BROWSER_LIMITS,
    COUNTED_FROM_BYTES,
    SERVER_LIMITS,
    CartLimits,
    refuse_excess,
    refuse_excess_of,
)
from orderguard.http.wire.notes import Notes

ASIDE_FROM_BYTES = 65_536
"""Bodies larger than this are decoded in a thread: checkouts do not wait for them."""


class AnalysisBodies:
    """Reads request bodies. One thread decodes the large ones, one after the other."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="large-bodies")

    async def read(
        self, request: Request, exchange: Exchange, key: ApiKey
    ) -> tuple[AnalysisRequest, Notes]:
        """Read and decode the body of `POST analyze`; also returns notes on tolerated deviations.

        Raises `BodyTooLarge`, `BodyIncomplete` and `InvalidDocument`.
        """
        limits = BROWSER_LIMITS if key.origins else SERVER_LIMITS
        body = await read_body(request, exchange, limit=limits.body_bytes)
        if len(body) <= ASIDE_FROM_BYTES:
            return _decoded(body, limits, exchange.request_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, _decoded, body, limits, exchange.request_id
        )


def _decoded(body: bytes, limits: CartLimits, request_id: str) -> tuple[AnalysisRequest, Notes]:
    refuse_excess(body, limits)
    wanted, notes = analysis_request_from_body(body, request_id=request_id)
    if len(body) >= COUNTED_FROM_BYTES:
        refuse_excess_of(wanted.cart, limits)
    return wanted, notes
