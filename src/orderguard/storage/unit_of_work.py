"""A transaction, and the stored collections that it gives access to."""

from __future__ import annotations

from sqlalchemy import Connection

from orderguard.storage.account_sessions import (
    SqlAccountSessions,
    SqlFailedSignIns,
    SqlSignInLinks,
)
from orderguard.storage.accounts import SqlAccounts
from orderguard.storage.analytics import SqlAnalytics
from orderguard.storage.api_keys import SqlApiKeys
from orderguard.storage.audit_trail import SqlAuditTrail
from orderguard.storage.clock_record import SqlClockRecord
from orderguard.storage.configurations import SqlPublishedConfigurations
from orderguard.storage.coverages import SqlCoverages
from orderguard.storage.drafts import SqlDrafts
from orderguard.storage.funnel import SqlFunnel
from orderguard.storage.ledger import SqlLedger
from orderguard.storage.merchants import SqlMerchants
from orderguard.storage.offer_sessions import SqlOfferSessions
from orderguard.storage.order_intake import SqlOrderIntake
from orderguard.storage.orders import SqlOrders
from orderguard.storage.outbox import SqlOutbox
from orderguard.storage.request_log import SqlRequestLog
from orderguard.storage.sandbox_data import SqlSandboxData
from orderguard.storage.scheduled_publications import SqlScheduledPublications
from orderguard.storage.session_search import SqlSessionSearch
from orderguard.storage.shadow_runs import SqlShadowRuns
from orderguard.storage.traffic import SqlTraffic
from orderguard.storage.vitals import SqlVitals
from orderguard.storage.webhook_deliveries import SqlWebhookDeliveries
from orderguard.storage.webhook_endpoints import SqlWebhookEndpoints


class SqlUnitOfWork:
    """The stored collections of one unit of work, which share a connection and a transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.merchants = SqlMerchants(connection)
        self.api_keys = SqlApiKeys(connection)
        self.audit = SqlAuditTrail(connection)
        self.accounts = SqlAccounts(connection)
        self.account_sessions = SqlAccountSessions(connection)
        self.sign_in_links = SqlSignInLinks(connection)
        self.failed_sign_ins = SqlFailedSignIns(connection)
        self.configurations = SqlPublishedConfigurations(connection)
        self.drafts = SqlDrafts(connection)
        self.scheduled_publications = SqlScheduledPublications(connection)
        self.clock_record = SqlClockRecord(connection)
        self.offer_sessions = SqlOfferSessions(connection)
        self.orders = SqlOrders(connection)
        self.order_intake = SqlOrderIntake(connection)
        self.coverages = SqlCoverages(connection)
        self.ledger = SqlLedger(connection)
        self.outbox = SqlOutbox(connection)
        self.funnel = SqlFunnel(connection)
        self.session_search = SqlSessionSearch(connection)
        self.shadow_runs = SqlShadowRuns(connection)
        self.analytics = SqlAnalytics(connection)
        self.webhook_endpoints = SqlWebhookEndpoints(connection)
        self.webhook_deliveries = SqlWebhookDeliveries(connection)
        self.sandbox_data = SqlSandboxData(connection)
        self.traffic = SqlTraffic(connection)
        self.request_log = SqlRequestLog(connection)
        self.vitals = SqlVitals(connection)
