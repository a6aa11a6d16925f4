"""`POST analyze` as a conversation, whoever carries the bytes."""

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
"""A server may close a connection at the moment of its next use. Once more is harmless."""

Reply = tuple[int, bytes]
"""A status and a body."""

SILENCE = ("timeout", "network")
"""The reasons of `reason_of` for which somebody waited in vain."""

RESTING = "resting"
"""Nobody asked, because nobody had answered lately."""

Conversation = Generator[bytes, Reply, Answer]
"""Yields what to send, is sent the reply, and returns what may be offered."""


class Unsendable(Exception):
    """What the shop handed over is no JSON."""


def checked_base(url: str) -> str:
    """The address without a slash at the end. Raises `Malformed`: at the start, not at the till."""
    if httpx.URL(url).scheme not in ("http", "https"):
        raise Malformed(f"{shortened(url)} is no address. Example: https://orderguard.example")
    return url.rstrip("/")


def headers(key: str) -> dict[str, str]:
    """What every request says."""
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
    """The body of a request. What is not known is not sent."""
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
    """Ask, and once more without the session when the server has forgotten it."""
    cart = body.get("cart")
    # Nothing to protect, nothing to ask.
    if isinstance(cart, Mapping) and cart.get("lines") in ([], ()):
        return Hidden("empty_cart", decided=True, session_id=known_session(body.get("sessionId")))
    status, content = yield encode(body)
    if status == 404 and "sessionId" in body:
        rest = {name: value for name, value in body.items() if name != "sessionId"}
        status, content = yield encode(rest)
    currency = cart.get("currencyCode") if isinstance(cart, Mapping) else None
    return read_answer(status, content, currency)


def read_answer(status: int, content: bytes, cart_currency: object = None) -> Answer:
    """What a reply offers."""
    if status != 200:
        return Hidden(f"http_{status}")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return MALFORMED
    return answer_from_wire(body, cart_currency.upper() if isinstance(cart_currency, str) else None)


def encode(document: Mapping[str, Any]) -> bytes:
    """JSON. Raises `Unsendable`."""
    try:
        return json.dumps(document, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Unsendable(str(error)) from error


def _plain(value: object) -> Any:
    """Mappings of any kind are objects; shops hand over more than dicts."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def reason_of(error: Exception) -> str:
    """Why there is no answer, in the words of the storefront package where it has some."""
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
