"""The merchant, the owner of a shop. Everything else belongs to exactly one merchant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId
from orderguard.domain.money import shortened
from orderguard.domain.people.sandbox import Sandbox

NAME_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant; the name is unique and is what people type.

    `sandbox` is set for sandbox merchants only, whose orders are tests (contract §12).
    """

    id: MerchantId
    name: str
    created_at: datetime
    sandbox: Sandbox | None = None

    def time(self, at: datetime) -> datetime:
        """The time of this merchant when the real time is `at`; a sandbox has a test clock."""
        return at if self.sandbox is None else self.sandbox.time(at)


def parse_merchant_name(text: str) -> str:
    """The name without surrounding space, 1 to 100 printable characters. Raises `Malformed`."""
    name = text.strip()
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable():
        raise Malformed(
            f"{shortened(text)} is not a merchant name; "
            f"expected 1 to {NAME_LIMIT} printable characters."
        )
    if name.startswith("mer_"):
        raise Malformed("A merchant name must not begin with mer_, or it could be taken for an id.")
    return name
