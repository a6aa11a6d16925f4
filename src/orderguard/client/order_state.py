"""The state of an order as Orderguard distinguishes it, to map a shop's own states to."""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """The state of an order in a shop.

    `UNPAID`: placed, nothing is covered. `PAID`: paid, or to be treated as paid by the merchant's
    choice. `ENDED`: failed, cancelled, refunded in full, or deleted.
    """

    UNPAID = "unpaid"
    PAID = "paid"
    ENDED = "ended"

    def to_wire(self, *, was_reported: bool) -> str | None:
        """The `status` to push; None when nothing is to be pushed.

        An order is first pushed when it is paid. `was_reported`: it was pushed before.
        """
        match self:
            case OrderState.PAID:
                return "active"
            case OrderState.UNPAID:
                return "pending" if was_reported else None
            case OrderState.ENDED:
                return "cancelled" if was_reported else None
