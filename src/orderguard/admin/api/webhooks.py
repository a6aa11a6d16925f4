"""`/admin/v1/webhooks`: endpoints, their deliveries, and sending again."""

from __future__ import annotations

from collections.abc import Callable

import falcon
from falcon.asgi import Request, Response

from orderguard.actions.register_webhook_endpoint import (
    Resolve,
    disable_webhook_endpoint,
    enable_webhook_endpoint,
    get_webhook_endpoint,
    register_webhook_endpoint,
    remove_webhook_endpoint,
)
from orderguard.actions.replay_webhook_events import replay_webhook_events
from orderguard.admin.api.desk import AdminDesk, read_struct
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.webhook import WebhookEndpoint
from orderguard.http.orders import write_json
from orderguard.http.paging import page_limit
from orderguard.http.wire.admin_webhooks import (
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
from orderguard.http.wire.order import parse_timestamp
from orderguard.randomness import new_webhook_endpoint_id, new_webhook_secret


class WebhooksResource:
    """All endpoints, and a new one."""

    def __init__(self, desk: AdminDesk, resolve: Resolve, *, allows_private: bool) -> None:
        self._desk = desk
        self._resolve = resolve
        self._allows_private = allows_private

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "webhooks")
        found = await self._desk.look(
            lambda work: work.webhook_endpoints.of_merchant(caller.merchant)
        )
        write_json(response, EndpointsResponse([endpoint_to_wire(each) for each in found]))

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "webhooks")
        wanted = await read_struct(request, NewEndpointRequest)
        secret = new_webhook_secret()
        endpoint = await self._desk.run(
            lambda: register_webhook_endpoint(
                self._desk.database,
                caller.merchant,
                wanted.url,
                event_types=wanted.event_types,
                new_id=new_webhook_endpoint_id(),
                secret=secret,
                resolve=self._resolve,
                allows_private=self._allows_private,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_201
        write_json(response, RegisteredEndpointResponse(endpoint_to_wire(endpoint), secret.text))


class WebhookResource:
    """One endpoint."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, endpoint_id: str) -> None:
        caller = await self._desk.admit(request, "webhook")
        endpoint = await self._desk.look(
            lambda work: get_webhook_endpoint(work, endpoint_id, within=caller.merchant)
        )
        write_json(response, EndpointResponse(endpoint_to_wire(endpoint)))

    async def on_delete(self, request: Request, response: Response, endpoint_id: str) -> None:
        caller = await self._desk.admit(request, "webhook")
        await self._desk.run(
            lambda: remove_webhook_endpoint(
                self._desk.database,
                endpoint_id,
                within=caller.merchant,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_204


class WebhookSwitchResource:
    """`…/disable` and `…/enable`: hold everything back, or go on where it stopped."""

    def __init__(self, desk: AdminDesk, switch: Callable[..., WebhookEndpoint]) -> None:
        """`switch` is the action behind the path."""
        self._desk = desk
        self._switch = switch

    async def on_post(self, request: Request, response: Response, endpoint_id: str) -> None:
        caller = await self._desk.admit(request, "webhook_switch")
        endpoint = await self._desk.run(
            lambda: self._switch(
                self._desk.database,
                endpoint_id,
                within=caller.merchant,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        write_json(response, EndpointResponse(endpoint_to_wire(endpoint)))


class DeliveriesResource:
    """What was sent to an endpoint, and how that went."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, endpoint_id: str) -> None:
        caller = await self._desk.admit(request, "webhook_deliveries")
        limit = page_limit(request)
        found = await self._desk.look(
            lambda work: work.webhook_deliveries.of_endpoint(
                get_webhook_endpoint(work, endpoint_id, within=caller.merchant), limit=limit
            )
        )
        write_json(response, DeliveriesResponse([delivery_to_wire(each) for each in found]))


class ReplayResource:
    """Send past events once more, in order."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_post(self, request: Request, response: Response, endpoint_id: str) -> None:
        caller = await self._desk.admit(request, "webhook_replay")
        wanted = await read_struct(request, ReplayRequest)
        if (wanted.since is None) == (not wanted.event_ids):
            raise InvalidDocument([Problem("", "Send either eventIds or since, and not both.")])
        try:
            since = parse_timestamp(wanted.since) if wanted.since is not None else None
        except Malformed as error:
            raise InvalidDocument([Problem("since", str(error))]) from error
        count = await self._desk.run(
            lambda: replay_webhook_events(
                self._desk.database,
                endpoint_id,
                event_ids=wanted.event_ids,
                since=since,
                within=caller.merchant,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        write_json(response, ReplayResponse(count))


def webhook_resources(
    desk: AdminDesk, resolve: Resolve, *, allows_private: bool
) -> dict[str, object]:
    """The resources by path."""
    one = "/webhooks/{endpoint_id}"
    return {
        "/webhooks": WebhooksResource(desk, resolve, allows_private=allows_private),
        one: WebhookResource(desk),
        f"{one}/disable": WebhookSwitchResource(desk, disable_webhook_endpoint),
        f"{one}/enable": WebhookSwitchResource(desk, enable_webhook_endpoint),
        f"{one}/deliveries": DeliveriesResource(desk),
        f"{one}/replay": ReplayResource(desk),
    }
