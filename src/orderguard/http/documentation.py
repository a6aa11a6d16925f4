"""`/openapi.json` and the page at `/docs`. Both are made once, when first asked for."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import falcon
import msgspec
from falcon.asgi import Request, Response

from orderguard.http.edge import Exchange
from orderguard.http.openapi.document import openapi_document
from orderguard.http.openapi.page import content_security_policy, documentation_page

MAX_AGE_SECONDS = 300


class OpenApiResource:
    """The machine-readable description of the API."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "openapi"
        _answer(request, response, _document_bytes(), "application/json")


class DocumentationResource:
    """The same for people."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "docs"
        response.set_header("Content-Security-Policy", content_security_policy())
        response.set_header("Referrer-Policy", "no-referrer")
        _answer(request, response, _page_bytes(), "text/html; charset=utf-8")


@cache
def _document_bytes() -> bytes:
    return msgspec.json.encode(openapi_document())


@cache
def _page_bytes() -> bytes:
    return documentation_page(openapi_document()).encode()


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
