"""The interface to offer sessions for everything but `analyze`; storage implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from orderguard.domain.analytics.funnel import FunnelDay, SessionOutcome
from orderguard.domain.ids import (
    MerchantId,
    SessionId,
)
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer_session import OfferSession
from orderguard.domain.offers.session_summary import (
    SessionFilter,
    SessionPage,
    SessionPlace,
    SessionSummary,
    TimelineEntry,
)
from orderguard.domain.what_if.shadow_run import (
    StoredAnswer,
)


class OfferSessions(Protocol):
    """Offer sessions for the console, not for `analyze`."""

    def find(self, session: SessionId) -> OfferSession | None:
        """The session with this id, of any merchant: for the operator only."""

    def analyses(self, session: OfferSession) -> Sequence[Analysis]:
        """All analyses, oldest first."""

    def last_analyses(self) -> Mapping[MerchantId, datetime]:
        """When the last analysis of each merchant was, by the merchant's clock."""

    def oldest_idle(self, *, idle_since: datetime) -> datetime | None:
        """The last analysis of the oldest session that has been idle since then."""


class Funnel(Protocol):
    """Counts of sessions by outcome and day, and the outcome of one session."""

    def days(
        self, merchant: MerchantId, *, since: datetime, at: datetime
    ) -> Sequence[FunnelDay]: ...

    def outcome_of(
        self, merchant: MerchantId, session: SessionId, *, at: datetime
    ) -> SessionOutcome: ...


class SessionSearch(Protocol):
    """Searches the sessions of one merchant. Read-only."""

    def page(
        self,
        merchant: MerchantId,
        wanted: SessionFilter,
        *,
        after: SessionPlace | None = None,
        limit: int,
    ) -> SessionPage:
        """Sessions that match the filter, last analysed first, after the cursor `after`."""

    def find(self, merchant: MerchantId, session: SessionId) -> SessionSummary | None: ...

    def find_by_cart_id(self, merchant: MerchantId, cart_id: str) -> SessionId | None: ...

    def find_by_request_id(self, merchant: MerchantId, request_id: str) -> SessionId | None:
        """The session with an analysis of this request id; searches only the latest sessions."""

    def timeline(self, merchant: MerchantId, session: SessionId) -> Sequence[TimelineEntry]:
        """The session's analyses, oldest first; of a long session only the latest."""

    def analysis(
        self, merchant: MerchantId, session: SessionId, ordinal: int
    ) -> Analysis | None: ...

    def latest_answers(
        self, merchant: MerchantId, *, after: SessionPlace | None, limit: int
    ) -> Sequence[StoredAnswer]:
        """The latest analysis of each session after the cursor `after`, last analysed first."""
