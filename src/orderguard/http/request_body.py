"""Read a request body without trusting its Content-Length header (contract §7)."""

from __future__ import annotations

from falcon.asgi import Request

from orderguard.domain.errors import Malformed
from orderguard.http.edge import Exchange
from orderguard.http.wire.cart_limits import SERVER_LIMITS

BODY_LIMIT = SERVER_LIMITS.body_bytes
"""Bytes."""

_DISCARD_LIMIT = 16 * BODY_LIMIT


class BodyTooLarge(Malformed):
    """More bytes arrived than the limit; the Content-Length header is not consulted."""

    limit_name = "request_body_bytes"


class BodyIncomplete(Malformed):
    """The client disconnected before the end of the body, which may still look complete."""


async def read_body(request: Request, exchange: Exchange, *, limit: int = BODY_LIMIT) -> bytes:
    """Read the whole body, counting bytes as they arrive. The exchange keeps what was read.

    Raises `BodyTooLarge` past the limit in bytes, and `BodyIncomplete`.
    """
    body = exchange.whole_body
    if body is None:
        body, size = await _read_stream(request, limit)
    else:
        size = len(body)
    exchange.body = body[:limit]
    if size > limit:
        raise BodyTooLarge(
            f"Request body too large: the limit is {limit} bytes. "
            "Leave out what is not needed, such as images or HTML in attributes."
        )
    if exchange.caller_is_gone:
        raise BodyIncomplete("Request body is shorter than announced.")
    return body


async def _read_stream(request: Request, limit: int) -> tuple[bytes, int]:
    """The body up to the limit, and its size."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream:
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > _DISCARD_LIMIT:
            break
        # Between the two limits the bytes are read and discarded: a client that is still sending
        # when we answer and close would see a reset connection instead of the response.
    return b"".join(chunks), size
