"""The meaning of an order's state for Orderguard, under any name that a shop gives it."""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """`UNPAID`: placed, nothing is covered. `PAID`: paid, or as good as paid by the merchant's
    choice. `ENDED`: failed, cancelled, refunded in full, or thrown away."""

    UNPAID = "unpaid"
    PAID = "paid"
    ENDED = "ended"

    def to_wire(self, *, was_reported: bool) -> str | None:
        """The `status` to push, or None when there is nothing to say.

        Orderguard first hears of an order when it is paid, and of a reported order when it ends.
        """
        match self:
            case OrderState.PAID:
                return "active"
            case OrderState.UNPAID:
                return "pending" if was_reported else None
            case OrderState.ENDED:
                return "cancelled" if was_reported else None
