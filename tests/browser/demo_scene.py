"""The demo with one of everything that the console has a page for, and the ids to get there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from orderguard.actions.manage_drafts import start_draft
from orderguard.actions.register_webhook_endpoint import register_webhook_endpoint
from orderguard.actions.schedule_publication import schedule_publication
from orderguard.actions.shadow_run import carry_out_shadow_run
from orderguard.admin.console.page_table import page_table
from orderguard.admin.console.parts import ConsoleParts
from orderguard.domain.books.month import Month
from orderguard.domain.errors import Problem
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.integration.logged_request import LoggedRequest, RequestOutcome, place_at
from orderguard.domain.people.audit import Change
from orderguard.domain.what_if.shadow_run import ShadowRun, ShadowRunStatus
from orderguard.randomness import (
    new_draft_id,
    new_scheduled_publication_id,
    new_shadow_run_id,
    new_webhook_endpoint_id,
    new_webhook_secret,
)
from orderguard.running.wiring import now, resolve
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import analyses, offer_sessions, orders
from tests.browser.running_demo import RunningDemo
from tests.support.shop import A_TESTER, COMPILER

NO_PARTS: dict[str, Any] = {field.name: None for field in fields(ConsoleParts)}

FILES = ("/analytics/csv", "/statements/{month}/{file_type}")
"""What is downloaded instead of looked at."""

PAGES = tuple(
    row.path
    for row in page_table(ConsoleParts(**NO_PARTS))
    if row.method == "GET" and row.path not in FILES
)

STATES = (
    "/analytics?by=country&only=platform:woocommerce",
    "/sessions?search=nothing-of-this-name",
    "/sessions?eligible=false",
    "/sessions/{session_id}?analysis=2&against=1",
    "/sessions/{hidden_id}",
    "/orders?show=review",
    "/requests?search=nothing-of-this-name",
    "/audit?action=configuration",
    "/nothing-of-this-name",
    "/../{sandbox_id}/sandbox",
)
"""Pages that look otherwise for other questions."""


@dataclass(frozen=True)
class Scene:
    """Where the pages of one merchant are. `known` fills the places in their paths."""

    demo: RunningDemo
    merchant: MerchantId
    known: dict[str, str]

    def url(self, path: str) -> str:
        """A page nobody has an id for stops here: say above which one to take."""
        return f"{self.demo.url}/console/m/{self.merchant}{path.format_map(self.known)}"


def furnish(demo: RunningDemo) -> Scene:
    """Make what the demo has not by itself."""
    database = SqlDatabase(f"sqlite:///{demo.database}")
    try:
        with database.read() as work:
            merchant, sandbox = sorted(work.merchants.all(), key=lambda each: bool(each.sandbox))
            published = work.configurations.latest(merchant.id)
        assert published
        draft = published.source.replace("rate_bps = 150", "rate_bps = 250")
        return Scene(
            demo,
            merchant.id,
            {
                **_ids_on_record(database, merchant.id),
                "draft_id": _draft(database, merchant.id),
                "publication_id": _publication(database, merchant.id, draft),
                "run_id": _shadow_run(database, merchant.id, draft),
                "endpoint_id": _webhook(database, merchant.id),
                "key": "price-2026q4",
                "month": str(Month.of(now())),
                "version": "1",
                "request_id": _refused_request(database, merchant.id),
                "sandbox_id": sandbox.id,
            },
        )
    finally:
        database.dispose()


def _ids_on_record(database: SqlDatabase, merchant: MerchantId) -> dict[str, str]:
    sessions = select(offer_sessions.c.id).where(offer_sessions.c.merchant_id == merchant)
    often = sessions.where(offer_sessions.c.analysis_count > 1, offer_sessions.c.ever_eligible)
    hidden = sessions.where(~offer_sessions.c.ever_eligible)
    order = select(orders.c.id).where(
        orders.c.merchant_id == merchant, orders.c.verdict == "altered"
    )
    with database.engine.connect() as connection:
        return {
            name: str(connection.execute(query.limit(1)).scalar_one())
            for name, query in (
                ("session_id", often),
                ("hidden_id", hidden),
                ("order_id", order),
            )
        }


def _refused_request(database: SqlDatabase, merchant: MerchantId) -> str:
    """The id of a request that was refused, and sent once more with the same id when mended."""
    at = now()
    query = select(analyses.c.request_id).where(analyses.c.merchant_id == merchant).limit(1)
    with database.begin() as work:
        request_id: str = work.connection.execute(query).scalar_one()
        refused = LoggedRequest(
            place=place_at(at),
            merchant=merchant,
            at=at,
            request_id=request_id,
            key=ApiKeyId("key_a1b2c3d4e5f6"),
            method="POST",
            path="/storefront/v1/analyze",
            status=400,
            outcome=RequestOutcome.REFUSED,
            microseconds=1_400,
            code="invalid_request",
            problems=[
                Problem("cart.totalAmount", "expected whole minor units (1999 for 19.99)."),
                Problem("cart.lines[0].quantity", "is missing; expected an integer."),
                Problem("deliveryGroups", "expected a list, found text."),
            ],
            body=f'{{"cart":{{"totalAmount":19.99,"lines":[{{"title":"{"Lamp " * 30}"}}]}}}}',
            body_bytes=230,
        )
        work.request_log.add([refused])
    return request_id


def _draft(database: SqlDatabase, merchant: MerchantId) -> str:
    return start_draft(
        database, merchant, "Dearer parcels", new_id=new_draft_id(), change=Change(A_TESTER, now())
    ).id


def _publication(database: SqlDatabase, merchant: MerchantId, source: str) -> str:
    return schedule_publication(
        database,
        COMPILER,
        merchant,
        source,
        name="Dearer from Friday on",
        due_at=now() + timedelta(days=2),
        new_id=new_scheduled_publication_id(),
        change=Change(A_TESTER, now()),
    ).id


def _shadow_run(database: SqlDatabase, merchant: MerchantId, source: str) -> str:
    at, run = now(), new_shadow_run_id()
    with database.begin() as work:
        work.shadow_runs.add(
            ShadowRun(
                merchant=merchant,
                id=run,
                draft=None,
                source=source,
                last=1_000,
                status=ShadowRunStatus.RUNNING,
                replayed=0,
                started_at=at,
                progressed_at=at,
                started_by=A_TESTER,
            )
        )
    carry_out_shadow_run(database, COMPILER, run, clock=now)
    return run


def _webhook(database: SqlDatabase, merchant: MerchantId) -> str:
    return register_webhook_endpoint(
        database,
        merchant,
        "http://127.0.0.1:9/orderguard",
        new_id=new_webhook_endpoint_id(),
        secret=new_webhook_secret(),
        resolve=resolve,
        allows_private=True,
        change=Change(A_TESTER, now()),
    ).id
