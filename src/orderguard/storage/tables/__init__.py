"""The tables of both databases, for queries; `tests/storage` compares them with the migrations.

Keys lead with the merchant, so that tables can be spread by merchant. Instants are microseconds
since 1970 in UTC: the one form that both databases keep exactly.
"""

# ruff: noqa: F401
from __future__ import annotations

from orderguard.storage.tables.analytics import (
    analytics_facts,
    analytics_months,
    analytics_progress,
    analytics_rollups,
)
from orderguard.storage.tables.columns import EPOCH, from_microseconds, metadata, to_microseconds
from orderguard.storage.tables.configurations import (
    configurations,
    drafts,
    scheduled_publications,
    shadow_runs,
)
from orderguard.storage.tables.installation import (
    api_keys,
    audit_trail,
    change_counter,
    clock_record,
    latency_hours,
    merchants,
)
from orderguard.storage.tables.offers import (
    analyses,
    cart_bindings,
    offer_sessions,
    session_carts,
    session_quotes,
    stored_bytes,
)
from orderguard.storage.tables.orders import coverages, entries, orders, postings, statements
from orderguard.storage.tables.people import (
    account_sessions,
    accounts,
    failed_sign_ins,
    memberships,
    sign_in_links,
)
from orderguard.storage.tables.requests import request_log
from orderguard.storage.tables.webhooks import (
    outbox,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)
