"""`/openapi.json`, `/docs` and the schema of configurations. All are made once, when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from orderguard.domain.configuration.json_schema import configuration_schema
from orderguard.http.edge import Exchange
from orderguard.http.openapi.document import openapi_document
from orderguard.http.openapi.page import content_security_policy, documentation_page
from orderguard.http.openapi.vocabulary import Route

MAX_AGE_SECONDS = 300


class ApiDescription:
    """The OpenAPI document, as JSON and as a page.

    The returned objects are shared; callers must not change them.
    """

    def __init__(self, further: tuple[Route, ...]) -> None:
        """`further` are the routes that are described outside of `http`."""
        self._further = further

    @cached_property
    def document(self) -> dict[str, Any]:
        return openapi_document(self._further)

    @cached_property
    def json(self) -> bytes:
        return msgspec.json.encode(self.document)

    @cached_property
    def page(self) -> bytes:
        return documentation_page(self.document).encode()


@cache
def configuration_schema_json() -> bytes:
    """The JSON Schema of merchants' configurations, for editors of TOML."""
    return msgspec.json.encode(configuration_schema())


class JsonDocumentResource:
    """A document for programs. `route` is its name in the metrics."""

    def __init__(self, route: str, made: Callable[[], bytes]) -> None:
        self._route = route
        self._made = made

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = self._route
        _answer(request, response, self._made(), "application/json")


class DocumentationResource:
    """The same for people."""

    def __init__(self, description: ApiDescription) -> None:
        self._description = description

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "docs"
        response.set_header("Content-Security-Policy", content_security_policy())
        response.set_header("Referrer-Policy", "no-referrer")
        _answer(request, response, self._description.page, "text/html; charset=utf-8")


def _answer(request: Request, response: Response, body: bytes, content_type: str) -> None:
    """The body, or 304 for a caller who has it already."""
    response.etag = sha256(body).hexdigest()[:16]
    response.set_header("Cache-Control", f"public, max-age={MAX_AGE_SECONDS}")
    response.set_header("X-Content-Type-Options", "nosniff")
    known = request.if_none_match or []
    if "*" in known or response.etag.strip('"') in known:
        response.status = falcon.HTTP_304
        return
    response.content_type = content_type
    response.data = body
