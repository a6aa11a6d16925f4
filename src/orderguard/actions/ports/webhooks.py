"""The interface to webhook endpoints and deliveries; storage implements it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery, EndedAttempt
from orderguard.domain.webhooks.webhook import (
    CommittedEvent,
    Delivery,
    DisabledBecause,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
)


class WebhookEndpoints(Protocol):
    """Merchants' webhook endpoints. Secrets can be stored here, but not read."""

    def add(self, endpoint: WebhookEndpoint, secret: WebhookSecret) -> None:
        """Add an endpoint; it receives events from now on."""

    def find_anywhere(self, id_: WebhookEndpointId) -> WebhookEndpoint | None:
        """The endpoint with this id, of any merchant: for the operator only."""

    def of_merchant(self, merchant: MerchantId) -> Sequence[WebhookEndpoint]: ...

    def disable(self, endpoint: WebhookEndpoint, because: DisabledBecause, *, at: datetime) -> None:
        """Stop sending to an endpoint; its events are kept. The first reason to disable is kept."""

    def enable(self, endpoint: WebhookEndpoint, *, at: datetime) -> None:
        """Resume delivery where it stopped."""

    def remove(self, endpoint: WebhookEndpoint) -> None:
        """Delete an endpoint with its secret, its deliveries and their log."""


class WebhookDeliveries(Protocol):
    """Deliveries: an event for an endpoint, its next attempt, and the log of its attempts."""

    def endpoints_behind(self) -> Sequence[WebhookEndpoint]:
        """Enabled endpoints with events that are not queued for them yet."""

    def endpoints_with_due(self, *, at: datetime) -> Sequence[WebhookEndpoint]:
        """Enabled endpoints with due deliveries."""

    def line_up_new(self, endpoint: WebhookEndpoint, *, limit: int, at: datetime) -> None:
        """Queue deliveries of the next events, of the types that the endpoint subscribed to."""

    def claim(
        self,
        endpoint: WebhookEndpoint,
        *,
        at: datetime,
        limit: int,
        lease: str,
        lease_expires_at: datetime,
    ) -> Sequence[ClaimedDelivery]:
        """Lease up to `limit` due deliveries, no two of one topic: other processes skip them."""

    def settle(self, ended: Sequence[EndedAttempt], *, at: datetime) -> Sequence[EndedAttempt]:
        """Record attempts and their verdicts, except those whose lease was lost.

        Returns the recorded ones, in any order.
        """

    def hand_back(self, claimed: ClaimedDelivery, *, at: datetime) -> None:
        """Release a lease without an attempt, so that any process may deliver instead."""

    def ask_again(
        self, endpoint: WebhookEndpoint, sequences: Collection[int], *, at: datetime
    ) -> None:
        """Queue these events for delivery again, in order with the unsettled deliveries."""

    def past_events(
        self,
        endpoint: WebhookEndpoint,
        *,
        since: datetime | None = None,
        event_ids: Collection[str] = (),
        after: int = 0,
        limit: int,
    ) -> Sequence[tuple[int, CommittedEvent]]:
        """Events that were queued or skipped, with their sequence numbers, in order."""

    def of_endpoint(self, endpoint: WebhookEndpoint, *, limit: int) -> Sequence[Delivery]:
        """The last deliveries, newest event first."""
