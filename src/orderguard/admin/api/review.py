"""`/admin/v1/review`: orders to review, by a person."""

from __future__ import annotations

from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import CURSOR
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.review import ReviewResponse, reviewed_order_to_wire
from orderguard.http.openapi.orders import LIMIT
from orderguard.http.openapi.vocabulary import Example
from orderguard.http.paging import order_cursor, place_of_cursor

_ORDER = {
    "id": "1234",
    "externalId": "10293",
    "receivedAt": "2026-11-02T09:15:00+00:00",
    "verdict": "altered",
    "warnings": ["fee_altered"],
}


def list_orders_to_review(call: Call) -> ReviewResponse:
    """A page of orders to review, newest first."""
    limit, after = call.limit, place_of_cursor(call.query)
    with call.reading() as work:
        found = work.orders.to_review(call.merchant, after=after, limit=limit + 1)
    page, more = found[:limit], found[limit:]
    cursor = order_cursor(page[-1]) if more else None
    return ReviewResponse([reviewed_order_to_wire(each) for each in page], cursor)


OPERATIONS = (
    Operation(
        "GET",
        "/review",
        list_orders_to_review,
        "listOrdersToReview",
        "List orders to review",
        "Orders whose fee is not the fee that was quoted, and orders that probably do not mean "
        "what they say: a coverage of nothing, a fee without its modes, a refund that says "
        "nothing. A person should see why.",
        "A page of orders.",
        parameters=(LIMIT, CURSOR),
        examples={
            "review": Example(
                "One order with another fee", {"orders": [_ORDER], "nextCursor": None}
            )
        },
        refusals=(INVALID,),
    ),
)
