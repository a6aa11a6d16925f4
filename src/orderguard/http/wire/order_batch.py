"""Batches of orders in JSON: the request, and one result per order."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.http.wire.doc import doc
from orderguard.http.wire.order_request import OrderRequest

ORDERS_AT_MOST = 100
"""Orders in one batch."""


class OrderBatchRequest(msgspec.Struct):
    """The orders of a batch, each as the body of an upsert."""

    orders: Annotated[
        list[OrderRequest],
        Meta(
            min_length=1,
            max_length=ORDERS_AT_MOST,
            description="Each as in an upsert, with its `external_id`.",
        ),
    ]


class OrderOutcome(msgspec.Struct):
    """The result of one order of a batch, as an upsert of it alone would have answered."""

    status: Annotated[
        int,
        doc(
            "`201` for a new order, `200` for one that existed; otherwise it was not "
            "taken in. Send it again for a `503` or a `500`, correct it for a `422` or a `400`.",
            examples=[201],
        ),
    ]
    body: Annotated[dict[str, Any], doc("What the upsert of this order alone would have answered.")]


class OrderBatchResponse(msgspec.Struct):
    """The results of a batch, in the order of its orders."""

    outcomes: Annotated[list[OrderOutcome], doc("One for each order, in the order of the request.")]
