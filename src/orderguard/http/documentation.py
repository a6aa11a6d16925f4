"""`/openapi.json` and the page at `/docs`."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from orderguard.http.edge import Exchange


class OpenApiResource:
    """The machine-readable description of the API."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "openapi"
        response.content_type = "application/json"
        response.data = msgspec.json.encode({})


class DocumentationResource:
    """The same for people."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "docs"
        response.content_type = "text/html; charset=utf-8"
        response.data = b""
