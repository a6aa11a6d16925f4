"""Numbers of order lines: the integer `line_items[].id` of every line in answers.

A number is computed from the order and from the platform's name for the line, so that it never
changes and need not be stored.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from orderguard.domain.ids import ID_BELOW, OrderId
from orderguard.domain.orders.order import Order


def line_numbers(order: OrderId, line_ids: Iterable[str]) -> Iterator[int]:
    """The numbers of the lines with these ids; lines that share an id get different ones."""
    seen: Counter[str] = Counter()
    for line_id in line_ids:
        seen[line_id] += 1
        digest = hashlib.sha256(f"{order}:{line_id}:{seen[line_id]}".encode()).digest()
        yield 1 + int.from_bytes(digest[:8], "big") % (ID_BELOW - 1)


def with_line_numbers(order: Order, order_id: OrderId) -> Order:
    """The order, with lines that refunds may name by their numbers, too."""
    if not any(refund.lines for refund in order.refunds):
        return order
    numbers = line_numbers(order_id, (line.id for line in order.lines))
    lines = tuple(
        replace(line, other_ids=line.other_ids | {str(number)})
        for line, number in zip(order.lines, numbers, strict=True)
    )
    return replace(order, lines=lines)
