"""What the actions need from the world. Storage implements it, `wiring` connects the two.

Long because it is the one list of everything that storage must provide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NewType, Protocol

from orderguard.domain.acceptance import SessionEvidence
from orderguard.domain.account import Account, AccountId, AccountSession, Membership, Role
from orderguard.domain.analysis import Analysis, RecordedAnalysis
from orderguard.domain.analytics import Cell, Facts
from orderguard.domain.analytics_facts import OrderOnRecord, SessionOnRecord
from orderguard.domain.api_key import ApiKey
from orderguard.domain.audit import Actor, AuditEntry
from orderguard.domain.configuration import MerchantConfiguration
from orderguard.domain.coverage import Coverage
from orderguard.domain.draft import Draft, DraftId
from orderguard.domain.event import Event
from orderguard.domain.fee_verdict import FeeVerdict
from orderguard.domain.funnel import FunnelDay, SessionOutcome
from orderguard.domain.ids import (
    ApiKeyId,
    ConfigurationVersion,
    CoverageId,
    MerchantId,
    OrderId,
    SessionId,
)
from orderguard.domain.ledger import Account as LedgerAccount
from orderguard.domain.ledger import Posting
from orderguard.domain.merchant import Merchant
from orderguard.domain.money import Currency
from orderguard.domain.month import Month
from orderguard.domain.offer_session import OfferSession
from orderguard.domain.order_record import ALL_ORDERS, OrderRecord, WantedOrders
from orderguard.domain.scheduled_publication import (
    ScheduledPublication,
    ScheduledPublicationId,
    ScheduledStatus,
)
from orderguard.domain.session_summary import (
    SessionFilter,
    SessionPage,
    SessionPlace,
    SessionSummary,
    TimelineEntry,
)
from orderguard.domain.shadow_report import ShadowReport
from orderguard.domain.shadow_run import ShadowRun, ShadowRunId, ShadowRunStatus, StoredAnswer
from orderguard.domain.sign_in_throttle import Failures
from orderguard.domain.statement import PostedSum, Statement
from orderguard.domain.trusted_time import ClockRecord
from orderguard.domain.webhook import (
    Attempt,
    CommittedEvent,
    Delivery,
    DisabledBecause,
    Record,
    Verdict,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
)


class DecidedForAnotherSession(Exception):
    """An experiment's decision was made for a session that is not the cart's, or not any more.

    `actual` is the one to decide for; None when a new one has to begin.
    """

    def __init__(self, actual: SessionId | None) -> None:
        super().__init__(actual)
        self.actual = actual


class OfferSessionJournal(Protocol):
    """The hot path's storage: every method is durable when it returns."""

    async def record(self, analysis: Analysis) -> RecordedAnalysis:
        """Record one analysis and say which session it belongs to.

        Raises `SessionNotFound` when it names a session this merchant does not have,
        `DecidedForAnotherSession`, and `StorageUnavailable`.
        """

    async def find_session_of_cart(self, merchant: MerchantId, cart_id: str) -> SessionId | None:
        """The session that this merchant's cart id is bound to."""

    async def find_offer_session(
        self, merchant: MerchantId, session: SessionId
    ) -> OfferSession | None:
        """The session with its last offer. Raises `StorageUnavailable`."""


class CurrentConfigurations(Protocol):
    """Each merchant's published configuration, compiled and in memory, never stale for long."""

    async def find(self, merchant: MerchantId) -> MerchantConfiguration | None: ...


class KnownKeys(Protocol):
    """Issued keys by hash, in memory, never stale for long."""

    async def find(self, key_hash: bytes) -> ApiKey | None: ...

    def note_use(self, key: ApiKey, *, at: datetime) -> None:
        """Remember that the key was used; it is written down soon, not now."""


@dataclass(frozen=True, slots=True)
class PublishedConfiguration:
    """A version as it was published: the text itself, with its comments."""

    merchant: MerchantId
    version: ConfigurationVersion
    source: str
    published_at: datetime
    published_by: str


class Merchants(Protocol):
    """All merchants. A name is unique."""

    def add(self, merchant: Merchant) -> None:
        """Raises `AlreadyExists`."""

    def find(self, id_or_name: str) -> Merchant | None: ...

    def all(self) -> Sequence[Merchant]: ...

    def lock(self, merchant: MerchantId) -> None:
        """From here on this transaction is alone with the merchant's orders and books."""


class ApiKeys(Protocol):
    """All issued keys, by their hashes."""

    def add(self, key: ApiKey, key_hash: bytes) -> None: ...

    def find(self, id_: ApiKeyId) -> ApiKey | None: ...

    def revoke(self, id_: ApiKeyId, *, at: datetime) -> None: ...

    def of_merchant(self, merchant: MerchantId) -> Sequence[ApiKey]: ...


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
        """Newest first: all, or up to `limit` of those before a version."""


class Drafts(Protocol):
    """Configurations that people are working on. Each change is for one revision."""

    def add(self, draft: Draft) -> None: ...

    def find(self, merchant: MerchantId, draft: DraftId) -> Draft | None: ...

    def of_merchant(self, merchant: MerchantId) -> Sequence[Draft]:
        """The last changed first."""

    def count(self, merchant: MerchantId) -> int: ...

    def change(self, before: Draft, *, name: str, source: str, at: datetime, by: Actor) -> bool:
        """Make the next revision; False, and nothing changed, when there is one already."""

    def remove(self, draft: Draft) -> bool:
        """Whether it was there to be removed, in this revision."""


class ScheduledPublications(Protocol):
    """Publications that wait for their time, and those that did. One that waits is settled once."""

    def add(self, publication: ScheduledPublication) -> None: ...

    def find(
        self, merchant: MerchantId, id_: ScheduledPublicationId
    ) -> ScheduledPublication | None: ...

    def of_merchant(self, merchant: MerchantId, *, limit: int) -> Sequence[ScheduledPublication]:
        """Those that wait, the next one first, and then those that do not, the last one first."""

    def count_waiting(self, merchant: MerchantId) -> int: ...

    def due(self, *, at: datetime, limit: int) -> Sequence[ScheduledPublication]:
        """Of all merchants, those whose time has come, in the order of their times."""

    def put_off(self, publication: ScheduledPublication, due_at: datetime) -> bool:
        """Another time; False, and nothing changed, when it does not wait any more."""

    def settle(
        self,
        publication: ScheduledPublication,
        status: ScheduledStatus,
        *,
        at: datetime,
        version: ConfigurationVersion | None = None,
        failure: str | None = None,
    ) -> bool:
        """End it; False, and nothing changed, when it does not wait for this time any more."""


class OfferSessions(Protocol):
    """Offer sessions as people look at them, away from the hot path."""

    def find(self, session: SessionId) -> OfferSession | None:
        """The session with this id, of whichever merchant: for the operator only."""

    def evidence(self, merchant: MerchantId, session: SessionId) -> SessionEvidence | None:
        """What an order that names this session is compared with; None for a foreign one.

        The work does not grow with the number of analyses.
        """

    def mark_has_order(self, merchant: MerchantId, session: SessionId, *, has_order: bool) -> None:
        """Say whether an order that stands is linked to the session: a cart id that is bound to
        such a session begins a new one (contract §6)."""

    def analyses(self, session: OfferSession) -> Sequence[Analysis]:
        """All analyses, oldest first."""

    def oldest_idle(self, *, idle_since: datetime) -> datetime | None:
        """When the oldest of the sessions was analysed last that may be deleted by then."""


class Orders(Protocol):
    """Orders on record. A deleted one is found no more."""

    def find(self, merchant: MerchantId, order: OrderId) -> OrderRecord | None: ...

    def find_by_external_id(self, merchant: MerchantId, external_id: str) -> OrderRecord | None: ...

    def find_anywhere(self, order: OrderId) -> OrderRecord | None:
        """The order with this id, of whichever merchant: for the operator only."""

    def find_linked_to(self, merchant: MerchantId, session: SessionId) -> OrderId | None: ...

    def linked_to(self, merchant: MerchantId, session: SessionId) -> OrderRecord | None:
        """The order that has the session, whether it still stands or not."""

    def let_go_of_session(self, record: OrderRecord) -> None:
        """The session is free for another order; the order keeps all else that was found."""

    def save(self, record: OrderRecord, *, is_new: bool) -> None:
        """Insert or replace; a linked session is from now on kept for good."""

    def delete(self, record: OrderRecord, *, at: datetime) -> None: ...

    def page(
        self,
        merchant: MerchantId,
        *,
        after: tuple[datetime, OrderId] | None,
        limit: int,
        wanted: WantedOrders = ALL_ORDERS,
        is_ascending: bool = False,
    ) -> Sequence[OrderRecord]:
        """Up to `limit` orders, newest first unless told, beginning after the given place."""

    def to_review(
        self,
        merchant: MerchantId,
        *,
        verdicts: Collection[FeeVerdict] | None = None,
        after: tuple[datetime, OrderId] | None = None,
        limit: int,
    ) -> Sequence[OrderRecord]:
        """Orders that a person should look at, newest first, after the given place.

        Those with one of the verdicts, or without any given all that need a review.
        """

    def count_to_review(self, merchant: MerchantId, *, at_most: int) -> int:
        """How many there are; nobody needs to know how many more than `at_most`."""


class Coverages(Protocol):
    """What the shops have to honour; at most one per order and mode."""

    def find(self, merchant: MerchantId, coverage: CoverageId) -> Coverage | None: ...

    def of_order(self, merchant: MerchantId, order: OrderId) -> Sequence[Coverage]: ...

    def of_orders(
        self, merchant: MerchantId, orders: Collection[OrderId]
    ) -> Mapping[OrderId, Sequence[Coverage]]:
        """The coverages of several orders, of each as `of_order` gives them."""

    def page(
        self,
        merchant: MerchantId,
        *,
        after: CoverageId | None,
        limit: int,
        is_ascending: bool = True,
    ) -> Sequence[Coverage]: ...

    def save(self, merchant: MerchantId, coverage: Coverage) -> None: ...


class Ledger(Protocol):
    """Postings and closed statements. Nothing in it is ever changed."""

    def append(self, merchant: MerchantId, posting: Posting) -> None: ...

    def of_order(self, merchant: MerchantId, order: OrderId) -> Sequence[Posting]: ...

    def sums_of_period(self, merchant: MerchantId, period: Month) -> Sequence[PostedSum]:
        """What was posted in a month, added up."""

    def trial_balance(self, merchant: MerchantId) -> Mapping[Currency, int]: ...

    def sums_since(
        self, merchant: MerchantId, since: datetime
    ) -> Mapping[tuple[Currency, LedgerAccount], int]:
        """What was posted to each account from an instant on; debits positive."""

    def periods(self, merchant: MerchantId) -> tuple[Month, Month] | None:
        """The first and the last month that anything was posted to."""

    def closed_through(self, merchant: MerchantId) -> Month | None:
        """The last closed month; all before it are closed, too."""

    def closed_statement(self, merchant: MerchantId, period: Month) -> Statement | None: ...

    def close(
        self, merchant: MerchantId, statement: Statement, *, at: datetime, by: str
    ) -> None: ...


class Outbox(Protocol):
    """Events, written in the transaction of what they tell about."""

    def add(
        self, merchant: MerchantId, events: Sequence[Event], *, new_event_id: Callable[[], str]
    ) -> None: ...


class AuditTrail(Protocol):
    """Who changed what, written in the transaction of the change. Nothing in it ever changes."""

    def record(
        self,
        merchant: MerchantId,
        *,
        at: datetime,
        actor: Actor,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """See `AuditEntry`. The documents hold JSON values only, and no secrets."""

    def page(
        self,
        merchant: MerchantId,
        *,
        actor: str | None = None,
        action: str | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int,
    ) -> Sequence[AuditEntry]:
        """Up to `limit` entries, newest first, beginning after the given instant and ordinal.

        `action` is how the actions begin: `api_key` finds `api_key.issued`, too.
        """


class Passwords(Protocol):
    """Passwords as they are stored. Both take long, on purpose."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, password_hash: str | None) -> bool:
        """False for None, after as long as for a wrong password."""


class Accounts(Protocol):
    """People who may sign in, and for which merchants they may do what."""

    def add(self, account: Account, password_hash: str | None) -> None:
        """Raises `AlreadyExists`."""

    def exist(self) -> bool:
        """Whether there is any account at all."""

    def find(self, id_: AccountId) -> Account | None: ...

    def find_by_email(self, email: str) -> Account | None: ...

    def password_hash(self, id_: AccountId) -> str | None: ...

    def lock(self, id_: AccountId) -> None:
        """Nobody else lets this account in, or changes who it is, before the unit of work is
        over."""

    def set_password_hash(self, id_: AccountId, password_hash: str | None) -> None:
        """None: there is no way in but a link."""

    def add_membership(self, membership: Membership) -> None: ...

    def set_role(self, membership: Membership, role: Role) -> None: ...

    def remove_membership(self, membership: Membership) -> None: ...

    def membership(self, merchant: MerchantId, id_: AccountId) -> Membership | None: ...

    def memberships_of(self, id_: AccountId) -> Sequence[Membership]: ...

    def members(self, merchant: MerchantId) -> Sequence[Membership]:
        """By e-mail address."""


class AccountSessions(Protocol):
    """Sign-ins that hold, by the hashes of their tokens."""

    def add(self, session: AccountSession, token_hash: bytes) -> None: ...

    def find(self, token_hash: bytes) -> AccountSession | None: ...

    def of_account(self, account: AccountId) -> Sequence[AccountSession]:
        """The last used first."""

    def note_use(self, session: AccountSession, *, at: datetime) -> None: ...

    def remove(self, session: AccountSession) -> None: ...

    def remove_expired(self, *, at: datetime) -> None: ...


class SignInLinks(Protocol):
    """Links that let somebody in once, by the hashes of their tokens."""

    def add(self, token_hash: bytes, account: AccountId | None, *, expires_at: datetime) -> None:
        """For an account; or None, for whoever makes the first one."""

    def find(self, token_hash: bytes, *, at: datetime) -> tuple[AccountId | None] | None:
        """Whom a link lets in that may still be used; None for no such link."""

    def spend(self, token_hash: bytes) -> bool:
        """Whether it was there to be spent; of two who try at once only one succeeds."""

    def remove_of(self, account: AccountId) -> None:
        """All that let this account in."""

    def remove_expired(self, *, at: datetime) -> None: ...


class FailedSignIns(Protocol):
    """Failed sign-ins of late, by what they were about: an account, or an address."""

    def lock(self, subject: str, *, at: datetime) -> Failures:
        """The failures so far, none for a subject that is new; nobody else counts this subject
        before the unit of work is over."""

    def save(self, subject: str, failures: Failures) -> None:
        """For a subject that was locked."""

    def forget(self, subject: str) -> None: ...

    def remove_old(self, *, at: datetime) -> None:
        """Waits for nobody, so that it may come after a lock."""


class Funnel(Protocol):
    """What became of sessions."""

    def days(
        self, merchant: MerchantId, *, since: datetime, at: datetime
    ) -> Sequence[FunnelDay]: ...

    def outcome_of(
        self, merchant: MerchantId, session: SessionId, *, at: datetime
    ) -> SessionOutcome: ...


class SessionSearch(Protocol):
    """The sessions of one merchant, for people who look for one. Never changes anything."""

    def page(
        self,
        merchant: MerchantId,
        wanted: SessionFilter,
        *,
        after: SessionPlace | None = None,
        limit: int,
    ) -> SessionPage:
        """Sessions that the filter lets through, last analysed first."""

    def find(self, merchant: MerchantId, session: SessionId) -> SessionSummary | None: ...

    def find_by_cart_id(self, merchant: MerchantId, cart_id: str) -> SessionId | None: ...

    def find_by_request_id(self, merchant: MerchantId, request_id: str) -> SessionId | None:
        """The session with an analysis of this request, if it is one of the latest."""

    def timeline(self, merchant: MerchantId, session: SessionId) -> Sequence[TimelineEntry]:
        """The latest analyses, oldest first."""

    def analysis(
        self, merchant: MerchantId, session: SessionId, ordinal: int
    ) -> Analysis | None: ...

    def latest_answers(
        self, merchant: MerchantId, *, after: SessionPlace | None, limit: int
    ) -> Sequence[StoredAnswer]:
        """The latest analyses of the sessions behind a place, last analysed first."""


class ShadowRuns(Protocol):
    """Replays of past sessions against a draft: those under way and those that ended."""

    def add(self, run: ShadowRun) -> None: ...

    def find(self, merchant: MerchantId, run: ShadowRunId) -> ShadowRun | None: ...

    def find_anywhere(self, run: ShadowRunId) -> ShadowRun | None:
        """The run with this id, of whichever merchant: for its own process only."""

    def latest(
        self, merchant: MerchantId, *, draft: str | None = None, limit: int
    ) -> Sequence[ShadowRun]:
        """The last runs, newest first; with `draft` only those of this one."""

    def count_alive(self, *, at: datetime, merchant: MerchantId | None = None) -> int:
        """How many runs are under way, of one merchant or in the whole installation."""

    def progress(self, run: ShadowRun, *, replayed: int, at: datetime) -> bool:
        """Note how far a run is; False when it is not to go on."""

    def end(
        self,
        run: ShadowRun,
        status: ShadowRunStatus,
        *,
        at: datetime,
        replayed: int | None = None,
        report: ShadowReport | None = None,
        failure: str | None = None,
    ) -> bool:
        """End a run that is under way; False, and nothing changed, when it has ended already."""


Subject = NewType("Subject", str)
"""What is counted in the rollups: a session's id, or the number of an order without one."""


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The facts that the rollups contain of a subject, and as of when."""

    facts: Facts
    analysis_count: int
    order: OrderId | None
    order_revision: int


@dataclass(frozen=True, slots=True)
class SubjectOnRecord:
    """What is on record of a subject. At least one of the two is there."""

    session: SessionOnRecord | None
    order: OrderOnRecord | None


@dataclass(frozen=True, slots=True)
class CountedOnRecord:
    """What is on record, and how much of it the rollups have.

    `waiting` are in the queue, by their own account since `waiting_since`. `missing` are in the
    facts not at all or not as they are now, and in no queue either.
    """

    sessions: int
    orders: int
    waiting: int
    waiting_since: datetime | None
    missing: int


@dataclass(frozen=True, slots=True)
class Drift:
    """What has to be added to the sums, so that they are those of the facts again."""

    days: Mapping[Cell, int]
    months: Mapping[Cell, int]


class Analytics(Protocol):
    """Rollups, the facts behind them, and what is on record to make facts of."""

    def round(self, merchant: MerchantId) -> int:
        """The number of the last round that was written; 0 before the first."""

    def advance(self, merchant: MerchantId, seen: int) -> bool:
        """Write the round after this one, unless another process did: then False."""

    def uncounted_sessions(
        self, merchant: MerchantId, *, after: Subject, limit: int
    ) -> Sequence[Subject]:
        """Sessions with analyses that are not in the rollups, in the order of their ids."""

    def uncounted_orders(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders with a revision that is not in the rollups, in the order of their ids."""

    def counted_on_record(self, merchant: MerchantId) -> CountedOnRecord:
        """Compare what is on record with the facts, row by row."""

    def due(self, merchant: MerchantId, *, at: datetime, limit: int) -> Sequence[Subject]: ...

    def subjects_of_orders(
        self, merchant: MerchantId, changed: Collection[OrderId]
    ) -> Sequence[Subject]:
        """What these orders count with now, and what they were counted with."""

    def known(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, KeptFacts]: ...

    def on_record(
        self, merchant: MerchantId, subjects: Collection[Subject]
    ) -> Mapping[Subject, SubjectOnRecord]: ...

    def values(
        self, merchant: MerchantId, months: Collection[date]
    ) -> Mapping[tuple[date, str], Mapping[str, int]]:
        """Sessions of these months by value, by the month's first day and the dimension.

        Only of dimensions whose values callers choose freely.
        """

    def replace(
        self,
        merchant: MerchantId,
        current: Mapping[Subject, KeptFacts | None],
        changes: Counter[Cell],
    ) -> None:
        """Keep these facts, None for none any more, and add the changes to the sums."""

    def mark_counted(
        self, merchant: MerchantId, counted: Mapping[Subject, KeptFacts | None]
    ) -> None:
        """Take these out of the queue, as far as they are still as they were counted."""

    def subjects_after(
        self, merchant: MerchantId, after: Subject, *, limit: int
    ) -> Sequence[Subject]:
        """All sessions on record, and all subjects that there are facts about."""

    def orders_without_facts(
        self, merchant: MerchantId, *, after: OrderId, limit: int
    ) -> Sequence[OrderId]:
        """Orders whose present revision no facts are about, in the order of their ids."""

    def drift(self, merchant: MerchantId) -> Drift:
        """By how much the sums differ from those of the facts."""

    def correct(self, merchant: MerchantId, drift: Drift) -> None: ...

    def sums(
        self,
        merchant: MerchantId,
        *,
        first: date,
        last: date,
        dimension: str,
        value: str | None = None,
        by_day: bool = False,
        measures: Collection[str] | None = None,
    ) -> Mapping[Cell, int]:
        """Through the last day; unless `by_day`, every cell's day is the first one.

        `measures` narrows days down.
        """

    def add_latency(self, hour: datetime, answers: Mapping[int, int]) -> None:
        """Count answers of an hour by the upper bound of how long they took, microseconds."""

    def latency(self, *, since: datetime, until: datetime) -> Mapping[int, int]: ...

    def forget_latency(self, *, before: datetime) -> None: ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that is ours to attempt until the lease expires, with all that takes."""

    endpoint: WebhookEndpoint
    secret: WebhookSecret
    sequence: int
    topic: str
    event: CommittedEvent
    attempts: int
    record: Record
    lease: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a database file takes, with its write-ahead log, and what is left; in bytes."""

    database: int
    log: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """How many connections a database server has, of how many it allows."""

    used: int
    allowed: int


class Vitals(Protocol):
    """How the database itself is. None where a kind of database has no such thing."""

    def clock(self) -> datetime | None: ...

    def connections(self) -> Connections | None: ...

    def room(self) -> Room | None: ...

    def last_analysed_at(self, merchant: MerchantId) -> datetime | None: ...

    def stored_bytes(self, merchant: MerchantId, day: date) -> int:
        """What was stored of the merchant's analyses on a day in UTC, nearly."""

    def oldest_undelivered(self, endpoint: WebhookEndpoint) -> datetime | None:
        """When the oldest event happened that this endpoint has still to be told of."""


class ClockRecords(Protocol):
    """What the servers have noted of the time, of the whole installation."""

    def find(self) -> ClockRecord | None: ...

    def save(self, record: ClockRecord) -> None: ...

    def newest_row(self) -> datetime | None:
        """When anything was recorded last, by whichever clock."""


class UnitOfWork(Protocol):
    """One transaction over everything off the hot path. Leaving the block without error commits."""

    @property
    def merchants(self) -> Merchants: ...

    @property
    def api_keys(self) -> ApiKeys: ...

    @property
    def configurations(self) -> PublishedConfigurations: ...

    @property
    def drafts(self) -> Drafts: ...

    @property
    def scheduled_publications(self) -> ScheduledPublications: ...

    @property
    def clock_record(self) -> ClockRecords: ...

    @property
    def offer_sessions(self) -> OfferSessions: ...

    @property
    def orders(self) -> Orders: ...

    @property
    def coverages(self) -> Coverages: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def audit(self) -> AuditTrail: ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def account_sessions(self) -> AccountSessions: ...

    @property
    def sign_in_links(self) -> SignInLinks: ...

    @property
    def failed_sign_ins(self) -> FailedSignIns: ...

    @property
    def funnel(self) -> Funnel: ...

    @property
    def session_search(self) -> SessionSearch: ...

    @property
    def shadow_runs(self) -> ShadowRuns: ...

    @property
    def analytics(self) -> Analytics: ...

    @property
    def webhook_endpoints(self) -> WebhookEndpoints: ...

    @property
    def webhook_deliveries(self) -> WebhookDeliveries: ...

    @property
    def vitals(self) -> Vitals: ...


class Database(Protocol):
    """Where units of work come from."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """One transaction. Raises `StorageUnavailable`."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """For looking only; what is changed is lost. Raises `StorageUnavailable`."""
