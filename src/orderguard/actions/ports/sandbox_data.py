"""The interface for emptying a sandbox merchant; storage implements it."""

from __future__ import annotations

from typing import Protocol

from orderguard.domain.ids import MerchantId


class SandboxData(Protocol):
    """Everything that a sandbox merchant has stored, except keys, members and configuration.

    The caller locks the merchant, and calls both methods in one transaction for the last batch.
    """

    def empty_some(self, merchant: MerchantId) -> bool:
        """Delete one batch; True when enough rows are left for another batch."""

    def empty_rest(self, merchant: MerchantId) -> None:
        """Delete all remaining rows."""
