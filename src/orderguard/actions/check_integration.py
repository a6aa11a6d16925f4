"""Check an integration by its own traffic (contract §13)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.settle_order import FindConfiguration
from orderguard.domain.integration.check import IntegrationCheck, check_traffic
from orderguard.domain.integration.traffic import SeenOrder, Traffic
from orderguard.domain.offers.offer_session import RETENTION
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.people.merchant import Merchant

SESSIONS_READ = 1_000
ORDERS_READ = 500
FAILURES_READ = 100
"""The newest sessions, orders and failed requests of a merchant that a check reads."""


def check_integration(
    work: UnitOfWork,
    merchant: Merchant,
    find_configuration: FindConfiguration,
    *,
    real_at: datetime,
    within: timedelta | None = None,
) -> IntegrationCheck:
    """Judge the newest traffic of a merchant; with `within`, only traffic not older than that.

    `real_at` is the real time; traffic is dated by the merchant's time, which differs for a
    sandbox.
    """
    at = merchant.time(real_at)
    since = at - within if within is not None else None
    published = work.configurations.latest(merchant.id)
    first_session_at = work.traffic.first_session_at(merchant.id)
    traffic = Traffic(
        at=at,
        configuration=find_configuration(work, merchant.id, published.version)
        if published
        else None,
        sessions=work.traffic.sessions(merchant.id, since=since, limit=SESSIONS_READ),
        orders=[
            SeenOrder(record, _came_first(record, first_session_at, at=at))
            for record in work.traffic.orders(merchant.id, since=since, limit=ORDERS_READ)
        ],
        # Keys go by the real time, for a sandbox too.
        keys=[key for key in work.api_keys.of_merchant(merchant.id) if key.is_live(at=real_at)],
        failures=work.traffic.failures(merchant.id, since=since, limit=FAILURES_READ),
    )
    return check_traffic(traffic, since=since)


def integration_document(found: IntegrationCheck) -> dict[str, Any]:
    """The check as JSON, as the admin API and the command line answer it; times in seconds."""
    return {
        "verdict": found.verdict,
        "at": found.at.isoformat(timespec="seconds"),
        "since": found.since.isoformat(timespec="seconds") if found.since else None,
        "sessionsRead": found.sessions,
        "ordersRead": found.orders,
        "lines": [
            {
                "code": line.rule.code,
                "title": line.rule.title,
                "standing": line.standing,
                "required": line.rule.is_required,
                "told": line.rule.told,
                "remedy": line.rule.remedy,
                "missing": line.missing,
                "evidenceCount": line.count,
                "evidence": [
                    {
                        "kind": each.kind,
                        "id": each.id,
                        "at": each.at.isoformat(timespec="seconds"),
                        "note": each.note,
                    }
                    for each in line.evidence
                ],
            }
            for line in found.lines
        ],
    }


def _came_first(record: OrderRecord, first_session_at: datetime | None, *, at: datetime) -> bool:
    """Whether the order has no session, and came before the first one.

    Retention deletes sessions without an order, so an older order proves nothing.
    """
    if record.acceptance.session is not None or at - record.received_at >= RETENTION:
        return False
    return first_session_at is None or record.received_at < first_session_at
