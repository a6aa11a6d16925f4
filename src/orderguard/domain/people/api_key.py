"""Keys that callers identify themselves with (contract §8).

A key is `og_`, 32 random letters or digits, and a checksum of 6, so that a typo is refused without
a look-up and a secret scanner can recognise one. A sandbox merchant's key begins with `og_test_`.
Only its hash is ever stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from zlib import crc32

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.people.sandbox import Sandbox

PREFIX = "og_"
TEST_PREFIX = "og_test_"
RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_FORM = re.compile(rf"{PREFIX}(test_)?[0-9A-Za-z]{{{RANDOM_LENGTH + CHECKSUM_LENGTH}}}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


class Scope(StrEnum):
    """A permission of a key. There is no default: a key without a scope has no permission."""

    CART = "cart"
    ORDERS = "orders"
    ADMIN = "admin"


def parse_scope(text: str) -> Scope:
    """The scope of this name; `carts` is another spelling of `cart`. Raises `Malformed`."""
    name = "cart" if text == "carts" else text
    if name not in list(Scope):
        raise Malformed(f"{text!r} is not a scope; expected one of {', '.join(Scope)}.")
    return Scope(name)


def parse_origin(text: str) -> str:
    """A web origin as browsers send it, `https://shop.example`. Raises `Malformed`."""
    origin = text.lower()
    if not _ORIGIN.fullmatch(origin):
        raise Malformed(
            f"{text!r} is not an origin; expected scheme and host only, as in https://shop.example."
        )
    return origin


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The record of an issued key, without its text.

    `origins` empty means that any caller may use it, not only browsers.
    """

    id: ApiKeyId
    merchant: MerchantId
    scopes: frozenset[Scope]
    origins: frozenset[str] = frozenset()
    requests_per_minute: int | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    seen_in_browser_at: datetime | None = None
    """When a browser last sent this key from another site, although it has no list of origins."""
    sandbox: Sandbox | None = None
    """Set when the merchant is a sandbox."""

    def time(self, at: datetime) -> datetime:
        """The time of the key's merchant when the real time is `at`."""
        return at if self.sandbox is None else self.sandbox.time(at)

    def is_live(self, *, at: datetime) -> bool:
        """Whether the key is neither revoked nor expired. It expires at the instant given."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def allows_origin(self, origin: str | None) -> bool:
        """Whether a call from this web origin is allowed. A list of origins also refuses None.

        A key in a browser is no secret. The list keeps other sites from using it.
        """
        return not self.origins or (origin is not None and origin.lower() in self.origins)

    def is_exposed_by(self, origin: str | None, host: str | None) -> bool:
        """Whether a call from this origin shows the key of a server to a browser.

        Pages of the host itself, such as the documentation, are the operator's own.
        """
        if self.origins or origin is None:
            return False
        return origin.partition("//")[2].lower() != (host or "").lower()


def compose_key(random_part: str, *, is_test: bool = False) -> str:
    """The key around 32 random letters or digits; `is_test` for a sandbox merchant's."""
    body = (TEST_PREFIX if is_test else PREFIX) + random_part
    return body + _checksum(body)


def is_well_formed_key(text: str) -> bool:
    """Whether the text can be a key at all: its form and its checksum agree."""
    if not _FORM.fullmatch(text):
        return False
    return _checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]


def hash_key(text: str) -> bytes:
    """Hash a key for storage. One fast hash is enough: 190 random bits cannot be guessed."""
    return sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    number = crc32(body.encode())
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
