"""`/admin/v1/sessions`: find sessions, and explain one."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.explain_session import explain_session
from orderguard.actions.find_session import find_session
from orderguard.actions.ports import UnitOfWork
from orderguard.actions.push_order import FindConfiguration
from orderguard.admin.api.desk import AdminDesk
from orderguard.admin.session_query import session_filter, session_place, session_place_text
from orderguard.domain.errors import InvalidDocument, Malformed, Problem, SessionNotFound
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.http.orders import write_json
from orderguard.http.paging import page_limit
from orderguard.http.wire.admin_sessions import (
    SessionsResponse,
    explanation_to_wire,
    session_to_wire,
)


class SessionsResource:
    """`GET`: the sessions last analysed, or with `?query=` the one that an id leads to."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "sessions")
        text = request.get_param("query")
        if text is not None:
            found = await self._desk.look(lambda work: _found(work, caller.merchant, text))
            write_json(response, msgspec.to_builtins(found))
            return
        limit = page_limit(request)
        wanted = session_filter(lambda name: request.get_param(name) or "")
        after = session_place(request.get_param("cursor") or "")
        page = await self._desk.look(
            lambda work: work.session_search.page(caller.merchant, wanted, after=after, limit=limit)
        )
        sessions = [session_to_wire(each) for each in page.sessions]
        answer = SessionsResponse(sessions, session_place_text(page.next))
        write_json(response, msgspec.to_builtins(answer))


def _found(work: UnitOfWork, merchant: MerchantId, text: str) -> SessionsResponse:
    found = find_session(work, merchant, text)
    session = work.session_search.find(merchant, found.session) if found else None
    if found is None or session is None:
        return SessionsResponse([], None)
    return SessionsResponse([session_to_wire(session)], None, found.by)


class SessionResource:
    """`GET`: everything about one analysis of a session; `?analysis=` and `?against=` choose."""

    def __init__(self, desk: AdminDesk, find_configuration: FindConfiguration) -> None:
        self._desk = desk
        self._find_configuration = find_configuration

    async def on_get(self, request: Request, response: Response, session_id: str) -> None:
        caller = await self._desk.admit(request, "session")
        ordinal, against = _ordinal(request, "analysis"), _ordinal(request, "against")
        session = _session_id(session_id)
        told = await self._desk.look(
            lambda work: explain_session(
                work,
                self._find_configuration,
                caller.merchant,
                session,
                ordinal=ordinal,
                against=against,
                clock=self._desk.clock,
            )
        )
        write_json(response, msgspec.to_builtins(explanation_to_wire(told)))


def _session_id(text: str) -> SessionId:
    try:
        return SessionId.parse(text)
    except Malformed:
        raise SessionNotFound from None


def _ordinal(request: Request, name: str) -> int | None:
    text: str | None = request.get_param(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text)):
        raise InvalidDocument([Problem(name, "expected the number of an analysis, from 1.")])
    return int(text)
