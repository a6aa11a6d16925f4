"""The outermost layer: request ids, CORS and security headers, also after a crash (contract §7).

It wraps the application instead of hooking into it, because hooks are skipped exactly when it
matters: on early errors, unknown paths and crashes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import Any
from urllib.parse import unquote

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.people.api_key import ApiKey
from orderguard.http.connection import AUTHORITY
from orderguard.http.errors import answer_error, log_failure
from orderguard.http.metrics import Metrics
from orderguard.http.request_head import (
    AmbiguousHead,
    Head,
    canonical_path,
    check_head,
    first_scheme,
)
from orderguard.observability import log_info, without_keys

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

NoteRequest = Callable[["Exchange", str, str, bool], None]
"""A function of a request, its method and path, and whether the caller gave up waiting for it."""

_CHECKOUT_PATH = re.compile(r"(/storefront)?/v1(/|$)")
_CONSOLE_PATH = re.compile(r"/console(/|$)")

STRICT_TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000")
"""For the console over https only: an API's clients are told their scheme, and one host may serve
a shop beside us that is not ready for it."""

CORS_HEADERS = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"Content-Type, Authorization, X-Authorization"),
    (b"access-control-max-age", b"86400"),
    (b"access-control-expose-headers", b"X-Request-Id, Retry-After, Server-Timing"),
    (b"vary", b"Origin"),
]

SANDBOX_MODE = (b"x-orderguard-mode", b"sandbox")
"""On every answer to a sandbox merchant's key (contract §12)."""

_ELIGIBLE = EligibilityReason.ELIGIBLE

_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class ConnectionDropped(Exception):  # it is no error, a sandbox asked for it
    """Raised to close the connection without an answer."""


class Exchange:
    """The context of one request and its response: id, route, merchant, status, start time.

    The edge creates it, and resources add the fields for log and metrics.
    """

    __slots__ = (
        "answer",
        "body",
        "breaks_off",
        "caller_is_gone",
        "decision",
        "is_checkout",
        "is_counted_only",
        "is_sandbox",
        "is_secure_console",
        "key",
        "merchant",
        "origin",
        "request_id",
        "route",
        "started",
        "status",
        "whole_body",
    )

    def __init__(
        self,
        *,
        request_id: str,
        origin: bytes | None,
        is_checkout: bool,
        is_secure_console: bool = False,
    ) -> None:
        self.request_id = request_id
        self.origin = origin
        self.is_checkout = is_checkout
        self.is_secure_console = is_secure_console
        self.is_counted_only = False
        self.is_sandbox = False
        self.body = b""
        self.whole_body: bytes | None = None
        """The body, when it came in one message, as nearly all do."""
        self.answer = b""
        """The body of an answer that refuses; others are not kept."""
        self.breaks_off = False
        """Whether the answer is incomplete or missing, because a sandbox asked for that."""
        self.key: ApiKey | None = None
        self.started = perf_counter()
        self.status = 0
        self.caller_is_gone = False
        self.merchant: str | None = None
        self.decision: Mapping[str, object] = {}
        """What was decided about the cart of this request, for its log line."""
        self.route = "unmatched"

    @property
    def seconds(self) -> float:
        return perf_counter() - self.started


class Edge:
    """The outermost ASGI layer: request ids, CORS, crash handling, access log and metrics."""

    def __init__(
        self,
        application: Application,
        metrics: Metrics,
        new_request_id: Callable[[], str],
        note_request: NoteRequest | None = None,
    ) -> None:
        """`note_request` hears of the requests of merchants that may belong in their log."""
        self._application = application
        self._metrics = metrics
        self._new_request_id = new_request_id
        self._note_request = note_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        head = Head(scope["headers"])
        path = canonical_path(scope["raw_path"])
        if path is not None and path != scope["raw_path"]:
            scope["raw_path"], scope["path"] = path, unquote(path.decode("ascii"))
        exchange = self._exchange(scope, head)
        scope["orderguard"] = exchange

        is_first = True

        async def receive_watched() -> Message:
            nonlocal is_first
            message = await receive()
            if message["type"] == "http.disconnect":
                exchange.caller_is_gone = True
            elif is_first and not message.get("more_body"):
                exchange.whole_body = message.get("body", b"")
            is_first = False
            return message

        async def send_promised(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_promised(exchange)]
            elif exchange.status >= 400:
                exchange.answer = message.get("body", b"")
            await send(message)

        try:
            check_head(scope["http_version"], path, head, scope.get(AUTHORITY))
            if exchange.is_checkout and scope["method"] == "OPTIONS":
                exchange.route = "preflight"
                await _send_whole(send_promised, 204, {}, b"")
            else:
                await self._application(scope, receive_watched, send_promised)
        except ConnectionDropped:
            exchange.breaks_off = True
            await _drop(receive, send)
        except Exception as error:
            if exchange.status:  # the answer had begun; only the connection can still be closed
                raise
            status, headers, body = answer_error(error, exchange.request_id)
            log_failure(error, status, exchange.request_id)
            if isinstance(error, AmbiguousHead):
                # The next bytes of this connection may not be the request that their sender means.
                headers = headers | {"connection": "close"}
            await _send_whole(send_promised, status, headers, body)
        finally:
            self._account(scope, exchange)
            if self._note_request and exchange.key and not exchange.is_counted_only:
                self._note_unless_fine(self._note_request, scope, exchange, send)

    def _exchange(self, scope: Scope, head: Head) -> Exchange:
        return Exchange(
            request_id=_sane(head.request_id) or self._new_request_id(),
            origin=head.origin,
            is_checkout=_CHECKOUT_PATH.match(scope["path"]) is not None,
            is_secure_console=(
                (scope["scheme"] == "https" or first_scheme(head.forwarded_proto) == "https")
                and _CONSOLE_PATH.match(scope["path"]) is not None
            ),
        )

    def _note_unless_fine(
        self, note: NoteRequest, scope: Scope, exchange: Exchange, send: Send
    ) -> None:
        # Only uvicorn's request, of which `send` is a method, knows that the caller has hung up.
        has_hung_up = getattr(getattr(send, "__self__", None), "disconnected", False)
        gave_up = has_hung_up or exchange.caller_is_gone
        if gave_up or exchange.is_sandbox or not 200 <= exchange.status < 400:
            note(exchange, scope["method"], scope["path"], gave_up)

    def _account(self, scope: Scope, exchange: Exchange) -> None:
        seconds = exchange.seconds
        self._metrics.observe_request(exchange.route, scope["method"], exchange.status, seconds)
        if exchange.is_counted_only:
            return
        decision = exchange.decision
        shown = decision.get("reason") == _ELIGIBLE
        log_info(
            "offer.shown" if shown else "offer.hidden" if decision else "request",
            **decision,
            method=scope["method"],
            path=scope["path"],
            status=exchange.status,
            milliseconds=round(seconds * 1000, 2),
            merchant=exchange.merchant,
            request_id=exchange.request_id,
        )


def _sane(request_id: bytes | None) -> str | None:
    """The caller's request id, when it can be repeated in headers and logs without harm."""
    if request_id is None or not _SANE_REQUEST_ID.fullmatch(request_id):
        return None
    text = request_id.decode()
    return text if without_keys(text) == text else None


def _promised(exchange: Exchange) -> list[tuple[bytes, bytes]]:
    """The headers of every answer, and the further headers of a Checkout+ route."""
    headers = [(b"x-request-id", exchange.request_id.encode())]
    if exchange.is_checkout:
        headers.append((b"access-control-allow-origin", exchange.origin or b"*"))
        headers += CORS_HEADERS
        duration = f"app;dur={exchange.seconds * 1000:.2f}"
        headers.append((b"server-timing", duration.encode()))
    elif exchange.is_secure_console:
        headers.append(STRICT_TRANSPORT_SECURITY)
    if exchange.is_sandbox:
        headers.append(SANDBOX_MODE)
    return headers


async def _drop(receive: Receive, send: Send) -> None:
    """Close the connection of a request without an answer, and wait until it is closed."""
    # `send` is a method of uvicorn's request, which knows the connection; ASGI has no word for it.
    server: Any = getattr(send, "__self__", None)
    server.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_whole(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    if body:
        raw.append((b"content-type", b"application/json"))
    if status != 204:
        raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
