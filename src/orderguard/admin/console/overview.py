"""Where the console begins: today's money, and whether all is well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderguard.actions.ports import UnitOfWork
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Rendered, Reply, Visit
from orderguard.domain.account import Role
from orderguard.domain.api_key import Scope
from orderguard.domain.ids import MerchantId
from orderguard.domain.ledger import Account
from orderguard.domain.scheduled_publication import WAITING_AT_MOST, ScheduledStatus
from orderguard.domain.webhook import DeliveryState

REVIEWED_AT_MOST = 1_000
DELIVERIES_LOOKED_AT = 20
CHANGES_SHOWN = 6
PUBLICATIONS_LOOKED_AT = WAITING_AT_MOST + 10
FAILURES_SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Health:
    """One thing that is well, or what to do about it."""

    is_well: bool
    text: str
    path: str


class OverviewPages:
    """The overview."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (PageRow("GET", "/overview", Role.VIEWER, self.show),)

    def show(self, visit: Visit) -> Reply:
        midnight = visit.at.replace(hour=0, minute=0, second=0, microsecond=0)
        with self._database.read() as work:
            sums = work.ledger.sums_since(visit.merchant.id, midnight)
            context = {
                "earned": sorted(
                    (currency, -amount)
                    for (currency, account), amount in sums.items()
                    if account is Account.FEE_REVENUE
                ),
                "health": [
                    _configuration(work, visit.merchant.id),
                    *_failed_publications(work, visit.merchant.id, at=visit.at),
                    _keys(work, visit.merchant.id, at=visit.at),
                    _review(work, visit.merchant.id),
                    *_webhooks(work, visit.merchant.id),
                ],
                "changes": work.audit.page(visit.merchant.id, limit=CHANGES_SHOWN),
                "orders": work.orders.page(visit.merchant.id, after=None, limit=CHANGES_SHOWN),
            }
        return Rendered("overview.html.j2", context)


def _configuration(work: UnitOfWork, merchant: MerchantId) -> Health:
    latest = work.configurations.latest(merchant)
    if latest:
        text = f"Version {latest.version} of the configuration is published."
        return Health(True, text, "/configuration")
    return Health(False, "No configuration is published, so nothing is offered.", "/configuration")


def _failed_publications(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> list[Health]:
    """Those of late: somebody believes that they have been published."""
    found = work.scheduled_publications.of_merchant(merchant, limit=PUBLICATIONS_LOOKED_AT)
    return [
        Health(
            False,
            f"{each.name} was to be published at {each.due_at:%Y-%m-%d %H:%M} UTC, and was not.",
            f"/configuration/scheduled/{each.id}",
        )
        for each in found
        if each.status is ScheduledStatus.FAILED
        and each.settled_at
        and at - each.settled_at < FAILURES_SHOWN_FOR
    ]


def _keys(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> Health:
    live = [key for key in work.api_keys.of_merchant(merchant) if key.is_live(at=at)]
    missing = [
        scope for scope in (Scope.CART, Scope.ORDERS) if not any(scope in k.scopes for k in live)
    ]
    if missing:
        return Health(False, f"There is no live key with the scope {missing[0]}.", "/keys")
    return Health(True, "There are live keys for carts and for orders.", "/keys")


def _review(work: UnitOfWork, merchant: MerchantId) -> Health:
    count = work.orders.count_to_review(merchant, at_most=REVIEWED_AT_MOST)
    if not count:
        return Health(True, "Every fee is the fee that was quoted.", "/orders")
    number = f"{count}+" if count == REVIEWED_AT_MOST else str(count)
    noun = "order was" if count == 1 else "orders were"
    return Health(False, f"{number} {noun} not charged what was quoted.", "/orders?show=review")


def _webhooks(work: UnitOfWork, merchant: MerchantId) -> list[Health]:
    found = []
    for endpoint in work.webhook_endpoints.of_merchant(merchant):
        path = f"/webhooks/{endpoint.id}"
        last = work.webhook_deliveries.of_endpoint(endpoint, limit=DELIVERIES_LOOKED_AT)
        failed = sum(1 for each in last if each.state is DeliveryState.FAILED)
        if not endpoint.is_enabled:
            found.append(Health(False, f"The webhook to {endpoint.url} is disabled.", path))
        elif failed:
            text = f"{failed} of the last {len(last)} webhooks to {endpoint.url} were given up."
            found.append(Health(False, text, path))
        else:
            found.append(Health(True, f"Webhooks to {endpoint.url} arrive.", path))
    return found
