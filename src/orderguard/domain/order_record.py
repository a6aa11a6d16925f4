"""An order as it is on record: the document that was pushed, and what followed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderguard.domain.acceptance import Acceptance
from orderguard.domain.fee_verdict import VERDICTS_TO_REVIEW
from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """The current revision of an order.

    `configuration_version` is the one in force when the order first came; terms and exclusions are
    read from it for good. `revision` counts the pushes that changed something, from 1.
    """

    merchant: MerchantId
    id: OrderId
    external_id: str | None
    document: Mapping[str, Any]
    acceptance: Acceptance
    configuration_version: ConfigurationVersion | None
    revision: int
    received_at: datetime
    changed_at: datetime

    @property
    def needs_review(self) -> bool:
        """Whether a person should look at what was charged."""
        return self.acceptance.verdict in VERDICTS_TO_REVIEW
