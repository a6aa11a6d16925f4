"""The interface to stored API keys; storage implements it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import (
    ApiKeyId,
    MerchantId,
)
from orderguard.domain.people.api_key import ApiKey


class ApiKeys(Protocol):
    """All issued keys, by their hashes."""

    def add(self, key: ApiKey, key_hash: bytes) -> None: ...

    def find(self, id_: ApiKeyId) -> ApiKey | None: ...

    def revoke(self, id_: ApiKeyId, *, at: datetime) -> None: ...

    def of_merchant(self, merchant: MerchantId) -> Sequence[ApiKey]: ...
