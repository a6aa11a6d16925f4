"""Fresh identifiers and secrets. The only source of randomness in the product."""

from __future__ import annotations

import secrets

from orderguard.domain.api_key import ALPHABET, RANDOM_LENGTH
from orderguard.domain.ids import (
    ID_BELOW,
    ApiKeyId,
    CoverageId,
    MerchantId,
    OrderId,
    SessionId,
)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_session_id() -> SessionId:
    return SessionId(f"lop_{_random_text(20)}")


def new_merchant_id() -> MerchantId:
    return MerchantId(f"mer_{_random_text(16)}")


def new_order_id() -> OrderId:
    return OrderId(1 + secrets.randbelow(ID_BELOW - 1))


def new_coverage_id() -> CoverageId:
    return CoverageId(1 + secrets.randbelow(ID_BELOW - 1))


def new_event_id() -> str:
    return f"evt_{_random_text(20)}"


def new_api_key_id() -> ApiKeyId:
    return ApiKeyId(f"key_{_random_text(12)}")


def new_key_text() -> str:
    """The random part of a key: about 190 bits."""
    return _random_text(RANDOM_LENGTH)


def new_request_id() -> str:
    return f"req_{_random_text(20)}"
