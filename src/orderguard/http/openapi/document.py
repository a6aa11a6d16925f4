"""Puts the described routes together into one OpenAPI 3.1 document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard import __version__
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.orders.acceptance import AcceptanceOutcome, WarningCode
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.http.openapi import (
    coverages,
    offers,
    operations,
    orders,
    refusals,
)
from orderguard.http.openapi.introduction import INTRODUCTION, SECURITY_SCHEMES, TAGS
from orderguard.http.openapi.order_words import (
    OF_OUTCOMES,
    OF_VERDICTS,
    OF_WARNINGS,
    OUTCOMES,
    VERDICTS,
    WARNINGS,
)
from orderguard.http.openapi.reasons import OF_REASONS, REASONS
from orderguard.http.openapi.samples import code_samples
from orderguard.http.openapi.schemas import schemas_of
from orderguard.http.openapi.vocabulary import Answer, Example, Header, Parameter, Route
from orderguard.http.openapi.words import described

_WORDS: tuple[tuple[Any, Any, str], ...] = (
    (EligibilityReason, REASONS, OF_REASONS),
    (AcceptanceOutcome, OUTCOMES, OF_OUTCOMES),
    (FeeVerdict, VERDICTS, OF_VERDICTS),
    (WarningCode, WARNINGS, OF_WARNINGS),
)

_REQUEST_ID = Header(
    "X-Request-Id",
    "Names this exchange in the log. Yours is kept when it is sane.",
    "req_9vZbLq3TtWk2yXnA0cRd",
)
_SHARED_HEADERS = {header.name: header for header in (_REQUEST_ID, *refusals.CORS)}


def openapi_document(further: tuple[Route, ...]) -> dict[str, Any]:
    """The OpenAPI document: routes of this package, with `further` ones before the operators'."""
    routes = (*offers.ROUTES, *orders.ROUTES, *coverages.ROUTES, *further, *operations.ROUTES)
    bodies = _Bodies(routes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Orderguard",
            "version": __version__,
            "summary": "Order protection at checkout, self-hosted and open.",
            "description": INTRODUCTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This server."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(routes, bodies),
        "components": {
            "securitySchemes": SECURITY_SCHEMES,
            "headers": {name: _header(each) for name, each in _SHARED_HEADERS.items()},
            "responses": _shared_answers(routes, bodies),
            "schemas": bodies.components,
        },
    }


class _Bodies:
    """The schemas of all request and response bodies, by wire type."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        types = [
            *(body for route in routes for body in (route.body, *route.body_at.values())),
            *(answer.body for answer in _answers(routes)),
        ]
        # Annotated types with schemas in them cannot be hashed, so they go by identity.
        distinct = {id(type_): type_ for type_ in types if type_ is not None}
        schemas, self.components = schemas_of(list(distinct.values()))
        self._schemas = dict(zip(distinct, schemas, strict=True))
        for words, meanings, of in _WORDS:
            name = words.__name__
            self.components[name] = described(self.components[name], words, meanings, of)

    def content(self, type_: Any, examples: Mapping[str, Example]) -> dict[str, Any]:
        content: dict[str, Any] = {"schema": self._schemas[id(type_)]}
        if examples:
            content["examples"] = {
                name: {"summary": each.summary, "value": each.value}
                for name, each in examples.items()
            }
        return content


def _answers(routes: tuple[Route, ...]) -> list[Answer]:
    return [*(answer for route in routes for answer in route.answers), *refusals.ELSEWHERE]


def _paths(routes: tuple[Route, ...], bodies: _Bodies) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for route in routes:
        for base in route.bases:
            operation = _operation(route, base, bodies)
            paths.setdefault(base + route.path, {})[route.method.lower()] = operation
    return paths


def _operation(route: Route, base: str, bodies: _Bodies) -> dict[str, Any]:
    scopes = [route.scope.value] if route.scope else []
    operation: dict[str, Any] = {
        "operationId": route.operation_id + _suffix(route, base),
        "tags": [route.tag],
        "summary": route.summary,
        "description": route.description,
        "security": [{name: scopes} for name in SECURITY_SCHEMES] if scopes else [],
        "parameters": [_parameter(each) for each in route.parameters],
        "responses": {str(each.status): _response(each, bodies) for each in route.answers},
        "x-codeSamples": code_samples(route, base),
    }
    if base != route.bases[0]:
        operation["x-same-as"] = route.bases[0] + route.path
    if route.body is not None:
        content = bodies.content(route.body_at.get(base, route.body), route.body_examples)
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _suffix(route: Route, base: str) -> str:
    """The suffix that makes operation ids unique when a route has several bases."""
    if base == route.bases[0]:
        return ""
    words = base.replace("-", "/").split("/")
    return "At" + "".join(word.title() for word in words)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.location == "path",
        "description": parameter.description,
        "schema": parameter.schema,
        "example": parameter.example,
    }


def _response(answer: Answer, bodies: _Bodies) -> dict[str, Any]:
    if answer.name:
        return {"$ref": f"#/components/responses/{answer.name}"}
    return _whole_response(answer, bodies)


def _shared_answers(routes: tuple[Route, ...], bodies: _Bodies) -> dict[str, Any]:
    shared = {answer.name: answer for answer in _answers(routes) if answer.name}
    return {
        name: _whole_response(answer, bodies)
        | {
            "x-status": answer.status,
            "x-code": answer.code,
            "x-family": answer.family,
            "x-what-to-do": answer.what_to_do,
        }
        for name, answer in sorted(shared.items(), key=lambda item: item[1].status)
    }


def _whole_response(answer: Answer, bodies: _Bodies) -> dict[str, Any]:
    headers = (_REQUEST_ID, *answer.headers)
    response: dict[str, Any] = {
        "description": answer.description,
        "headers": {header.name: _header_reference(header) for header in headers},
    }
    if answer.body is not None:
        response["content"] = {answer.media_type: bodies.content(answer.body, answer.examples)}
    return response


def _header_reference(header: Header) -> dict[str, Any]:
    if _SHARED_HEADERS.get(header.name) == header:
        return {"$ref": f"#/components/headers/{header.name}"}
    return _header(header)


def _header(header: Header) -> dict[str, Any]:
    is_number = header.schema.get("type") == "integer"
    return {
        "description": header.description,
        "required": header.always,
        "schema": header.schema,
        "example": int(header.example) if is_number else header.example,
    }
