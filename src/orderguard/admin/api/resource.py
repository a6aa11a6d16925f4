"""The operations as Falcon resources: the one place that authorizes, decodes and encodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec
from falcon.asgi import Request, Response

from orderguard.admin.api.operation import Call, DescribedAs, Operation, Query, Services
from orderguard.admin.threads import in_thread
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.people.audit import Actor
from orderguard.http.client_text import refuse_unknown_parameters, refuse_unwritten
from orderguard.http.edge import Exchange
from orderguard.http.json_body import json_object, refuse_nul
from orderguard.http.request_body import read_body
from orderguard.http.wire.learning import learn

_encode = msgspec.json.Encoder().encode


class OperationResource:
    """Serves one path of the admin API, with the methods that the table of operations has for it.

    Once the body is read, the work happens in the admin thread pool.
    """

    def __init__(self, services: Services, operations: Iterable[Operation]) -> None:
        self._services = services
        self._operations: dict[str, tuple[Operation, Any]] = {
            each.method: (each, each.body) for each in operations
        }
        for _, shape in self._operations.values():
            learn(shape)
        for method in self._operations:
            setattr(self, f"on_{method.lower()}", self._answer)

    async def _answer(self, request: Request, response: Response, **values: str) -> None:
        operation, shape = self._operations["GET" if request.method == "HEAD" else request.method]
        call = await self._admit(request, operation, values)
        body = await read_body(request, request.scope["orderguard"]) if shape else None
        answer = await in_thread(_perform, operation, call, shape, body)
        response.status = operation.status
        if answer is not None:
            response.content_type = "application/json"
            response.set_header("Cache-Control", "no-store")
            response.data = answer

    async def _admit(
        self, request: Request, operation: Operation, values: Mapping[str, str]
    ) -> Call:
        """The call, when its key carries the operation's scope; the key decides the merchant.

        Raises `Unauthorized`, `MissingScope`, `RateLimited`, `NotFound` for a path or a query with
        a NUL, or `InvalidDocument` for a parameter that the operation does not have.
        """
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = f"admin{operation.path}"
        key = await self._services.callers.identify(request, exchange, operation.scope)
        refuse_unwritten(request)
        refuse_unknown_parameters(request, operation.query)
        at = self._services.clock()
        return Call(
            self._services,
            key.merchant,
            Actor(key.id),
            key.time(at),
            at,
            values,
            Query(request.params),
        )


def _perform(operation: Operation, call: Call, shape: Any, body: bytes | None) -> bytes | None:
    answering: Any = operation.answer  # takes one argument or two, as its annotations say
    answer = answering(call) if body is None else answering(call, _decode(body, shape))
    return None if answer is None else _encode(answer)


def _decode(body: bytes, shape: Any) -> Any:
    """The JSON body, decoded as the type that the function declares.

    Raises `InvalidDocument` with the name of the invalid member.
    """
    document = json_object(body)
    if get_origin(shape) is Annotated and isinstance(get_args(shape)[1], DescribedAs):
        return document
    # A NUL in the source of a configuration is reported with its line, where the source is read.
    refuse_nul({name: value for name, value in document.items() if name != "source"})
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise InvalidDocument([Problem(where.rstrip("`").lstrip("."), f"{what}.")]) from error


def operation_resources(
    services: Services, operations: Iterable[Operation]
) -> dict[str, OperationResource]:
    """The resources of all operations, by path."""
    by_path: dict[str, list[Operation]] = {}
    for each in operations:
        by_path.setdefault(each.path, []).append(each)
    return {path: OperationResource(services, rows) for path, rows in by_path.items()}
