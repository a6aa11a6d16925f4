"""Visitor cookies, cross-site protection, and the security headers of every answer."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from orderguard.demo.shop.visitors import Visitors

COOKIE = "fjord_visitor"
SCRIPT_COOKIE = "fjord_script"
"""A cookie of the shop's script: pages with it leave the offer request to the element."""


class VisitorMiddleware:
    """Middleware that identifies visitors by their cookie, and refuses POSTs from other sites."""

    def __init__(self, visitors: Visitors, widget_origin: str) -> None:
        self._visitors = visitors
        self._policy = _content_security_policy(widget_origin)

    async def process_request(self, request: Request, response: Response) -> None:
        if request.method == "POST" and _is_from_elsewhere(request):
            raise falcon.HTTPForbidden(description="This form was posted from another site.")
        if request.path.startswith("/static/"):
            return
        visitor = self._visitors.find(_cookie(request, COOKIE))
        if visitor is None:
            visitor = self._visitors.welcome()
            # Without `secure`: the demo is plain HTTP on loopback. A real shop has TLS.
            response.set_cookie(
                COOKIE, visitor.id, path="/", http_only=True, same_site="Lax", secure=False
            )
        request.context.visitor = visitor
        request.context.has_script = _cookie(request, SCRIPT_COOKIE) == "1"
        response.content_type = "text/html; charset=utf-8"
        response.set_header("Cache-Control", "no-store")

    async def process_response(
        self, _request: Request, response: Response, _resource: Any, _succeeded: bool
    ) -> None:
        response.set_header("Content-Security-Policy", self._policy)
        response.set_header("X-Content-Type-Options", "nosniff")
        response.set_header("Referrer-Policy", "same-origin")


def _cookie(request: Request, name: str) -> str | None:
    """The text of a cookie. Falcon's reader needs quadratic time for a cookie's backslashes, up to
    Python 3.11.9 (CVE-2024-7592)."""
    pairs = (pair.partition("=") for pair in (request.get_header("Cookie") or "").split(";"))
    return next((text.strip() for found, _, text in pairs if found.strip() == name), None)


def _content_security_policy(widget_origin: str) -> str:
    """Nothing inline, nothing from elsewhere but the element."""
    return (
        f"default-src 'none'; script-src 'self' {widget_origin}/widget/v1/; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types own-pages"
    )


def _is_from_elsewhere(request: Request) -> bool:
    origin = request.get_header("Origin")
    return origin is not None and origin != f"{request.scheme}://{request.netloc}"
