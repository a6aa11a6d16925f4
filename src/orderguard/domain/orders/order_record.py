"""A stored order: the merged document, and its acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orderguard.domain.ids import ConfigurationVersion, MerchantId, OrderId
from orderguard.domain.orders.acceptance import Acceptance
from orderguard.domain.orders.fee_verdict import VERDICTS_TO_REVIEW
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_doubts import DOUBTS_TO_REVIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """The current revision of an order.

    `stands` is False once the order was cancelled or refunded in full.
    `configuration_version` is the one in force when the order first came; terms and exclusions are
    read from it for good. `revision` counts the pushes that changed something, from 1.
    """

    merchant: MerchantId
    id: OrderId
    external_id: str | None
    status: OrderStatus
    stands: bool
    document: Mapping[str, Any]
    acceptance: Acceptance
    configuration_version: ConfigurationVersion | None
    revision: int
    received_at: datetime
    changed_at: datetime

    @property
    def needs_review(self) -> bool:
        """Whether a person should review the order: for its fee verdict, or for a doubt."""
        return self.acceptance.verdict in VERDICTS_TO_REVIEW or any(
            warning.code in DOUBTS_TO_REVIEW for warning in self.acceptance.warnings
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOrders:
    """Which orders a list is to show; None means any."""

    external_id: str | None = None
    status: OrderStatus | None = None
    changed_since: datetime | None = None


ALL_ORDERS = WantedOrders()
