"""Accounts that sign in to the console."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from orderguard.storage.tables.columns import Instant, metadata

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
