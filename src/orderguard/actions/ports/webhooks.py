"""What the actions need of webhooks; storage provides it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.ids import (
    MerchantId,
)
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery
from orderguard.domain.webhooks.webhook import (
    Attempt,
    CommittedEvent,
    Delivery,
    DisabledBecause,
    Verdict,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
)


class WebhookEndpoints(Protocol):
    """Where merchants want to be told. Secrets go in and do not come out here."""

    def add(self, endpoint: WebhookEndpoint, secret: WebhookSecret) -> None:
        """It is told of what happens from now on."""

    def find_anywhere(self, id_: WebhookEndpointId) -> WebhookEndpoint | None:
        """The endpoint with this id, of whichever merchant: for the operator only."""

    def of_merchant(self, merchant: MerchantId) -> Sequence[WebhookEndpoint]: ...

    def disable(self, endpoint: WebhookEndpoint, because: DisabledBecause, *, at: datetime) -> None:
        """Hold everything back, also what happens from now on. The first reason stays."""

    def enable(self, endpoint: WebhookEndpoint, *, at: datetime) -> None:
        """Go on where it stopped."""

    def remove(self, endpoint: WebhookEndpoint) -> None:
        """With its secret, its deliveries and their log."""


class WebhookDeliveries(Protocol):
    """Which event is to be sent to which endpoint, when, and how that went."""

    def endpoints_behind(self) -> Sequence[WebhookEndpoint]:
        """Enabled endpoints for which there are events that have not been lined up."""

    def endpoints_with_due(self, *, at: datetime) -> Sequence[WebhookEndpoint]:
        """Enabled endpoints for which there is something to attempt."""

    def line_up_new(self, endpoint: WebhookEndpoint, *, limit: int, at: datetime) -> None:
        """Make deliveries of the next events that the endpoint wants."""

    def claim(
        self,
        endpoint: WebhookEndpoint,
        *,
        at: datetime,
        limit: int,
        lease: str,
        lease_expires_at: datetime,
    ) -> Sequence[ClaimedDelivery]:
        """Take up to `limit` due deliveries, no two of one topic, for nobody else to attempt."""

    def settle(
        self, claimed: ClaimedDelivery, attempt: Attempt, verdict: Verdict, *, at: datetime
    ) -> bool:
        """Record an attempt and what follows; False, and nothing changed, if the lease was lost."""

    def hand_back(self, claimed: ClaimedDelivery, *, at: datetime) -> None:
        """Let anybody attempt it, as if we never had."""

    def ask_again(
        self, endpoint: WebhookEndpoint, sequences: Collection[int], *, at: datetime
    ) -> None:
        """Deliver these events once more, in order with all that is unsettled."""

    def past_events(
        self,
        endpoint: WebhookEndpoint,
        *,
        since: datetime | None = None,
        event_ids: Collection[str] = (),
        after: int = 0,
        limit: int,
    ) -> Sequence[tuple[int, CommittedEvent]]:
        """Events that were lined up or passed over, with their sequences, in order."""

    def of_endpoint(self, endpoint: WebhookEndpoint, *, limit: int) -> Sequence[Delivery]:
        """The last deliveries, newest event first."""
