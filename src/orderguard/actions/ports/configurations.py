"""The interface to stored configurations, drafts and scheduled publications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.configuration.draft import Draft, DraftId
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.scheduled_publication import (
    ScheduledPublication,
    ScheduledPublicationId,
    ScheduledStatus,
)
from orderguard.domain.ids import (
    ConfigurationVersion,
    MerchantId,
)
from orderguard.domain.people.audit import Change


class PublishedConfigurations(Protocol):
    """Every version ever published. Versions are never changed."""

    def add(self, published: PublishedConfiguration) -> None: ...

    def latest(self, merchant: MerchantId) -> PublishedConfiguration | None: ...

    def find(
        self, merchant: MerchantId, version: ConfigurationVersion
    ) -> PublishedConfiguration | None: ...

    def history(
        self,
        merchant: MerchantId,
        *,
        before: ConfigurationVersion | None = None,
        limit: int | None = None,
    ) -> Sequence[PublishedConfiguration]:
        """The published versions, newest first: all, or up to `limit` below `before`."""


class Drafts(Protocol):
    """Drafts of configurations. Each change names the revision it was made from."""

    def add(self, draft: Draft) -> None: ...

    def find(self, merchant: MerchantId, draft: DraftId) -> Draft | None: ...

    def of_merchant(self, merchant: MerchantId) -> Sequence[Draft]:
        """All drafts of a merchant, most recently changed first."""

    def count(self, merchant: MerchantId) -> int: ...

    def change(self, before: Draft, *, name: str, source: str, change: Change) -> bool:
        """Write the next revision; False, and nothing changed, when it exists already."""

    def remove(self, draft: Draft) -> bool:
        """Remove the draft; False when it no longer exists in this revision."""


class ScheduledPublications(Protocol):
    """Scheduled publications, waiting and settled. A waiting publication is settled once."""

    def add(self, publication: ScheduledPublication) -> None: ...

    def find(
        self, merchant: MerchantId, id_: ScheduledPublicationId
    ) -> ScheduledPublication | None: ...

    def of_merchant(self, merchant: MerchantId, *, limit: int) -> Sequence[ScheduledPublication]:
        """The waiting publications, soonest first, and then the settled ones, latest first."""

    def count_waiting(self, merchant: MerchantId) -> int: ...

    def due(self, *, at: datetime, limit: int) -> Sequence[ScheduledPublication]:
        """The due publications of all merchants, in the order of their times."""

    def reschedule(self, publication: ScheduledPublication, due_at: datetime) -> bool:
        """Reschedule; False, and nothing changed, when the publication is not waiting any more."""

    def settle(
        self,
        publication: ScheduledPublication,
        status: ScheduledStatus,
        *,
        at: datetime,
        version: ConfigurationVersion | None = None,
        failure: str | None = None,
    ) -> bool:
        """Settle; False, and nothing changed, when it is not waiting for this time any more."""
