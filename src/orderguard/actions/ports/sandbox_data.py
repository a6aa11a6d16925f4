"""What the actions need of the data of sandbox merchants; storage provides it."""

from __future__ import annotations

from typing import Protocol

from orderguard.domain.ids import MerchantId


class SandboxData(Protocol):
    """Everything that a sandbox merchant has stored, but keys and configuration.

    The caller locks the merchant, and calls both in one transaction at the end.
    """

    def empty_some(self, merchant: MerchantId) -> bool:
        """Delete one batch; whether so much was left that another one should follow."""

    def empty_rest(self, merchant: MerchantId) -> None:
        """Delete the last rows."""
