"""Webhooks in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.admin.api.wire.keys import moment
from orderguard.domain.webhooks.webhook import Delivery, WebhookEndpoint
from orderguard.http.wire.doc import doc


class EndpointBody(msgspec.Struct, rename="camel"):
    """A webhook endpoint, without its secret."""

    id: Annotated[str, doc("The id of the endpoint.")]
    url: Annotated[str, doc("The URL that events are sent to.")]
    event_types: Annotated[list[str], doc("The event types that are sent; empty means all.")]
    created_at: Annotated[str, doc("When it was registered.")]
    disabled_at: Annotated[
        str | None, doc("When the endpoint was disabled; null while it is enabled.")
    ]
    disabled_because: Annotated[
        str | None, doc("`asked`, or `gone` when the endpoint answered 410.")
    ]


class EndpointsResponse(msgspec.Struct, rename="camel"):
    """All endpoints of the merchant."""

    endpoints: Annotated[list[EndpointBody], doc("Oldest first.")]


class EndpointResponse(msgspec.Struct, rename="camel"):
    """One endpoint."""

    endpoint: Annotated[EndpointBody, doc("The endpoint as it is now.")]


class RegisteredEndpointResponse(msgspec.Struct, rename="camel"):
    """A new endpoint, with its secret."""

    endpoint: Annotated[EndpointBody, doc("The endpoint as it is now.")]
    secret: Annotated[
        str, doc("The secret that signatures are verified with. It is never shown again.")
    ]


class NewEndpointRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An endpoint to register: its URL and its event types."""

    url: Annotated[str, doc("Beginning with https://.", max_length=2_000)]
    event_types: Annotated[
        list[Annotated[str, Meta(max_length=64)]],
        doc("The event types to send; empty means all.", max_length=50),
    ] = msgspec.field(default_factory=list)


class AttemptBody(msgspec.Struct, rename="camel"):
    """One delivery attempt."""

    at: Annotated[str, doc("The time of the attempt.")]
    milliseconds: Annotated[int, doc("The duration in milliseconds.")]
    status: Annotated[int | None, doc("The HTTP status of the response; null without a response.")]
    error: Annotated[str | None, doc("Why there was no response.")]


class DeliveryBody(msgspec.Struct, rename="camel"):
    """The delivery of one event to one endpoint."""

    event_id: Annotated[str, doc("The id of the event.")]
    type: Annotated[str, doc("The type of the event.")]
    topic: Annotated[str, doc("Events of one topic arrive in order.")]
    state: Annotated[str, doc("`waiting`, `pending`, `delivered` or `failed`.")]
    happened_at: Annotated[str, doc("The time of the event.")]
    due_at: Annotated[str | None, doc("The time of the next attempt; null when there is none.")]
    attempts: Annotated[list[AttemptBody], doc("The attempts, oldest first.")]


class DeliveriesResponse(msgspec.Struct, rename="camel"):
    """The deliveries of an endpoint."""

    deliveries: Annotated[list[DeliveryBody], doc("Newest event first.")]


class ReplayRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The events to replay: either by their ids, or all since an instant."""

    event_ids: Annotated[
        list[Annotated[str, Meta(max_length=64)]], doc("Events by their ids.", max_length=500)
    ] = msgspec.field(default_factory=list)
    since: Annotated[
        str | None, doc("All events from this time on, such as 2026-11-01T00:00:00+00:00.")
    ] = None


class ReplayResponse(msgspec.Struct, rename="camel"):
    """How many deliveries were queued again."""

    events: Annotated[int, doc("The number of queued events.")]


def endpoint_to_wire(endpoint: WebhookEndpoint) -> EndpointBody:
    """An endpoint in JSON."""
    return EndpointBody(
        id=endpoint.id,
        url=endpoint.url,
        event_types=sorted(endpoint.event_types),
        created_at=endpoint.created_at.isoformat(),
        disabled_at=moment(endpoint.disabled_at),
        disabled_because=endpoint.disabled_because,
    )


def delivery_to_wire(delivery: Delivery) -> DeliveryBody:
    """A delivery in JSON."""
    return DeliveryBody(
        event_id=delivery.event.id,
        type=delivery.event.type,
        topic=delivery.topic,
        state=delivery.state,
        happened_at=delivery.event.at.isoformat(),
        due_at=moment(delivery.due_at),
        attempts=[
            AttemptBody(
                at=each.at.isoformat(),
                milliseconds=round(each.duration.total_seconds() * 1000),
                status=each.status,
                error=each.error,
            )
            for each in delivery.attempts
        ],
    )
