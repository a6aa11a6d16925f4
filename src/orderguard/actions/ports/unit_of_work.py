"""The interface to the database: units of work and the collections in them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from orderguard.actions.ports.accounts import Accounts, AccountSessions, FailedSignIns, SignInLinks
from orderguard.actions.ports.analytics import Analytics
from orderguard.actions.ports.api_keys import ApiKeys
from orderguard.actions.ports.audit_trail import AuditTrail
from orderguard.actions.ports.clock_records import ClockRecords
from orderguard.actions.ports.configurations import (
    Drafts,
    PublishedConfigurations,
    ScheduledPublications,
)
from orderguard.actions.ports.ledger import Ledger
from orderguard.actions.ports.merchants import Merchants
from orderguard.actions.ports.offer_sessions import Funnel, OfferSessions, SessionSearch
from orderguard.actions.ports.order_intake import OrderIntake
from orderguard.actions.ports.orders import Coverages, Orders
from orderguard.actions.ports.outbox import Outbox
from orderguard.actions.ports.request_log import RequestLog
from orderguard.actions.ports.sandbox_data import SandboxData
from orderguard.actions.ports.shadow_runs import ShadowRuns
from orderguard.actions.ports.traffic import TrafficRecords
from orderguard.actions.ports.vitals import Vitals
from orderguard.actions.ports.webhooks import WebhookDeliveries, WebhookEndpoints


class UnitOfWork(Protocol):
    """One transaction over all storage but the journal of `analyze`.

    Leaving the block without an error commits.
    """

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
    def order_intake(self) -> OrderIntake: ...

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
    def sandbox_data(self) -> SandboxData: ...

    @property
    def traffic(self) -> TrafficRecords: ...

    @property
    def request_log(self) -> RequestLog: ...

    @property
    def vitals(self) -> Vitals: ...


class Database(Protocol):
    """The database, which begins units of work."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """Begin a unit of work; it commits unless the block raises. Raises `StorageUnavailable`."""

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Begin a read-only unit of work; changes are discarded. Raises `StorageUnavailable`."""
