"""`POST analyze` as a generator of request bodies, independent of the HTTP library."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from typing import Any, cast

import httpx

from orderguard.client.breaker import ServerRests
from orderguard.client.cart import Cart, Customer, Region
from orderguard.client.offer import MALFORMED, Answer, Hidden, answer_from_wire, known_session
from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened

PATH = "/v1/analyze"
BUDGET_MS = 800
ANSWER_BYTES_AT_MOST = 1_048_576

STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""Errors of a connection that the server closed at its next use. A retry is harmless."""

Reply = tuple[int, bytes]
"""A status and a body."""

SILENCE = ("timeout", "network")
"""The reasons of `reason_of` that mean a missing answer; the breaker counts them."""

RESTING = "resting"
"""The reason while the breaker is open: no request was sent."""

Conversation = Generator[bytes, Reply, Answer]
"""A generator: yields request bodies, is sent replies, and returns the answer."""


class Unsendable(Exception):
    """The values from the shop cannot be written as JSON."""


def checked_base(url: str) -> str:
    """The server's address without a final slash. Raises `Malformed` for an invalid one."""
    if httpx.URL(url).scheme not in ("http", "https"):
        raise Malformed(f"{shortened(url)} is no address. Example: https://orderguard.example")
    return url.rstrip("/")


def headers(key: str) -> dict[str, str]:
    """The headers of every request."""
    return {"X-Authorization": key, "Content-Type": "application/json"}


def analysis_body(
    cart: Cart,
    *,
    region: Region,
    platform: str,
    cart_id: str | None,
    session_id: str | None,
    delivery_methods: Sequence[str],
    customer: Customer | None,
    locale: str | None,
    further: Mapping[str, object] | None,
) -> dict[str, Any]:
    """The body of a request, without members that are None."""
    body = {
        "platform": platform,
        "region": region,
        "cart": cart,
        "cartId": cart_id,
        "sessionId": session_id,
        "deliveryGroups": [{"deliveryMethod": method} for method in delivery_methods] or None,
        "customer": customer,
        "locale": locale,
        **(further or {}),
    }
    return {name: value for name, value in body.items() if value is not None}


def analysing(body: Mapping[str, Any]) -> Conversation:
    """Send the request; if the server does not know the session, send it again without one."""
    cart = body.get("cart")
    # An empty cart cannot be protected, so no request is sent.
    if isinstance(cart, Mapping) and cart.get("lines") in ([], ()):
        return Hidden("empty_cart", decided=True, session_id=known_session(body.get("sessionId")))
    status, content = yield encode(body)
    if status == 404 and "sessionId" in body:
        rest = {name: value for name, value in body.items() if name != "sessionId"}
        status, content = yield encode(rest)
    currency = cart.get("currencyCode") if isinstance(cart, Mapping) else None
    return read_answer(status, content, currency)


def read_answer(status: int, content: bytes, cart_currency: object = None) -> Answer:
    """The offer in the response to an analysis; `Hidden` for an error or an invalid offer."""
    if status != 200:
        return Hidden(f"http_{status}")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return MALFORMED
    return answer_from_wire(body, cart_currency.upper() if isinstance(cart_currency, str) else None)


def encode(document: Mapping[str, Any]) -> bytes:
    """The document as JSON. Raises `Unsendable`."""
    try:
        return json.dumps(document, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Unsendable(str(error)) from error


def _plain(value: object) -> Any:
    """Encode mappings of any type as objects, because shops also pass other types than dict."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def reason_of(error: Exception) -> str:
    """The reason code for an exception, such as `timeout`; the same codes as in the widget."""
    match error:
        case TimeoutError() | httpx.TimeoutException():
            return "timeout"
        case httpx.HTTPError() | httpx.InvalidURL():
            return "network"
        case Unsendable():
            return "unsendable"
        case ServerRests():
            return RESTING
    return "failed"
