"""`GET session`: the resource that shows the last analysis of a session."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.show_offer_session import ShowOfferSession
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.ids import SessionId
from orderguard.domain.people.api_key import Scope
from orderguard.http.callers import Callers
from orderguard.http.edge import Exchange
from orderguard.http.wire.offer import offer_session_to_wire

MAX_AGE_SECONDS = 45


class OfferSessionResource:
    """Shows the last analysis of a session; analyses nothing."""

    def __init__(self, callers: Callers, show_offer_session: ShowOfferSession) -> None:
        self._callers = callers
        self._show_offer_session = show_offer_session

    async def on_get(self, request: Request, response: Response, session_id: str) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "session"
        key = await self._callers.identify(request, exchange, Scope.CART)
        try:
            wanted = SessionId.parse(session_id)
        except Malformed as error:
            raise InvalidDocument([Problem("sessionId", str(error))]) from error
        session = await self._show_offer_session(key.merchant, wanted)
        response.content_type = "application/json"
        response.set_header("Cache-Control", f"private, max-age={MAX_AGE_SECONDS}")
        response.data = msgspec.json.encode(offer_session_to_wire(session))
