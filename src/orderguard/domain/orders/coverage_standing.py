"""Whether an order is covered at a moment, and if not, why: a support agent's first question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from orderguard.domain.orders.acceptance import AcceptanceOutcome
from orderguard.domain.orders.coverage import Coverage, CoverageState
from orderguard.domain.orders.order_record import OrderRecord


class Tone(Enum):
    """Whether a person has to act on the coverage."""

    COVERED = "covered"
    NOT_COVERED = "not covered"
    LOOK = "not covered, and that may be wrong"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the order is covered: `reason` says why it is not, `until` when the coverage ends."""

    tone: Tone
    until: datetime | None = None
    reason: str = ""

    @property
    def is_covered(self) -> bool:
        return self.tone is Tone.COVERED


_BECAUSE: dict[str, str] = {
    "order_deleted": "the order was deleted",
    "order_cancelled": "the order was cancelled",
    "order_refunded": "the order was refunded in full",
    "fee_refunded": "the protection fee was refunded",
    "fee_removed": "the protection fee was removed from the order",
    "order_pending": "not paid yet",
}
"""By `VoidReason`, the gravest first."""

_OF_STATUS: dict[str, str] = {
    "cancelled": "the order was cancelled",
    "canceled": "the order was cancelled",
    "refunded": "the order was refunded in full",
    "pending": "not paid yet",
}

_UNRECOGNISED = "fee_unrecognised"


def standing_of(order: OrderRecord, coverages: Sequence[Coverage], *, at: datetime) -> Standing:
    """Whether this order is covered at `at`, by these coverages of it.

    A coverage with an empty scope covers nothing. Of several reasons the gravest is given.
    """
    active = [each for each in coverages if each.state is CoverageState.ACTIVE]
    standing = [each for each in active if each.expires_at > at and each.scope.amount.amount > 0]
    if standing:
        return Standing(Tone.COVERED, until=max(each.expires_at for each in standing))
    if any(each.expires_at > at for each in active):
        return Standing(Tone.LOOK, reason="none of its lines is worth anything to cover")
    if active:
        ended = max(each.expires_at for each in active)
        return Standing(Tone.NOT_COVERED, reason=f"coverage ended on {ended:%-d %b %Y}")
    return _without_coverage(order, coverages)


def _without_coverage(order: OrderRecord, coverages: Sequence[Coverage]) -> Standing:
    reasons = {str(each.void_reason) for each in coverages if each.void_reason}
    because = next((words for reason, words in _BECAUSE.items() if reason in reasons), None)
    because = because or _OF_STATUS.get(str(order.document.get("status")).lower())
    if because:
        return Standing(Tone.NOT_COVERED, reason=because)
    if any(str(warning.code) == _UNRECOGNISED for warning in order.acceptance.warnings):
        return Standing(Tone.LOOK, reason="its fee does not say which protection was bought")
    if order.acceptance.is_accepted:
        return Standing(Tone.LOOK, reason="the customer bought protection, and no line is covered")
    if order.acceptance.outcome is AcceptanceOutcome.NOT_SHOWN:
        return Standing(Tone.NOT_COVERED, reason="no protection was offered")
    return Standing(Tone.NOT_COVERED, reason="the customer did not buy protection")
