"""The interface to stored merchants; storage implements it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.people.merchant import Merchant


class Merchants(Protocol):
    """All merchants. A name is unique."""

    def add(self, merchant: Merchant) -> None:
        """Store a new merchant. Raises `AlreadyExists` for a taken name."""

    def find(self, id_or_name: str) -> Merchant | None: ...

    def all(self) -> Sequence[Merchant]: ...

    def lock(self, merchant: MerchantId) -> None:
        """Lock the merchant: other transactions on its orders and books wait for this one."""

    def ahead(self, merchant: MerchantId) -> timedelta:
        """How far the test clock of a sandbox merchant is ahead; nothing for a live merchant."""

    def set_clock(self, merchant: Merchant) -> None:
        """Store the test clock of a sandbox merchant, and notify all processes."""
