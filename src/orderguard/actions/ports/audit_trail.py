"""The interface to the audit trail; storage implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import AuditEntry, Change


class AuditTrail(Protocol):
    """The audit trail, written in the transaction of the change. Entries are never changed."""

    def record(
        self,
        merchant: MerchantId,
        *,
        change: Change,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an `AuditEntry`. `before` and `after` hold JSON values only, and no secrets."""

    def page(
        self,
        merchant: MerchantId,
        *,
        actor: str | None = None,
        action: str | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int,
    ) -> Sequence[AuditEntry]:
        """Up to `limit` entries, newest first, beginning after the given instant and ordinal.

        `action` is how the actions begin: `api_key` finds `api_key.issued`, too.
        """
