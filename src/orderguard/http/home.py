"""`GET /`: a short page for a person in a browser. Programs are told that there is nothing."""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from orderguard.http.edge import Exchange

_PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Orderguard</title>
<h1>Orderguard is running</h1>
<p>This server decides at checkout whether an order is offered protection, and for how much.</p>
<ul>
<li><a href="/docs">Documentation of the API</a>, with examples for this server
<li><a href="/console">Console</a>: offers, orders, statements and keys of a merchant
<li><a href="/readyz">State of the server</a>
</ul>
</html>
"""


class HomeResource:
    """Serves `/`: a page of links to browsers, which accept HTML; a 404 to other callers."""

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        if "text/html" not in (request.get_header("Accept") or "").lower():
            raise falcon.HTTPNotFound
        exchange.route = "home"
        response.content_type = "text/html; charset=utf-8"
        response.set_header("Vary", "Accept")
        response.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        response.set_header("Referrer-Policy", "no-referrer")
        response.set_header("X-Content-Type-Options", "nosniff")
        response.data = _PAGE

    on_head = on_get
