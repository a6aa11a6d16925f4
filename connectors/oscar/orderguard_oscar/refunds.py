"""A function for the shop's own code: record a refund of the fee."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orderguard_oscar import conf
from orderguard_oscar.surcharge import is_ours


def refund_fee(order: Any, *, user: Any = None, reference: str = "") -> Any:
    """Record a refund of the whole fee as a payment event of the order; the coverage ends.

    Moving the money is the payment provider's business. Raises ValueError when the order has no
    fee.
    """
    from oscar.core.loading import get_class, get_model

    ours = [surcharge for surcharge in order.surcharges.all() if is_ours(surcharge)]
    if not ours:
        raise ValueError(f"Order {order.number} bears no fee for protection.")
    settings = conf.current()
    name = settings.fee_refund_event if settings else conf.FEE_REFUND_EVENT
    kind, _ = get_model("order", "PaymentEventType").objects.get_or_create(name=name)
    amount = sum((surcharge.incl_tax for surcharge in ours), Decimal(0))
    handler = get_class("order.processing", "EventHandler")(user=user)
    return handler.handle_payment_event(order, kind, amount, reference=reference)
