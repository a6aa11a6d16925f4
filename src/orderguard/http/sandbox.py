"""Analyses of sandbox merchants, whose carts may ask for any answer or failure (contract §12)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.analyze_cart import AnalysisRequest, AnalyzeCart
from orderguard.actions.authenticate import Unauthorized
from orderguard.domain.errors import SessionNotFound, StorageUnavailable
from orderguard.domain.ids import MerchantId
from orderguard.domain.offers.magic_lines import Failure, MagicLines, magic_lines_of
from orderguard.domain.people.api_key import ApiKey
from orderguard.http.edge import ConnectionDropped, Exchange
from orderguard.http.errors import RateLimited, TooBusy, answer_error
from orderguard.http.hints import hints_of
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.offer import analysis_to_wire

DELAYED_AT_ONCE = 20
"""Delayed requests of one merchant in one process, so that they do not use up the connections."""

_encode = msgspec.json.Encoder().encode

_AS_FAILED: dict[Failure, Exception] = {
    Failure.UNAUTHORIZED: Unauthorized("This API key is not known here, or is no longer valid."),
    Failure.SESSION_NOT_FOUND: SessionNotFound(),
    Failure.RATE_LIMITED: RateLimited(limit=1, retry_after_seconds=1),
    Failure.CRASHED: Exception(),
    Failure.UNAVAILABLE: StorageUnavailable(),
}
"""What each status is in earnest, so that the answer is word for word the same."""


class SandboxAnalyses:
    """Answers `POST analyze` of sandbox merchants, without counting them in metrics of offers."""

    def __init__(self, analyze_cart: AnalyzeCart, clock: Callable[[], datetime]) -> None:
        self._analyze_cart = analyze_cart
        self._clock = clock
        self._delayed: Counter[MerchantId] = Counter()

    async def __call__(
        self,
        request: Request,
        response: Response,
        key: ApiKey,
        wanted: AnalysisRequest,
        notes: Notes,
    ) -> None:
        """Answer as the cart's magic lines ask, otherwise as for any merchant.

        Raises `InvalidDocument` for a wrong magic line, `TooBusy` for too many delays at once, and
        `ConnectionDropped`.
        """
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "sandbox"
        lines = magic_lines_of(wanted.cart)
        await self._delay(key.merchant, lines)
        if lines.failure is Failure.DROPPED:
            raise ConnectionDropped
        if error := _AS_FAILED.get(lines.failure) if lines.failure else None:
            _fail(response, error, exchange.request_id)
            return
        wanted = replace(wanted, magic_lines=lines)
        result = await self._analyze_cart(key.merchant, wanted, at=key.time(self._clock()))
        exchange.decision = result.decision
        hints = hints_of(request, key, wanted, result)
        body = _encode(
            analysis_to_wire(result, wanted.cart, notes=notes, debug=wanted.debug, hints=hints)
        )
        if lines.failure is Failure.MALFORMED:
            body = body[: len(body) // 2]
            exchange.breaks_off = True
        response.content_type = "application/json"
        response.set_header("Cache-Control", "no-store")
        response.data = body

    async def _delay(self, merchant: MerchantId, lines: MagicLines) -> None:
        if not lines.delay_ms:
            return
        if self._delayed[merchant] >= DELAYED_AT_ONCE:
            raise TooBusy(f"{DELAYED_AT_ONCE} delayed requests of this sandbox wait already.")
        self._delayed[merchant] += 1
        try:
            await asyncio.sleep(lines.delay_ms / 1000)
        finally:
            self._delayed[merchant] -= 1


def _fail(response: Response, error: Exception, request_id: str) -> None:
    """Answer as if this had been raised; the log gets no alarm."""
    status, headers, body = answer_error(error, request_id)
    response.status = status
    response.content_type = "application/json"
    for name, value in headers.items():
        response.set_header(name, value)
    response.data = body
