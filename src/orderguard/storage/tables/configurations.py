"""Configurations: published versions, drafts, scheduled publications and shadow runs."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from orderguard.storage.tables.columns import Instant, metadata

configurations = Table(
    "configurations",
    metadata,
    Column("merchant_id", String(20), ForeignKey("merchants.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", String(100), nullable=False),
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
