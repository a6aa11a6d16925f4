"""The operations as OpenAPI routes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, get_args, get_origin

from orderguard.admin.api.operation import DescribedAs, Operation
from orderguard.admin.api.refusals import EVERYWHERE, FAMILY
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Route

ADMIN_BASE = "/admin/v1"


def routes_of(operations: Iterable[Operation]) -> tuple[Route, ...]:
    """A route per operation, in their order."""
    return tuple(_route(each) for each in operations)


def _route(operation: Operation) -> Route:
    answered = operation.answered
    return Route(
        method=operation.method,
        path=operation.path,
        bases=(ADMIN_BASE,),
        operation_id=operation.operation_id,
        tag=FAMILY,
        scope=operation.scope,
        summary=operation.summary,
        description=operation.description,
        parameters=operation.parameters,
        body=_described(operation.body),
        body_examples=operation.body_examples,
        answers=(
            Answer(
                operation.status,
                operation.outcome,
                answered,
                operation.examples,
                NO_STORE if answered else (),
            ),
            *operation.refusals,
            *EVERYWHERE,
        ),
    )


def _described(body: Any) -> Any:
    """The type that OpenAPI shows of a body."""
    marks = get_args(body)[1:] if get_origin(body) is Annotated else ()
    return next((each.type for each in marks if isinstance(each, DescribedAs)), body)
