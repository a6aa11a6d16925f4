"""What an order's state says to Orderguard."""

from __future__ import annotations

import pytest

from orderguard.client import OrderState


@pytest.mark.parametrize(
    ("state", "first", "later"),
    [
        (OrderState.PAID, "active", "active"),
        (OrderState.UNPAID, None, "pending"),
        (OrderState.ENDED, None, "cancelled"),
    ],
)
def test_an_order_is_first_heard_of_when_it_is_paid(
    state: OrderState, first: str | None, later: str | None
) -> None:
    assert first == state.to_wire(was_reported=False)
    assert later == state.to_wire(was_reported=True)
