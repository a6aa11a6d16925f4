"""Webhooks in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.admin.api.wire.keys import moment
from orderguard.domain.webhooks.webhook import Delivery, WebhookEndpoint


class EndpointBody(msgspec.Struct, rename="camel"):
    """A webhook endpoint, without its secret."""

    id: Annotated[str, Meta(description="Its id.")]
    url: Annotated[str, Meta(description="Where events are sent.")]
    event_types: Annotated[list[str], Meta(description="Which are sent; empty means all.")]
    created_at: Annotated[str, Meta(description="When it was registered.")]
    disabled_at: Annotated[str | None, Meta(description="Since when nothing is sent; or null.")]
    disabled_because: Annotated[
        str | None, Meta(description="`asked`, or `gone` when the endpoint answered 410.")
    ]


class EndpointsResponse(msgspec.Struct, rename="camel"):
    """All endpoints of the merchant."""

    endpoints: Annotated[list[EndpointBody], Meta(description="Oldest first.")]


class EndpointResponse(msgspec.Struct, rename="camel"):
    """One endpoint."""

    endpoint: Annotated[EndpointBody, Meta(description="The endpoint as it is now.")]


class RegisteredEndpointResponse(msgspec.Struct, rename="camel"):
    """A new endpoint, with its secret."""

    endpoint: Annotated[EndpointBody, Meta(description="The endpoint as it is now.")]
    secret: Annotated[
        str, Meta(description="What its signatures are checked with. It is never shown again.")
    ]


class NewEndpointRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """An endpoint to register: its URL and its event types."""

    url: Annotated[str, Meta(description="Beginning with https://.", max_length=2_000)]
    event_types: Annotated[
        list[Annotated[str, Meta(max_length=64)]],
        Meta(description="Which events; none is all of them.", max_length=50),
    ] = msgspec.field(default_factory=list)


class AttemptBody(msgspec.Struct, rename="camel"):
    """One delivery attempt."""

    at: Annotated[str, Meta(description="When.")]
    milliseconds: Annotated[int, Meta(description="How long it took.")]
    status: Annotated[int | None, Meta(description="What was answered; null without an answer.")]
    error: Annotated[str | None, Meta(description="Why there was no answer.")]


class DeliveryBody(msgspec.Struct, rename="camel"):
    """The delivery of one event to one endpoint."""

    event_id: Annotated[str, Meta(description="The event.")]
    type: Annotated[str, Meta(description="What happened.")]
    topic: Annotated[str, Meta(description="Events of one topic arrive in order.")]
    state: Annotated[str, Meta(description="`waiting`, `pending`, `delivered` or `failed`.")]
    happened_at: Annotated[str, Meta(description="When it happened.")]
    due_at: Annotated[str | None, Meta(description="When it is tried next.")]
    attempts: Annotated[list[AttemptBody], Meta(description="In their order.")]


class DeliveriesResponse(msgspec.Struct, rename="camel"):
    """The deliveries of an endpoint."""

    deliveries: Annotated[list[DeliveryBody], Meta(description="Newest event first.")]


class ReplayRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The events to replay: either by their ids, or all since an instant."""

    event_ids: Annotated[
        list[Annotated[str, Meta(max_length=64)]],
        Meta(description="Events by their ids.", max_length=500),
    ] = msgspec.field(default_factory=list)
    since: Annotated[
        str | None,
        Meta(description="All that happened from then on, such as 2026-11-01T00:00:00+00:00."),
    ] = None


class ReplayResponse(msgspec.Struct, rename="camel"):
    """How many deliveries were queued again."""

    events: Annotated[int, Meta(description="How many events.")]


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
