"""What the actions need of known; storage provides it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.people.api_key import ApiKey


class CurrentConfigurations(Protocol):
    """Each merchant's published configuration, compiled and in memory, never stale for long."""

    async def find(self, merchant: MerchantId) -> MerchantConfiguration | None: ...


class KnownKeys(Protocol):
    """Issued keys by hash, in memory, never stale for long."""

    async def find(self, key_hash: bytes) -> ApiKey | None: ...

    def note_use(self, key: ApiKey, *, at: datetime, is_exposed: bool = False) -> None:
        """Record in memory that the key was used, and whether a browser has seen the key of a
        server; both are stored soon, not now."""
