"""What all resources of the admin API share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.ports import Database, UnitOfWork
from orderguard.admin.aside import aside
from orderguard.domain.api_key import ApiKey, Scope
from orderguard.domain.audit import Actor
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.ids import MerchantId
from orderguard.http.callers import Callers
from orderguard.http.client_text import refuse_unwritten
from orderguard.http.edge import Exchange
from orderguard.http.json_body import json_object, refuse_nul
from orderguard.http.orders import write_json
from orderguard.http.request_body import read_body

Answer = TypeVar("Answer")
Found = TypeVar("Found")
Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class AdminCaller:
    """Whose data the call may touch, and who is said to have done it."""

    merchant: MerchantId
    actor: Actor


@dataclass(frozen=True, slots=True)
class AdminDesk:
    """Admits callers, and keeps the event loop free of the database."""

    callers: Callers
    database: Database
    clock: Callable[[], datetime]

    async def admit(self, request: Request, route: str) -> AdminCaller:
        """The caller, whose key must carry the admin scope; `route` is what metrics call this.

        Raises `Unauthorized`, `MissingScope`, `RateLimited`, or `NotFound` for an address that
        nothing can have.
        """
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = f"admin_{route}"
        key: ApiKey = await self.callers.identify(request, exchange, Scope.ADMIN)
        refuse_unwritten(request)
        return AdminCaller(key.merchant, Actor(key.id))

    async def look(self, look: Callable[[UnitOfWork], Answer]) -> Answer:
        """What `look` finds in one read-only unit of work, in a thread of its own."""
        return await aside(self._look, look)

    def _look(self, look: Callable[[UnitOfWork], Answer]) -> Answer:
        with self.database.read() as work:
            return look(work)

    async def run(self, action: Callable[[], Answer]) -> Answer:
        """The outcome of an action, which begins its own unit of work, in a thread of its own."""
        return await aside(action)

    async def write(
        self, response: Response, to_wire: Callable[[Found], object], found: Found
    ) -> None:
        """Answer with something whose shape takes time to make, such as a long text taken apart."""
        write_json(response, await aside(to_wire, found))


async def read_struct(request: Request, shape: type[Body]) -> Body:
    """The JSON body as a struct. Raises `InvalidDocument` naming the member that is not right."""
    document = json_object(await read_body(request, request.scope["orderguard"]))
    # Whoever takes the source of a configuration says in which line such a character is.
    refuse_nul({name: value for name, value in document.items() if name != "source"})
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise InvalidDocument([Problem(where.rstrip("`").lstrip("."), f"{what}.")]) from error
