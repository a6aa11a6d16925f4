"""Orders to review in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orderguard.admin.api.wire.audit import NextCursor
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.http.wire.doc import doc


class ReviewedOrderBody(msgspec.Struct, rename="camel"):
    """An order to review: its fee differs from the quote, or it raises a doubt."""

    id: Annotated[str, doc("Our id, as text.")]
    external_id: Annotated[str | None, doc("The platform's id.")]
    received_at: Annotated[str, doc("When the order was first pushed.")]
    verdict: Annotated[str | None, doc("How the fee compares with the quotes.")]
    warnings: Annotated[list[str], doc("The codes of the order's warnings.")]


class ReviewResponse(msgspec.Struct, rename="camel"):
    """A page of orders to review."""

    orders: Annotated[list[ReviewedOrderBody], doc("Newest first.")]
    next_cursor: NextCursor


def reviewed_order_to_wire(order: OrderRecord) -> ReviewedOrderBody:
    """An order to review in JSON."""
    return ReviewedOrderBody(
        id=str(order.id),
        external_id=order.external_id,
        received_at=order.received_at.isoformat(),
        verdict=order.acceptance.verdict,
        warnings=[each.code for each in order.acceptance.warnings],
    )
