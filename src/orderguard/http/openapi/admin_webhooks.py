"""The webhook routes of the admin API, described."""

from __future__ import annotations

from typing import Any

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import (
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import LIMIT, NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_webhooks import (
    DeliveriesResponse,
    EndpointResponse,
    EndpointsResponse,
    NewEndpointRequest,
    RegisteredEndpointResponse,
    ReplayRequest,
    ReplayResponse,
)

_ID = Parameter(
    "endpoint_id",
    "path",
    "The endpoint's id.",
    {"type": "string", "minLength": 1},
    "whe_a1b2c3d4e5f6",
)
_ENDPOINT = {
    "id": "whe_a1b2c3d4e5f6",
    "url": "https://shop.example/hooks",
    "eventTypes": ["order.accepted"],
    "createdAt": "2026-11-02T09:15:00+00:00",
    "disabledAt": None,
    "disabledBecause": None,
}
_DISABLED = _ENDPOINT | {
    "disabledAt": "2026-11-03T09:15:00+00:00",
    "disabledBecause": "asked",
}
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
_ANSWERS = (ADMIN_INVALID, *EVERYWHERE)
_ANSWERS_OF_ONE = (ADMIN_NOT_FOUND, *EVERYWHERE)


def _example(summary: str, value: Any) -> dict[str, Example]:
    return {"example": Example(summary, value)}


def _switch(verb: str, summary: str, description: str, endpoint: Any) -> Route:
    return Route(
        method="POST",
        path=f"/webhooks/{{endpoint_id}}/{verb}",
        bases=BASES,
        operation_id=f"{verb}Webhook",
        tag=TAG,
        scope=Scope.ADMIN,
        summary=summary,
        description=description,
        parameters=(_ID,),
        answers=(
            Answer(
                200,
                "The endpoint as it is now.",
                EndpointResponse,
                _example(f"Asked to {verb}", {"endpoint": endpoint}),
                NO_STORE,
            ),
            *_ANSWERS_OF_ONE,
        ),
    )


ROUTES = (
    Route(
        method="GET",
        path="/webhooks",
        bases=BASES,
        operation_id="listWebhooks",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List webhook endpoints",
        description="Where the merchant is told what happened. Secrets are not shown.",
        answers=(
            Answer(
                200,
                "The endpoints.",
                EndpointsResponse,
                _example("One endpoint", {"endpoints": [_ENDPOINT]}),
                NO_STORE,
            ),
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/webhooks",
        bases=BASES,
        operation_id="registerWebhook",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Register a webhook endpoint",
        description="It is told of what happens from now on. The answer holds the secret that "
        "signatures are checked with, this once. URLs that lead into private networks are refused.",
        body=NewEndpointRequest,
        body_examples=_example(
            "Accepted orders only",
            {"url": "https://shop.example/hooks", "eventTypes": ["order.accepted"]},
        ),
        answers=(
            Answer(
                201,
                "The endpoint is registered.",
                RegisteredEndpointResponse,
                _example(
                    "A new endpoint",
                    {"endpoint": _ENDPOINT, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                ),
                NO_STORE,
            ),
            *_ANSWERS,
        ),
    ),
    Route(
        method="GET",
        path="/webhooks/{endpoint_id}",
        bases=BASES,
        operation_id="showWebhook",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Show a webhook endpoint",
        description="Without its secret.",
        parameters=(_ID,),
        answers=(
            Answer(
                200,
                "The endpoint.",
                EndpointResponse,
                _example("An endpoint", {"endpoint": _ENDPOINT}),
                NO_STORE,
            ),
            *_ANSWERS_OF_ONE,
        ),
    ),
    Route(
        method="DELETE",
        path="/webhooks/{endpoint_id}",
        bases=BASES,
        operation_id="removeWebhook",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Remove a webhook endpoint",
        description="With its secret and its log. What was not sent yet never will be.",
        parameters=(_ID,),
        answers=(Answer(204, "It is gone."), *_ANSWERS_OF_ONE),
    ),
    _switch(
        "disable",
        "Hold webhooks back",
        "Nothing is sent any more; what happens meanwhile is kept.",
        _DISABLED,
    ),
    _switch(
        "enable",
        "Let webhooks go on",
        "Sending goes on where it stopped, with everything that was kept.",
        _ENDPOINT,
    ),
    Route(
        method="GET",
        path="/webhooks/{endpoint_id}/deliveries",
        bases=BASES,
        operation_id="listDeliveries",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List deliveries",
        description="The last events for this endpoint, and how their delivery went.",
        parameters=(_ID, LIMIT),
        answers=(
            Answer(
                200,
                "The deliveries.",
                DeliveriesResponse,
                _example("One delivery", {"deliveries": [_DELIVERY]}),
                NO_STORE,
            ),
            ADMIN_INVALID,
            *_ANSWERS_OF_ONE,
        ),
    ),
    Route(
        method="POST",
        path="/webhooks/{endpoint_id}/replay",
        bases=BASES,
        operation_id="replayEvents",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Send events again",
        description="Past events, by their ids or all since an instant; in order, as always.",
        parameters=(_ID,),
        body=ReplayRequest,
        body_examples=_example(
            "Everything since an instant", {"since": "2026-11-01T00:00:00+00:00"}
        ),
        answers=(
            Answer(
                200,
                "They are lined up.",
                ReplayResponse,
                _example("Twelve events", {"events": 12}),
                NO_STORE,
            ),
            ADMIN_INVALID,
            *_ANSWERS_OF_ONE,
        ),
    ),
)
