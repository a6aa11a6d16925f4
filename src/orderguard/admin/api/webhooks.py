"""`/admin/v1/webhooks`: endpoints, deliveries and replay."""

from __future__ import annotations

from typing import Any

from orderguard.actions.register_webhook_endpoint import (
    disable_webhook_endpoint,
    enable_webhook_endpoint,
    get_webhook_endpoint,
    register_webhook_endpoint,
    remove_webhook_endpoint,
)
from orderguard.actions.replay_webhook_events import replay_webhook_events
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_id
from orderguard.admin.api.refusals import INVALID, NOT_FOUND
from orderguard.admin.api.wire.webhooks import (
    DeliveriesResponse,
    EndpointResponse,
    EndpointsResponse,
    NewEndpointRequest,
    RegisteredEndpointResponse,
    ReplayRequest,
    ReplayResponse,
    delivery_to_wire,
    endpoint_to_wire,
)
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.http.openapi.orders import LIMIT
from orderguard.http.openapi.vocabulary import Example
from orderguard.http.wire.order import parse_timestamp
from orderguard.randomness import new_webhook_endpoint_id, new_webhook_secret

_ENDPOINT = {
    "id": "whe_a1b2c3d4e5f6",
    "url": "https://shop.example/hooks",
    "eventTypes": ["order.accepted"],
    "createdAt": "2026-11-02T09:15:00+00:00",
    "disabledAt": None,
    "disabledBecause": None,
}
_DISABLED = _ENDPOINT | {"disabledAt": "2026-11-03T09:15:00+00:00", "disabledBecause": "asked"}
_DELIVERY = {
    "eventId": "evt_a1b2c3d4e5f6g7h8i9j0",
    "type": "order.accepted",
    "topic": "order:1234",
    "state": "delivered",
    "happenedAt": "2026-11-03T09:15:00+00:00",
    "dueAt": None,
    "attempts": [
        {"at": "2026-11-03T09:15:01+00:00", "milliseconds": 84, "status": 200, "error": None}
    ],
}
_REGISTERED = {"endpoint": _ENDPOINT, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
_ID = path_id("endpoint_id", "The endpoint's id.", "whe_a1b2c3d4e5f6")
_ONE = "/webhooks/{endpoint_id}"


def _example(summary: str, value: Any) -> dict[str, Example]:
    return {"example": Example(summary, value)}


def list_webhooks(call: Call) -> EndpointsResponse:
    """All endpoints."""
    with call.reading() as work:
        found = work.webhook_endpoints.of_merchant(call.merchant)
    return EndpointsResponse([endpoint_to_wire(each) for each in found])


def register_webhook(call: Call, wanted: NewEndpointRequest) -> RegisteredEndpointResponse:
    """Register an endpoint, and show its secret once."""
    secret = new_webhook_secret()
    endpoint = register_webhook_endpoint(
        call.database,
        call.merchant,
        wanted.url,
        event_types=wanted.event_types,
        new_id=new_webhook_endpoint_id(),
        secret=secret,
        resolve=call.services.resolve,
        allows_private=call.services.webhooks_allow_private,
        change=call.real_change,
    )
    return RegisteredEndpointResponse(endpoint_to_wire(endpoint), secret.text)


def show_webhook(call: Call) -> EndpointResponse:
    """One endpoint."""
    with call.reading() as work:
        endpoint = get_webhook_endpoint(work, call.path["endpoint_id"], within=call.merchant)
    return EndpointResponse(endpoint_to_wire(endpoint))


def remove_webhook(call: Call) -> None:
    """Remove an endpoint with its secret and its deliveries."""
    remove_webhook_endpoint(
        call.database, call.path["endpoint_id"], within=call.merchant, change=call.real_change
    )


def disable_webhook(call: Call) -> EndpointResponse:
    """Disable the endpoint: its events are kept, and sent once it is enabled."""
    endpoint = disable_webhook_endpoint(
        call.database, call.path["endpoint_id"], within=call.merchant, change=call.real_change
    )
    return EndpointResponse(endpoint_to_wire(endpoint))


def enable_webhook(call: Call) -> EndpointResponse:
    """Enable the endpoint: sending continues with the first unsent event."""
    endpoint = enable_webhook_endpoint(
        call.database, call.path["endpoint_id"], within=call.merchant, change=call.real_change
    )
    return EndpointResponse(endpoint_to_wire(endpoint))


def list_deliveries(call: Call) -> DeliveriesResponse:
    """The last events for an endpoint, with every attempt to deliver them."""
    limit = call.limit
    with call.reading() as work:
        endpoint = get_webhook_endpoint(work, call.path["endpoint_id"], within=call.merchant)
        found = work.webhook_deliveries.of_endpoint(endpoint, limit=limit)
    return DeliveriesResponse([delivery_to_wire(each) for each in found])


def replay_events(call: Call, wanted: ReplayRequest) -> ReplayResponse:
    """Replay past events, in order."""
    if (wanted.since is None) == (not wanted.event_ids):
        raise InvalidDocument([Problem("", "Send either eventIds or since, and not both.")])
    try:
        since = parse_timestamp(wanted.since) if wanted.since is not None else None
    except Malformed as error:
        raise InvalidDocument([Problem("since", str(error))]) from error
    count = replay_webhook_events(
        call.database,
        call.path["endpoint_id"],
        event_ids=wanted.event_ids,
        since=since,
        within=call.merchant,
        change=call.real_change,
    )
    return ReplayResponse(count)


OPERATIONS = (
    Operation(
        "GET",
        "/webhooks",
        list_webhooks,
        "listWebhooks",
        "List webhook endpoints",
        "Where the merchant is told what happened. Secrets are not shown.",
        "The endpoints.",
        examples=_example("One endpoint", {"endpoints": [_ENDPOINT]}),
    ),
    Operation(
        "POST",
        "/webhooks",
        register_webhook,
        "registerWebhook",
        "Register a webhook endpoint",
        "It is told of what happens from now on. The answer holds the secret that "
        "signatures are checked with, this once. URLs that lead into private networks are refused.",
        "The endpoint is registered.",
        status=201,
        body_examples=_example(
            "Accepted orders only",
            {"url": "https://shop.example/hooks", "eventTypes": ["order.accepted"]},
        ),
        examples=_example("A new endpoint", _REGISTERED),
        refusals=(INVALID,),
    ),
    Operation(
        "GET",
        _ONE,
        show_webhook,
        "showWebhook",
        "Show a webhook endpoint",
        "Without its secret.",
        "The endpoint.",
        parameters=(_ID,),
        examples=_example("An endpoint", {"endpoint": _ENDPOINT}),
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "DELETE",
        _ONE,
        remove_webhook,
        "removeWebhook",
        "Remove a webhook endpoint",
        "With its secret and its log. What was not sent yet never will be.",
        "It is gone.",
        status=204,
        parameters=(_ID,),
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        f"{_ONE}/disable",
        disable_webhook,
        "disableWebhook",
        "Hold webhooks back",
        "Nothing is sent any more; what happens meanwhile is kept.",
        "The endpoint as it is now.",
        parameters=(_ID,),
        examples=_example("Asked to disable", {"endpoint": _DISABLED}),
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "POST",
        f"{_ONE}/enable",
        enable_webhook,
        "enableWebhook",
        "Let webhooks go on",
        "Sending goes on where it stopped, with everything that was kept.",
        "The endpoint as it is now.",
        parameters=(_ID,),
        examples=_example("Asked to enable", {"endpoint": _ENDPOINT}),
        refusals=(NOT_FOUND,),
    ),
    Operation(
        "GET",
        f"{_ONE}/deliveries",
        list_deliveries,
        "listDeliveries",
        "List deliveries",
        "The last events for this endpoint, and how their delivery went.",
        "The deliveries.",
        parameters=(_ID, LIMIT),
        examples=_example("One delivery", {"deliveries": [_DELIVERY]}),
        refusals=(INVALID, NOT_FOUND),
    ),
    Operation(
        "POST",
        f"{_ONE}/replay",
        replay_events,
        "replayEvents",
        "Send events again",
        "Past events, by their ids or all since an instant; in order, as always.",
        "They are lined up.",
        parameters=(_ID,),
        body_examples=_example(
            "Everything since an instant", {"since": "2026-11-01T00:00:00+00:00"}
        ),
        examples=_example("Twelve events", {"events": 12}),
        refusals=(INVALID, NOT_FOUND),
    ),
)
