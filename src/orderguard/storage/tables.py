"""The schema, for both databases. Migrations change it; `tests/storage` holds the two together.

Keys lead with the merchant, so that tables can be spread by merchant. Instants are microseconds
since 1970 in UTC: the one form that both databases keep exactly.

Long because a schema is looked up in one place, and each table is only its columns.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(instant: datetime) -> int:
    """Exact, unlike `timestamp()`, which is a float."""
    return (instant - EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    return EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """A zoned datetime, kept as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_microseconds(value)


def queue_index(name: str, condition: str) -> Index:
    """A partial index of the rows that a chore has still to process."""
    waits = text(condition)
    return Index(name, "merchant_id", "id", sqlite_where=waits, postgresql_where=waits)


metadata = MetaData()

merchants = Table(
    "merchants",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("merchant_id", String(20), ForeignKey("merchants.id"), nullable=False, index=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("origins", JSON, nullable=False),
    Column("requests_per_minute", Integer),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("last_used_at", Instant),
)

configurations = Table(
    "configurations",
    metadata,
    Column("merchant_id", String(20), ForeignKey("merchants.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", String(100), nullable=False),
)

# One row. It counts changes of keys and configurations, so that processes detect them cheaply.
change_counter = Table(
    "change_counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
)

offer_sessions = Table(
    "offer_sessions",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(24), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("analysis_count", Integer, nullable=False),
    # Whether the offer could be shown at least once; tells "not shown" from "abandoned".
    Column("ever_eligible", Boolean, nullable=False),
    # An order refers to it, so retention does not apply.
    Column("is_kept", Boolean, nullable=False),
    # How many of its analyses the rollups contain. Sessions with fewer are the roll-up queue.
    Column("counted", Integer, nullable=False, server_default="0"),
    # Whether an order that stands is linked to it now. NULL: not said since 0011; then `is_kept`.
    Column("has_order", Boolean),
    # Whether all its quotes are in `session_quotes`. NULL: it began before 0011.
    Column("has_quotes", Boolean),
    Index("ix_offer_sessions_latest", "merchant_id", "updated_at", "id"),
    queue_index("ix_offer_sessions_uncounted", "counted <> analysis_count"),
)

# Exactly one session per merchant and cart id is this primary key's job.
cart_bindings = Table(
    "cart_bindings",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("cart_id", String(255), primary_key=True),
    Column("session_id", String(24), nullable=False),
    # Session ids are unique by themselves; see migration 0010.
    Index("ix_cart_bindings_session", "session_id"),
)

analyses = Table(
    "analyses",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("session_id", String(24), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("analysed_at", Instant, nullable=False),
    Column("configuration_version", Integer),
    Column("request_id", String(128), nullable=False),
    Column("reason", String(64), nullable=False),
    # Empty when the cart is in `session_carts`, under this digest.
    Column("cart", LargeBinary, nullable=False),
    Column("offer", LargeBinary, nullable=False),
    # NULL: the cart is here; empty: here as well, but without its lines.
    Column("cart_digest", LargeBinary(16)),
)

# The carts of a session, each once, however often it was analysed.
session_carts = Table(
    "session_carts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("session_id", String(24), primary_key=True),
    Column("digest", LargeBinary(16), primary_key=True),
    Column("cart", LargeBinary, nullable=False),
)

# The distinct quotes of a session, with the latest analysis that gave each: what orders are
# compared with.
session_quotes = Table(
    "session_quotes",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("session_id", String(24), primary_key=True),
    Column("digest", LargeBinary(16), primary_key=True),
    Column("ordinal", Integer, nullable=False),
    Column("quote", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# How many bytes were stored for a merchant's analyses on a day.
stored_bytes = Table(
    "stored_bytes",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("external_id", String(100)),
    Column("document", LargeBinary, nullable=False),
    Column("acceptance", LargeBinary, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("verdict", String(20)),
    # The session this order is linked to. Unique: the first order that stands keeps the link.
    Column("session_id", String(24)),
    Column("configuration_version", Integer),
    Column("revision", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    # The revision that the rollups contain.
    Column("counted", Integer, nullable=False, server_default="0"),
    # The next three have defaults for a process of the release before, which still inserts.
    Column("status", String(16), nullable=False, server_default="active"),
    # False once the order was cancelled or refunded in full: its session is free for another one.
    Column("stands", Boolean, nullable=False, server_default=true()),
    Column("needs_review", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("merchant_id", "external_id", name="uq_orders_external_id"),
    UniqueConstraint("merchant_id", "session_id", name="uq_orders_session_id"),
    Index("ix_orders_received", "merchant_id", "received_at", "id"),
    Index("ix_orders_changed", "merchant_id", "changed_at"),
    Index("ix_orders_verdict", "merchant_id", "verdict", "received_at", "id"),
    queue_index("ix_orders_uncounted", "counted <> revision"),
    Index("ix_orders_status", "merchant_id", "status", "received_at", "id"),
    Index("ix_orders_review", "merchant_id", "needs_review", "received_at", "id"),
)

coverages = Table(
    "coverages",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, nullable=False),
    Column("mode", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("void_reason", String(32)),
    Column("scope", LargeBinary, nullable=False),
    Column("active_from", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("history", LargeBinary, nullable=False),
    UniqueConstraint("merchant_id", "order_id", "mode", name="uq_coverages_order_mode"),
)

# Append-only, by triggers; see the migration. A posting is written after its entries, and only if
# they sum to zero per currency.
postings = Table(
    "postings",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(40), primary_key=True),
    Column("order_id", BigInteger, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reverses", String(40)),
    Column("because", String(32)),
    Column("posted_at", Instant, nullable=False),
    Column("period", String(7), nullable=False),
    UniqueConstraint("merchant_id", "order_id", "sequence", name="uq_postings_order_sequence"),
    UniqueConstraint("merchant_id", "reverses", name="uq_postings_reverses"),
    Index("ix_postings_period", "merchant_id", "period"),
    Index("ix_postings_posted", "merchant_id", "posted_at"),
)

entries = Table(
    "entries",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("posting_id", String(40), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", String(32), nullable=False),
    Column("mode", String(32)),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["merchant_id", "posting_id"],
        ["postings.merchant_id", "postings.id"],
        name="fk_entries_posting",
        deferrable=True,
        initially="DEFERRED",
    ),
)

statements = Table(
    "statements",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("closed_at", Instant, nullable=False),
    Column("closed_by", String(100), nullable=False),
)

# Drafts of configurations. Every change raises the revision by one.
drafts = Table(
    "drafts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("source", Text, nullable=False),
    # The version that was published when it began.
    Column("based_on", Integer),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(100), nullable=False),
)

# Scheduled publications, with the text as it was when they were scheduled.
scheduled_publications = Table(
    "scheduled_publications",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("source", Text, nullable=False),
    Column("based_on", Integer),
    Column("draft_id", String(20)),
    Column("due_at", Instant, nullable=False),
    Column("status", String(16), nullable=False),
    Column("scheduled_at", Instant, nullable=False),
    Column("scheduled_by", String(100), nullable=False),
    Column("settled_at", Instant),
    # The published version, or why publishing failed.
    Column("version", Integer),
    Column("failure", Text),
    Index("ix_scheduled_publications_due", "status", "due_at"),
)

# Replays of past sessions against a draft. The process that carries one out notes its progress.
shadow_runs = Table(
    "shadow_runs",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(20), primary_key=True),
    Column("draft_id", String(40)),
    Column("source", Text, nullable=False),
    Column("last", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("replayed", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("progressed_at", Instant, nullable=False),
    Column("started_by", String(100), nullable=False),
    Column("report", LargeBinary),
    Column("failure", Text),
    Index("ix_shadow_runs_started", "merchant_id", "started_at"),
)

# What each session adds to the rollups, so that it can be taken back when the session changes. The
# subject is a session's id, or the number of an order without one.
analytics_facts = Table(
    "analytics_facts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("subject", String(24), primary_key=True),
    # As of which analysis and which revision of which order.
    Column("analysis_count", Integer, nullable=False),
    Column("order_id", BigInteger),
    Column("order_revision", Integer, nullable=False),
    # When it changes by the passing of time alone.
    Column("due_at", Instant),
    Column("facts", LargeBinary, nullable=False),
    Index("ix_analytics_facts_order", "merchant_id", "order_id"),
    Index("ix_analytics_facts_due", "merchant_id", "due_at"),
)


def _sums(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("merchant_id", String(20), primary_key=True),
        Column("dimension", String(16), primary_key=True),
        Column("day", Date, primary_key=True),
        Column("value", String(200), primary_key=True),
        Column("currency", String(3), primary_key=True),
        Column("measure", String(64), primary_key=True),
        Column("total", BigInteger, nullable=False),
    )


# The sums of all facts: per day, one dimension's value, currency and measure.
analytics_rollups = _sums("analytics_rollups")

# The same per month, under its first day.
analytics_months = _sums("analytics_months")

# Every round of a merchant's rollups raises the number by one, so that of two processes at the same
# round only one gets through. The instants are for the release before 0012 only.
analytics_progress = Table(
    "analytics_progress",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("round", BigInteger, nullable=False),
    Column("sessions_through", Instant, nullable=False),
    Column("orders_through", Instant, nullable=False),
)

# One row: the time that servers have confirmed last. While a clock differs from it by more than a
# day: where that clock was last, and for how long it has run evenly (docs/decisions/0056).
clock_record = Table(
    "clock_record",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("confirmed_at", Instant, nullable=False),
    Column("doubtful_at", Instant),
    Column("held_us", BigInteger, nullable=False),
)

# How long analyze took, of the whole installation. `up_to_us` 0 stands for longer than all others.
latency_hours = Table(
    "latency_hours",
    metadata,
    Column("hour", Instant, primary_key=True, autoincrement=False),
    Column("up_to_us", BigInteger, primary_key=True, autoincrement=False),
    Column("answers", BigInteger, nullable=False),
)

# Who changed what. Append-only, by triggers; see the migration.
audit_trail = Table(
    "audit_trail",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("at", Instant, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Index("ix_audit_trail_actor", "merchant_id", "actor", "at", "ordinal"),
)

# People who may sign in to the console.
accounts = Table(
    "accounts",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("email", String(100), nullable=False, unique=True),
    # The Argon2 hash of the password; NULL until the first password is chosen.
    Column("password_hash", String(200)),
    Column("created_at", Instant, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("merchant_id", String(20), ForeignKey("merchants.id"), primary_key=True),
    Column("account_id", String(20), ForeignKey("accounts.id"), primary_key=True),
    Column("role", String(16), nullable=False),
    Index("ix_memberships_account", "account_id"),
)

# Account sessions. Only the hash of the cookie's token is stored; people see the id.
account_sessions = Table(
    "account_sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("id", String(20), nullable=False, unique=True),
    Column("account_id", String(20), ForeignKey("accounts.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("address", String(64), nullable=False),
    Column("browser", String(200), nullable=False),
    Index("ix_account_sessions_account", "account_id"),
)

# One-time sign-in links: to create the first account, or to choose a password.
sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    # NULL: the holder of the link creates the first account.
    Column("account_id", String(20), ForeignKey("accounts.id")),
    Column("expires_at", Instant, nullable=False),
)

# Recent failed sign-ins: all processes together throttle the guessing of passwords.
failed_sign_ins = Table(
    "failed_sign_ins",
    metadata,
    # A hash of the e-mail address tried, or of the network address it was tried from.
    Column("subject", LargeBinary(32), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# The outbox: events in commit order, from which webhooks are sent.
outbox = Table(
    "outbox",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", String(32), nullable=False),
    Column("type", String(32), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("merchant_id", "event_id", name="uq_outbox_event_id"),
)

# Webhook endpoints. The secret is stored in plain text, because we sign with it.
webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("id", String(20), primary_key=True),
    Column("url", Text, nullable=False),
    Column("event_types", JSON, nullable=False),
    Column("secret", String(100), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("disabled_because", String(16)),
    # The last event of the outbox that has its place among the deliveries, if it was wanted.
    Column("lined_up_through", BigInteger, nullable=False),
)

# One event for one endpoint. `due_at` is set while it may be sent; while it is being sent, to when
# the sender is presumed dead. The lease names that sender.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("endpoint_id", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant),
    Column("lease", String(32)),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("settled_at", Instant),
    Index("ix_webhook_deliveries_due", "merchant_id", "endpoint_id", "due_at"),
    Index("ix_webhook_deliveries_topic", "merchant_id", "endpoint_id", "topic"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("merchant_id", String(20), primary_key=True),
    Column("endpoint_id", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("attempted_at", Instant, nullable=False),
    Column("duration_us", BigInteger, nullable=False),
    Column("status", Integer),
    Column("error", String(200)),
)
