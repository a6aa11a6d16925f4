"""Webhooks: the merchant's endpoints and their deliveries."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from orderguard.actions.register_webhook_endpoint import (
    ENDPOINTS_AT_MOST,
    TooManyEndpoints,
    disable_webhook_endpoint,
    enable_webhook_endpoint,
    get_webhook_endpoint,
    register_webhook_endpoint,
    remove_webhook_endpoint,
)
from orderguard.actions.replay_webhook_events import replay_webhook_events
from orderguard.admin.console.page_request import Fields, PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.orders.event import EventType
from orderguard.domain.people.account import Role
from orderguard.domain.webhooks.webhook import WebhookSecret
from orderguard.randomness import new_webhook_endpoint_id, new_webhook_secret

DELIVERIES_SHOWN = 100
HEALTH_OF_LAST = 20

MEANINGS = {
    EventType.ORDER_ACCEPTED: "An order was recognised as accepting the offer.",
    EventType.COVERAGE_ACTIVATED: "Something has to be honoured from now on.",
    EventType.COVERAGE_CHANGED: "What has to be honoured is more or less than before.",
    EventType.COVERAGE_VOIDED: "It has to be honoured no more.",
    EventType.STATEMENT_CLOSED: "A month was closed.",
}
EVENT_TYPES = tuple((type_.value, type_.value, MEANINGS[type_]) for type_ in EventType)

HOURS = {"1": "1 hour", "24": "1 day", "168": "1 week", "720": "30 days"}


class WebhookPages:
    """The pages of webhooks: all endpoints, one with its deliveries, and its buttons."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._database = parts.database
        one = "/webhooks/{endpoint_id}"
        self.rows = (
            PageRow("GET", "/webhooks", Role.VIEWER, self.show),
            PageRow("POST", "/webhooks", Role.EDITOR, self.register),
            PageRow("GET", one, Role.VIEWER, self.show_one),
            PageRow("POST", f"{one}/disable", Role.EDITOR, self.disable),
            PageRow("POST", f"{one}/enable", Role.EDITOR, self.enable),
            PageRow("POST", f"{one}/remove", Role.EDITOR, self.remove),
            PageRow("POST", f"{one}/replay", Role.EDITOR, self.replay),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request, Fields())

    def _page(
        self,
        request: PageRequest,
        entered: Fields,
        *,
        secret: WebhookSecret | None = None,
        problem: str = "",
    ) -> Reply:
        with self._database.read() as work:
            endpoints = [
                (
                    endpoint,
                    Counter(
                        each.state
                        for each in work.webhook_deliveries.of_endpoint(
                            endpoint, limit=HEALTH_OF_LAST
                        )
                    ),
                )
                for endpoint in work.webhook_endpoints.of_merchant(request.merchant.id)
            ]
        context = {
            "endpoints": endpoints,
            "event_types": EVENT_TYPES,
            "endpoints_at_most": ENDPOINTS_AT_MOST,
            "entered": entered,
            "secret": secret,
            "problem": problem,
        }
        return Rendered("webhooks.html.j2", context, status=422 if problem else 200)

    def register(self, request: PageRequest) -> Reply:
        secret = new_webhook_secret()
        try:
            register_webhook_endpoint(
                self._database,
                request.merchant.id,
                request.form.text("url"),
                event_types=request.form.all("event_type"),
                new_id=new_webhook_endpoint_id(),
                secret=secret,
                resolve=self._parts.resolve,
                allows_private=self._parts.webhooks_allow_private,
                change=request.real_change,
            )
        except (Malformed, TooManyEndpoints) as error:
            return self._page(request, request.form, problem=str(error))
        return self._page(request, Fields(), secret=secret)

    def show_one(self, request: PageRequest) -> Reply:
        return self._one(request)

    def _one(self, request: PageRequest, problem: str = "") -> Reply:
        with self._database.read() as work:
            endpoint = get_webhook_endpoint(
                work, request.values["endpoint_id"], within=request.merchant.id
            )
            deliveries = work.webhook_deliveries.of_endpoint(endpoint, limit=DELIVERIES_SHOWN)
        context = {
            "endpoint": endpoint,
            "deliveries": deliveries,
            "hours": tuple(HOURS.items()),
            "problem": problem,
        }
        return Rendered("webhook.html.j2", context, status=422 if problem else 200)

    def disable(self, request: PageRequest) -> Reply:
        endpoint = disable_webhook_endpoint(
            self._database,
            request.values["endpoint_id"],
            within=request.merchant.id,
            change=request.real_change,
        )
        return SeeOther(
            request.to(f"/webhooks/{endpoint.id}"),
            "Disabled. What happens meanwhile is kept for it.",
        )

    def enable(self, request: PageRequest) -> Reply:
        endpoint = enable_webhook_endpoint(
            self._database,
            request.values["endpoint_id"],
            within=request.merchant.id,
            change=request.real_change,
        )
        return SeeOther(
            request.to(f"/webhooks/{endpoint.id}"), "Enabled. It goes on where it stopped."
        )

    def remove(self, request: PageRequest) -> Reply:
        remove_webhook_endpoint(
            self._database,
            request.values["endpoint_id"],
            within=request.merchant.id,
            change=request.real_change,
        )
        return SeeOther(request.to("/webhooks"), "Removed, with its secret and its log.")

    def replay(self, request: PageRequest) -> Reply:
        hours, event = request.form.text("hours"), request.form.text("event")
        since = request.at - timedelta(hours=int(hours)) if hours in HOURS else None
        try:
            count = replay_webhook_events(
                self._database,
                request.values["endpoint_id"],
                event_ids=[event] if event else (),
                since=since,
                within=request.merchant.id,
                change=request.real_change,
            )
        except Malformed:
            return self._one(request, "Enable the endpoint first, and say which events.")
        except NotFound:
            return self._one(request, "This endpoint has no such event.")
        sent = "1 event is" if count == 1 else f"{count} events are"
        return SeeOther(
            request.to(f"/webhooks/{request.values['endpoint_id']}"),
            f"{sent} sent again, in order.",
        )
