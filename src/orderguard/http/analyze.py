"""`POST analyze`: the resource that decides, prices and records a cart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.analyze_cart import AnalyzeCart
from orderguard.domain.people.api_key import Scope
from orderguard.http.analysis_body import AnalysisBodies
from orderguard.http.callers import Callers
from orderguard.http.edge import Exchange
from orderguard.http.hints import hints_of
from orderguard.http.sandbox import SandboxAnalyses
from orderguard.http.wire.offer import analysis_to_wire

_encode = msgspec.json.Encoder().encode


class AnalyzeResource:
    """Handles `POST analyze`."""

    def __init__(
        self,
        callers: Callers,
        analyze_cart: AnalyzeCart,
        sandbox: SandboxAnalyses,
        clock: Callable[[], datetime],
    ) -> None:
        self._callers = callers
        self._analyze_cart = analyze_cart
        self._sandbox = sandbox
        self._clock = clock
        self._bodies = AnalysisBodies()

    async def on_post(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "analyze"
        key = await self._callers.identify(request, exchange, Scope.CART)
        wanted, notes = await self._bodies.read(request, exchange, key)
        if key.sandbox is not None:
            await self._sandbox(request, response, key, wanted, notes)
            return
        result = await self._analyze_cart(key.merchant, wanted, at=self._clock())
        exchange.decision = result.decision
        hints = hints_of(request, key, wanted, result) if wanted.debug else ()
        answer = analysis_to_wire(result, wanted.cart, notes=notes, debug=wanted.debug, hints=hints)
        response.content_type = "application/json"
        response.set_header("Cache-Control", "no-store")
        response.data = _encode(answer)
