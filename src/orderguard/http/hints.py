"""The hints of one analysis: about its cart, its key and its body (contract §3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from falcon.asgi import Request

from orderguard.actions.analyze_cart import AnalysisRequest, AnalysisResult
from orderguard.domain.offers.hints import Hint, HintCode, hints_about_cart
from orderguard.domain.people.api_key import ApiKey
from orderguard.http.edge import Exchange
from orderguard.http.wire.likely_names import misspelt_members

HINTS_AT_MOST = 20

BODY_AT_MOST = 65_536
"""Bytes of a body whose members are compared with the known ones; that is done on the event loop,
where checkouts wait."""

_decode = msgspec.json.Decoder().decode


def hints_of(
    request: Request, key: ApiKey, wanted: AnalysisRequest, result: AnalysisResult
) -> list[Hint]:
    """Up to twenty hints, the costly mistakes first."""
    return list(islice(_all_hints(request, key, wanted, result), HINTS_AT_MOST))


def _all_hints(
    request: Request, key: ApiKey, wanted: AnalysisRequest, result: AnalysisResult
) -> Iterator[Hint]:
    exchange: Exchange = request.scope["orderguard"]
    names_session = wanted.session is not None or wanted.cart_id is not None
    yield from hints_about_cart(wanted.cart, result.configuration, names_session=names_session)
    if exchange.origin is not None and not key.origins:
        yield Hint(
            HintCode.SERVER_KEY_IN_BROWSER,
            "The request comes from a browser with a key that may be used from anywhere. Give the "
            "browser its own: orderguard keys issue MERCHANT --scope cart "
            "--origin https://shop.example",
        )
    if (request.get_header("X-Authorization") or "")[:7].lower() == "bearer ":
        yield Hint(
            HintCode.KEY_WITH_BEARER,
            "X-Authorization has Bearer before the key. It is read here, but the header is for the "
            "key alone, and other servers of this API may refuse it.",
        )
    for path, remedy in misspelt_members(_document(exchange.body)):
        yield Hint(HintCode.UNKNOWN_MEMBER, f"{path} {remedy}")


def _document(body: bytes) -> Mapping[str, Any]:
    if len(body) > BODY_AT_MOST:
        return {}
    try:
        document = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}  # a body that had to be repaired
    return document if isinstance(document, dict) else {}
