"""Decide the unit of a fee of digits alone: `"498"` is 498 dollars or 4.98 (contract §9).

Order money is in major units when it is a string, but metafields are texts, and shops copy the
offer's minor units into them. The quote decides between the two. No reading bills a hundred times
the quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orderguard.domain.money import Money
from orderguard.domain.orders.fee_verdict import Quote
from orderguard.domain.orders.order import Fee, Order


def read_fees(order: Order, quotes: Sequence[Quote]) -> tuple[Order, bool]:
    """The order with the unit of its accepted fees decided, and whether the decision is in doubt.

    The reading that equals a quote wins. When none does, it is the one nearer to the last quote, or
    major units without any, and in doubt.
    """
    read = [_read(fee, quotes) for fee in order.fees]
    if all(fee is was for (fee, _), was in zip(read, order.fees, strict=True)):
        return order, any(in_doubt for _, in_doubt in read)
    return replace(order, fees=tuple(fee for fee, _ in read)), any(doubt for _, doubt in read)


def _read(fee: Fee, quotes: Sequence[Quote]) -> tuple[Fee, bool]:
    minor = fee.minor_reading
    if minor is None or not fee.is_acceptance:
        return fee, False
    quoted = [
        amount
        for quote in reversed(quotes)
        if quote.amount.currency == minor.currency
        for amount in (quote.amount.amount, *quote.mode_prices)
    ]
    if fee.amount.amount in quoted:
        return fee, False
    if minor.amount in quoted:
        return _as_minor(fee, minor), False
    if quoted and abs(minor.amount - quoted[0]) < abs(fee.amount.amount - quoted[0]):
        return _as_minor(fee, minor), True
    return fee, True


def _as_minor(fee: Fee, minor: Money) -> Fee:
    return replace(fee, amount=minor, minor_reading=None)
