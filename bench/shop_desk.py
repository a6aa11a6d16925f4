"""What else a console shows of a large shop: versions, people, an audit trail, webhooks, a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from bench.bulk import Bulk
from bench.model_shop import NAME, Row
from bench.shop import orderguard
from orderguard.actions.manage_drafts import start_draft
from orderguard.actions.publish_configuration import publish_configuration
from orderguard.actions.register_webhook_endpoint import (
    disable_webhook_endpoint,
    register_webhook_endpoint,
)
from orderguard.actions.schedule_publication import schedule_publication
from orderguard.actions.shadow_run import carry_out_shadow_run
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.scheduled_publication import ScheduledPublicationId
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Actor, Change
from orderguard.domain.webhooks.webhook import DeliveryState, WebhookEndpoint
from orderguard.domain.what_if.shadow_run import ShadowRun, ShadowRunStatus
from orderguard.randomness import (
    new_draft_id,
    new_scheduled_publication_id,
    new_shadow_run_id,
    new_webhook_endpoint_id,
    new_webhook_secret,
)
from orderguard.rules.cel import CelCompiler
from orderguard.running.wiring import now, resolve
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import to_microseconds

VERSIONS = 30
DRAFTS = 10
AUDIT_ENTRIES = 20_000
LATENCY_DAYS = 400
REPLAYED = 1_000
EMAIL = "owner@bench.example"

_LATENCIES_US = (500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 0)
_BY = Actor("bench")


@dataclass(frozen=True, slots=True)
class Desk:
    """What there is by now, and every change that is on record."""

    endpoint: WebhookEndpoint
    drafts: Sequence[DraftId]
    publication: ScheduledPublicationId
    audit: Sequence[dict[str, Any]]


def furnish(database_url: str, merchant: MerchantId) -> Desk:
    """Earlier versions of the configuration, drafts, and a webhook that is held back."""
    database = SqlDatabase(database_url)
    try:
        with database.read() as work:
            source = work.configurations.latest(merchant).source  # type: ignore[union-attr]
        for number in range(VERSIONS):
            publish_configuration(
                database,
                CelCompiler(),
                merchant,
                f"# Version {number}\n{source}",
                change=Change(_BY, now()),
            )
        drafts = [
            start_draft(
                database,
                merchant,
                f"Draft {number}",
                new_id=new_draft_id(),
                change=Change(_BY, now()),
            ).id
            for number in range(DRAFTS)
        ]
        publication = schedule_publication(
            database,
            CelCompiler(),
            merchant,
            source,
            name="The sale",
            due_at=now() + timedelta(days=30),
            new_id=new_scheduled_publication_id(),
            change=Change(_BY, now()),
        )
        # Discard: nobody listens, and a disabled endpoint is not even asked.
        endpoint = register_webhook_endpoint(
            database,
            merchant,
            "http://127.0.0.1:9/orderguard",
            new_id=new_webhook_endpoint_id(),
            secret=new_webhook_secret(),
            resolve=resolve,
            allows_private=True,
            change=Change(_BY, now()),
        )
        disable_webhook_endpoint(database, endpoint.id, within=merchant, change=Change(_BY, now()))
        with database.engine.connect() as connection:
            rows = connection.execute(text("SELECT * FROM audit_trail")).all()
        return Desk(endpoint, drafts, publication.id, [dict(row._mapping) for row in rows])
    finally:
        database.dispose()


def fill_desk(bulk: Bulk, desk: Desk, *, at: datetime) -> None:
    """Every event of the outbox delivered, thousands of changes, and a year of latencies."""
    state, settled = DeliveryState.DELIVERED, to_microseconds(at)
    bulk.run(
        "INSERT INTO webhook_deliveries (merchant_id, endpoint_id, sequence, topic, state, "
        "attempts, failures, settled_at) SELECT merchant_id, "
        f"'{desk.endpoint.id}', sequence, topic, '{state}', 1, 0, {settled} FROM outbox"
    )
    bulk.run(
        "UPDATE webhook_endpoints SET lined_up_through = "
        "(SELECT coalesce(max(sequence), 0) FROM outbox)"
    )
    bulk.add("audit_trail", _audit_entries(desk, at))
    bulk.add("latency_hours", _latencies(at))


def _audit_entries(desk: Desk, at: datetime) -> list[Row]:
    """What the real actions recorded, over and over, ever further in the past."""
    instant = to_microseconds(at - timedelta(days=1))
    return [
        _as_stored(
            desk.audit[number % len(desk.audit)]
            | {"at": instant - number * 600_000_000, "ordinal": 0}
        )
        for number in range(AUDIT_ENTRIES)
    ]


def _as_stored(row: dict[str, Any]) -> Row:
    """JSON as text, which PostgreSQL's driver would read into objects."""
    return {
        name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()
    }


def _latencies(at: datetime) -> Sequence[Row]:
    hour = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    return [
        {
            "hour": to_microseconds(hour - timedelta(hours=number)),
            "up_to_us": up_to_us,
            "answers": 100 + number % 7,
        }
        for number in range(LATENCY_DAYS * 24)
        for up_to_us in _LATENCIES_US
    ]


def replay_some(database_url: str, merchant: MerchantId) -> str:
    """A finished shadow run of another version of the configuration: its id."""
    database = SqlDatabase(database_url)
    at, run = now(), new_shadow_run_id()
    with database.begin() as work:
        source = work.configurations.latest(merchant).source  # type: ignore[union-attr]
        work.shadow_runs.add(
            ShadowRun(
                merchant=merchant,
                id=run,
                draft=None,
                source=source.replace("rate_bps = 2", "rate_bps = 3"),
                last=REPLAYED,
                status=ShadowRunStatus.RUNNING,
                replayed=0,
                started_at=at,
                progressed_at=at,
                started_by=_BY,
            )
        )
    carry_out_shadow_run(database, CelCompiler(), run, clock=now)
    database.dispose()
    return run


def sign_in_path(database_url: str) -> str:
    """The path of a link that lets an owner in once."""
    made = orderguard(
        database_url, "accounts", "create", EMAIL, "--merchant", NAME, "--role", "owner"
    )
    return "/" + str(made["link"]).split("/", 3)[3]
