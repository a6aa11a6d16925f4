"""Fresh identifiers and secrets. The only source of randomness in the product."""

from __future__ import annotations

import os
import secrets
import threading
from base64 import b64encode
from datetime import datetime
from functools import lru_cache

from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.scheduled_publication import ScheduledPublicationId
from orderguard.domain.ids import (
    ID_BELOW,
    ApiKeyId,
    CoverageId,
    MerchantId,
    OrderId,
    SessionId,
)
from orderguard.domain.people.account import AccountId, AccountSessionId
from orderguard.domain.people.api_key import ALPHABET, RANDOM_LENGTH
from orderguard.domain.webhooks.webhook import WebhookEndpointId, WebhookSecret
from orderguard.domain.what_if.shadow_run import ShadowRunId

# Of 256 bytes, 248 stand for a character, four for each; the other eight are left out, so that all
# characters are equally likely.
_USABLE = 4 * len(ALPHABET)
_CHARACTERS = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_LEFT_OUT = bytes(range(_USABLE, 256))


def _random_text(length: int) -> str:
    text = ""
    while len(text) < length:
        drawn = secrets.token_bytes(length + 8)
        text += drawn.translate(_CHARACTERS, _LEFT_OUT).decode()
    return text[:length]


@lru_cache(maxsize=16)
def _time_text(tenths: int) -> str:
    """Six characters in the order of time, until the year 2149."""
    text = ""
    for _ in range(6):
        tenths, digit = divmod(tenths, len(ALPHABET))
        text = ALPHABET[digit] + text
    return text


class _DrawnAhead:
    """Random text in stock, because every draw is a system call. For names, never for secrets."""

    _STOCK = 4_096

    def __init__(self) -> None:
        self._begin()
        # Two processes with the same stock would give the same names.
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._text, self._taken = "", 0

    def take(self, length: int) -> str:
        with self._lock:
            if self._taken + length > len(self._text):
                self._text, self._taken = _random_text(self._STOCK), 0
            begin, self._taken = self._taken, self._taken + length
            return self._text[begin : self._taken]


_names = _DrawnAhead()


def new_session_id(at: datetime) -> SessionId:
    """A new session id: six characters of the time, and fourteen random ones (83 bits).

    Sessions that begin together are analysed again together. Their rows then are close together in
    every index and share pages, which have to be read and written less often (decision 0040).
    """
    return SessionId(f"lop_{_time_text(int(at.timestamp() * 10))}{_names.take(14)}")


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
    """The random part of a new API key: about 190 bits."""
    return _random_text(RANDOM_LENGTH)


def new_request_id() -> str:
    return f"req_{_names.take(20)}"


def new_webhook_endpoint_id() -> WebhookEndpointId:
    return WebhookEndpointId(f"whe_{_random_text(12)}")


def new_webhook_secret() -> WebhookSecret:
    """A new signing secret of 32 random bytes, in the format of Standard Webhooks."""
    return WebhookSecret("whsec_" + b64encode(secrets.token_bytes(32)).decode())


def new_account_id() -> AccountId:
    return AccountId(f"acc_{_random_text(12)}")


def new_account_session_id() -> AccountSessionId:
    return AccountSessionId(f"sig_{_random_text(12)}")


def new_browser_name() -> str:
    """A random name for a browser that has signed in (see `known_browser`)."""
    return _random_text(16)


def new_token() -> str:
    """A random token of about 190 bits, for a cookie or a link."""
    return _random_text(RANDOM_LENGTH)


def new_shadow_run_id() -> ShadowRunId:
    return ShadowRunId(f"shr_{_random_text(16)}")


def new_draft_id() -> DraftId:
    return DraftId(f"drf_{_random_text(16)}")


def new_scheduled_publication_id() -> ScheduledPublicationId:
    return ScheduledPublicationId(f"pub_{_random_text(16)}")


def new_lease() -> str:
    return _random_text(20)


def jitter() -> float:
    """A random number from 0 up to but not including 1, for back-off."""
    return secrets.randbelow(1_000_000) / 1_000_000
