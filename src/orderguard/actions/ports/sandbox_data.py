"""The interface for emptying a sandbox merchant; storage implements it."""

from __future__ import annotations

from typing import Protocol

from orderguard.domain.ids import MerchantId


class SandboxData(Protocol):
    """Deletes what a sandbox merchant has stored, except keys, members and configuration.

    The caller locks the merchant. When `empty_some` returns False, the caller calls `empty_rest` in
    the same transaction.
    """

    def empty_some(self, merchant: MerchantId) -> bool:
        """Delete one batch; True when enough rows are left for another batch."""

    def empty_rest(self, merchant: MerchantId) -> None:
        """Delete all remaining rows."""
