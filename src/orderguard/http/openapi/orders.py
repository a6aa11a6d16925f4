"""The OpenAPI description of the order routes (contract §9)."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from orderguard.domain.ids import ID_BELOW
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.people.api_key import Scope
from orderguard.http.openapi.order_examples import (
    ACCEPTED,
    BATCHED,
    BATCHES,
    CANCELLED,
    CHANGES,
    EXTERNAL_ID,
    ORDER_ID,
    ORDER_PAGE,
    ORDERS,
    PUSHED,
)
from orderguard.http.openapi.order_refusals import (
    EVERYWHERE,
    NOT_JSON,
    ORDER_NOT_FOUND,
    UNPROCESSABLE,
)
from orderguard.http.openapi.vocabulary import Answer, Header, Parameter, Route, Schema
from orderguard.http.paging import LIMIT_DEFAULT, LIMIT_MAXIMUM
from orderguard.http.wire.order_batch import (
    ORDERS_AT_MOST,
    OrderBatchRequest,
    OrderBatchResponse,
)
from orderguard.http.wire.order_request import OrderRequest
from orderguard.http.wire.order_response import OrderResponse, OrdersResponse

TAG = "Orders"
BASES = ("/api/v1", "/api/2026-07", "/api/2026-10", "/api/latest")

_FIELDS = {"x-fields-of": "#/components/schemas/OrderRequest"}
_KNOWN: Schema = {"properties": {"external_id": {"type": "string"}}, "required": ["external_id"]}
_DATED: Schema = {"properties": {"created_at": {"type": "string"}}, "required": ["created_at"]}
_KNOWN_AND_DATED: Schema = {
    "properties": _KNOWN["properties"] | _DATED["properties"],
    "required": [*_KNOWN["required"], *_DATED["required"]],
}

OrderChange = msgspec.defstruct(
    "OrderChange",
    [(each.name, each.type | UnsetType, UNSET) for each in msgspec.structs.fields(OrderRequest)],
)
OrderChange.__doc__ = "What changed of an order. What is left out stays as it is."

DatedOrder = Annotated[OrderRequest, Meta(extra_json_schema=_FIELDS | _DATED)]
UpsertedOrder = Annotated[OrderRequest, Meta(extra_json_schema=_FIELDS | _KNOWN)]
DatedUpsert = Annotated[OrderRequest, Meta(extra_json_schema=_FIELDS | _KNOWN_AND_DATED)]
ChangedOrder = Annotated[
    OrderChange,  # type: ignore[valid-type]  # made at run time, from the fields of an order
    Meta(extra_json_schema=_FIELDS),
]

NO_STORE = (Header("Cache-Control", "Never cached.", "no-store"),)
ID_TYPE = Parameter(
    "X-Loop-Global-Identifier-Type",
    "header",
    "`string` for ids as strings. Without it they are integers below 2⁵³.",
    {"type": "string"},
    "string",
)
LIMIT = Parameter(
    "limit",
    "query",
    f"Entries per page, {LIMIT_DEFAULT} without it.",
    {"type": "integer", "minimum": 1, "maximum": LIMIT_MAXIMUM, "default": LIMIT_DEFAULT},
    LIMIT_DEFAULT,
)


def cursor(example: str) -> Parameter:
    """The query parameter `cursor` of a list, with an example."""
    return Parameter(
        "cursor",
        "query",
        "Where the page begins. Follow `next_page_url` instead of making one up.",
        {"type": "string"},
        example,
    )


def sort_order(otherwise: str) -> Parameter:
    """The query parameter for the order of a list; `otherwise` describes the default."""
    return Parameter(
        "sort_order",
        "query",
        f"`asc` for the oldest first, `desc` for the newest; `{otherwise}` without it.",
        {"type": "string", "enum": ["asc", "desc"], "default": otherwise},
        otherwise,
    )


_FILTERS = (
    Parameter(
        "external_id", "query", "Only the order with this id.", {"type": "string"}, EXTERNAL_ID
    ),
    Parameter(
        "status",
        "query",
        "Only orders with this status.",
        {"type": "string", "enum": [*OrderStatus]},
        "active",
    ),
    Parameter(
        "updated_since",
        "query",
        "Only orders that a push has changed since then.",
        {"type": "string", "format": "date-time"},
        "2026-04-23T13:25:00Z",
    ),
)


def id_in_path(description: str, example: int) -> Parameter:
    schema: Schema = {"type": "integer", "minimum": 1, "exclusiveMaximum": ID_BELOW}
    return Parameter("id", "path", description, schema, example)


_ID = id_in_path("Our id, from an answer.", ORDER_ID)
_EXTERNAL_ID = Parameter(
    "external_id",
    "path",
    "The platform's id.",
    {"type": "string", "minLength": 1, "maxLength": 100},
    EXTERNAL_ID,
)
_DELETED = "Its coverage ends, its billing is reversed, and it is not found any more."

_order_route = partial(Route, bases=BASES, tag=TAG, scope=Scope.ORDERS)

ROUTES = (
    _order_route(
        method="POST",
        path="/orders",
        operation_id="createOrder",
        summary="Create an order",
        description="Takes in an order, recognises from it whether the shopper accepted the "
        "offer, and activates coverage if so. An `external_id` that exists already is a 422.\n\n"
        "Money: an integer is minor units, a string is major units. A number with a fraction is a "
        "422, because it could mean either (`450.0` is 450). A unit price is a rate with up to 8 "
        "decimals. Members that are not listed are kept and given back. Under `/api/2026-10`, and "
        "under `/api/latest`, which is the same, `created_at` is required.",
        parameters=(ID_TYPE,),
        body=OrderRequest,
        body_at={"/api/2026-10": DatedOrder, "/api/latest": DatedOrder},
        body_examples=ORDERS,
        answers=(
            Answer(201, "The order was taken in.", OrderResponse, PUSHED, NO_STORE),
            NOT_JSON,
            UNPROCESSABLE,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="PUT",
        path="/orders",
        operation_id="upsertOrder",
        summary="Create or update an order",
        description="The way to report every change: finds the order by its `external_id`, which "
        "is required here, and creates it when there is none. Pushing the same again changes "
        "nothing.\n\n"
        "A member that is left out stays as it is, so a partial push of an order that exists "
        "never ends its coverage; `[]` for `fees` or `metadata` does clear them. Refunds only "
        "accumulate. Under `/api/2026-10` and `/api/latest`, `created_at` is required.",
        parameters=(ID_TYPE,),
        body=UpsertedOrder,
        body_at={"/api/2026-10": DatedUpsert, "/api/latest": DatedUpsert},
        body_examples=ORDERS,
        answers=(
            Answer(201, "It was new.", OrderResponse, PUSHED, NO_STORE),
            Answer(200, "It existed; this is how it is now.", OrderResponse, PUSHED, NO_STORE),
            NOT_JSON,
            UNPROCESSABLE,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="POST",
        path="/orders/batch",
        operation_id="upsertOrders",
        summary="Create or update many orders",
        description=f"For back-fills: up to {ORDERS_AT_MOST} orders in a body of at most 1,048,576 "
        "bytes. Each is upserted as if it were sent alone, in the order of the list, and has an "
        "outcome of its own, with the status and the body that it would have had. One that cannot "
        "be taken in costs none of the others, and the answer is a 200 all the same. Sending the "
        "batch again changes nothing that was taken in.\n\n"
        "The request is refused as a whole when it is not such a list, or when none of it could "
        "be taken in just now. It counts as one request of the key.",
        parameters=(ID_TYPE,),
        body=OrderBatchRequest,
        body_examples=BATCHES,
        answers=(
            Answer(200, "An outcome for each order.", OrderBatchResponse, BATCHED, NO_STORE),
            NOT_JSON,
            UNPROCESSABLE,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="GET",
        path="/orders",
        operation_id="listOrders",
        summary="List orders",
        description="The orders that were pushed, the newest first unless `sort_order` says "
        "otherwise. Follow `next_page_url` and `previous_page_url`, which keep the filters.",
        parameters=(
            LIMIT,
            cursor(f"20260423T132500.000000Z~{ORDER_ID}"),
            sort_order("desc"),
            *_FILTERS,
            ID_TYPE,
        ),
        answers=(
            Answer(200, "A page of orders.", OrdersResponse, ORDER_PAGE, NO_STORE),
            UNPROCESSABLE,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="GET",
        path="/orders/{id}",
        operation_id="showOrder",
        summary="Show an order",
        description="The order as pushed, with what followed from it.",
        parameters=(_ID, ID_TYPE),
        answers=(
            Answer(200, "The order.", OrderResponse, ACCEPTED, NO_STORE),
            ORDER_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="PUT",
        path="/orders/{id}",
        operation_id="updateOrder",
        summary="Update an order",
        description="As the upsert, for an order whose `id` you know. Only what changed needs to "
        "be sent: nothing is required.",
        parameters=(_ID, ID_TYPE),
        body=ChangedOrder,
        body_examples=CHANGES,
        answers=(
            Answer(200, "The order as it is now.", OrderResponse, CANCELLED, NO_STORE),
            NOT_JSON,
            ORDER_NOT_FOUND,
            UNPROCESSABLE,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="DELETE",
        path="/orders/{id}",
        operation_id="deleteOrder",
        summary="Delete an order",
        description=_DELETED,
        parameters=(_ID,),
        answers=(Answer(204, "It is gone."), ORDER_NOT_FOUND, *EVERYWHERE),
    ),
    _order_route(
        method="GET",
        path="/orders/external/{external_id}",
        operation_id="showOrderByExternalId",
        summary="Show an order by the platform's id",
        description="The order as pushed, with what followed from it.",
        parameters=(_EXTERNAL_ID, ID_TYPE),
        answers=(
            Answer(200, "The order.", OrderResponse, ACCEPTED, NO_STORE),
            ORDER_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
    _order_route(
        method="DELETE",
        path="/orders/external/{external_id}",
        operation_id="deleteOrderByExternalId",
        summary="Delete an order by the platform's id",
        description=_DELETED,
        parameters=(_EXTERNAL_ID,),
        answers=(Answer(204, "It is gone."), ORDER_NOT_FOUND, *EVERYWHERE),
    ),
)
