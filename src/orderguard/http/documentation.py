"""`/openapi.json`, `/docs` and the JSON Schema of configurations, each built when needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property
from hashlib import sha256
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from orderguard.domain.configuration.json_schema import configuration_schema
from orderguard.domain.people.api_key import TEST_PREFIX, is_well_formed_key
from orderguard.http.edge import Exchange
from orderguard.http.openapi.document import openapi_document
from orderguard.http.openapi.page import DocumentationPages, content_security_policy
from orderguard.http.openapi.samples import EXAMPLE_KEY, EXAMPLE_SERVER
from orderguard.http.openapi.vocabulary import Route
from orderguard.http.request_head import first_scheme

MAX_AGE_SECONDS = 300
KEY_COOKIE = "orderguard_documentation_key"
"""Holds the sandbox key that a signed-in person chose to see in examples."""

_PUBLIC = f"public, max-age={MAX_AGE_SECONDS}"
_PRIVATE = "private, no-store"
_NOTICE_PLACE = "<!-- notice of the key -->"
_NOTICE = (
    '<div class="key"><p>The examples carry a key of your sandbox. It is valid for a day; '
    'revoke it in the <a href="/console">console</a> under Keys.</p></div>'
)
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


class ApiDescription:
    """The OpenAPI document, as JSON and as pages.

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
    def pages(self) -> DocumentationPages:
        return DocumentationPages(self.document)


@cache
def configuration_schema_json() -> bytes:
    """The JSON Schema of merchants' configurations, for editors of TOML."""
    return msgspec.json.encode(configuration_schema())


class JsonDocumentResource:
    """Serves a JSON document. `route` is the name of the route in the metrics."""

    def __init__(self, route: str, made: Callable[[], bytes]) -> None:
        self._route = route
        self._made = made

    async def on_get(self, request: Request, response: Response) -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = self._route
        _answer(request, response, self._made(), "application/json")


class DocumentationResource:
    """Serves the HTML pages below `/docs`, with this server's address in every example."""

    def __init__(self, description: ApiDescription, area: str = "") -> None:
        """`area` is the part of the path between `/docs/` and the subject, with its slash."""
        self._description = description
        self._area = area

    async def on_get(self, request: Request, response: Response, subject: str = "") -> None:
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = "docs"
        page = self._page(request, subject).replace(EXAMPLE_SERVER, _address_of_server(request))
        response.set_header("Content-Security-Policy", content_security_policy())
        response.set_header("Referrer-Policy", "no-referrer")
        key = _sandbox_key_of(request)
        if key and not self._area:
            page = page.replace(EXAMPLE_KEY, key).replace(_NOTICE_PLACE, _NOTICE)
        keeps = _PRIVATE if key else _PUBLIC
        _answer(request, response, page.encode(), "text/html; charset=utf-8", keeps)

    def _page(self, request: Request, subject: str) -> str:
        """The page, as it is for every reader. Raises `HTTPNotFound` for a subject that is none."""
        pages = self._description.pages
        if not subject:
            return pages.index()
        if subject == "search" and not self._area:
            return pages.search(request.get_param("q") or "")
        if self._area + subject not in pages.subjects:
            raise falcon.HTTPNotFound
        return pages.subject(self._area + subject)


def _sandbox_key_of(request: Request) -> str:
    """The key that the console left in this browser; empty when there is none.

    Only a text with the form and the checksum of a sandbox key gets into a page.
    """
    for pair in (request.get_header("Cookie") or "").split(";"):
        name, _, text = pair.strip().partition("=")
        if name in (KEY_COOKIE, f"__Host-{KEY_COOKIE}") and text.startswith(TEST_PREFIX):
            return text if is_well_formed_key(text) else ""
    return ""


def _address_of_server(request: Request) -> str:
    forwarded = first_scheme(request.get_header("X-Forwarded-Proto") or "")
    scheme = "https" if "https" in (request.scheme, forwarded) else "http"
    return address_of(scheme, request.get_header("Host") or "")


def address_of(scheme: str, host: str) -> str:
    """The address to show in examples, or the default one when the host is not a plain name.

    The host is written into commands that a reader pastes into a shell, so nothing else than the
    characters of a name is taken.
    """
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else EXAMPLE_SERVER


def _answer(
    request: Request, response: Response, body: bytes, content_type: str, keeps: str = _PUBLIC
) -> None:
    """The body, or 304 for a caller who has it already."""
    response.etag = sha256(body).hexdigest()[:16]
    response.set_header("Cache-Control", keeps)
    if content_type.startswith("text/html"):
        response.set_header("Vary", "Cookie")
    response.set_header("X-Content-Type-Options", "nosniff")
    known = request.if_none_match or []
    if "*" in known or response.etag.strip('"') in known:
        response.status = falcon.HTTP_304
        return
    response.content_type = content_type
    response.data = body
