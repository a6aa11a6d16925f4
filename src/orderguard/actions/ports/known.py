"""The interface to cached keys and configurations; storage implements it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.people.api_key import ApiKey


class CurrentConfigurations(Protocol):
    """Cache of each merchant's published configuration, compiled; refreshed after every change."""

    async def find(self, merchant: MerchantId) -> MerchantConfiguration | None: ...


class KnownKeys(Protocol):
    """Cache of issued keys by hash; refreshed after every change."""

    def remembered(self, key_hash: bytes) -> ApiKey | None:
        """The key, when it is in the cache."""

    async def find(self, key_hash: bytes) -> ApiKey | None:
        """The key, from the cache or the database; None when no such key was issued."""

    def note_use(self, key: ApiKey, *, at: datetime, is_exposed: bool = False) -> None:
        """Note that the key was used; with `is_exposed`, that a browser sent a server's key.

        Notes are kept in memory and stored a little later.
        """
