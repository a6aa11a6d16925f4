"""The start page: today's fees, the status, recent orders and recent changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.books.ledger import LedgerAccount
from orderguard.domain.configuration.scheduled_publication import WAITING_AT_MOST, ScheduledStatus
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.coverage_standing import standing_of
from orderguard.domain.people.account import Role
from orderguard.domain.people.api_key import Scope
from orderguard.domain.webhooks.webhook import DeliveryState

REVIEWED_AT_MOST = 1_000
DELIVERIES_LOOKED_AT = 20
CHANGES_SHOWN = 6
PUBLICATIONS_LOOKED_AT = WAITING_AT_MOST + 10
FAILURES_SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One line of the status: OK, or action needed with advice."""

    is_well: bool
    text: str
    path: str


class OverviewPages:
    """The overview page."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self._find_configuration = parts.find_configuration
        self.rows = (PageRow("GET", "/overview", Role.VIEWER, self.show),)

    def show(self, request: PageRequest) -> Reply:
        midnight = request.at.replace(hour=0, minute=0, second=0, microsecond=0)
        with self._database.read() as work:
            sums = work.ledger.sums_since(request.merchant.id, midnight)
            orders = work.orders.page(request.merchant.id, after=None, limit=CHANGES_SHOWN)
            covered = work.coverages.of_orders(request.merchant.id, [each.id for each in orders])
            context = {
                "earned": sorted(
                    (currency, -amount)
                    for (currency, account), amount in sums.items()
                    if account is LedgerAccount.FEE_REVENUE
                ),
                "health": [
                    self._configuration(work, request.merchant.id),
                    *_offers(work, request.merchant.id, at=request.at),
                    *_failed_publications(work, request.merchant.id, at=request.at),
                    _keys(work, request.merchant.id, at=request.real_at),
                    _review(work, request.merchant.id),
                    *_webhooks(work, request.merchant.id),
                ],
                "changes": work.audit.page(request.merchant.id, limit=CHANGES_SHOWN),
                "orders": [
                    (each, standing_of(each, covered[each.id], at=request.at)) for each in orders
                ],
            }
        return Rendered("overview.html.j2", context)

    def _configuration(self, work: UnitOfWork, merchant: MerchantId) -> StatusLine:
        path, latest = "/configuration", work.configurations.latest(merchant)
        if latest is None:
            return StatusLine(False, "No settings are published, so no cart gets an offer.", path)
        found = self._find_configuration(work, merchant, latest.version)
        if found is None:
            text = f"Version {latest.version} of the settings cannot be read, so no cart gets an"
            return StatusLine(False, f"{text} offer.", path)
        if not found.enabled:
            return StatusLine(False, "Offers are switched off, so no cart gets an offer.", path)
        text = f"Offers are switched on, by version {latest.version} of the settings."
        return StatusLine(True, text, path)


def _offers(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> list[StatusLine]:
    """Whether the carts of today and yesterday got offers; nothing while there were no carts."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    days = work.funnel.days(merchant, since=midnight - timedelta(days=1), at=at)
    carts, offered = sum(day.analysed for day in days), sum(day.shown for day in days)
    noun = "cart" if carts == 1 else "carts"
    if carts and not offered:
        text = f"None of the {carts} {noun} checked since yesterday got an offer. See why."
        return [StatusLine(False, text, "/sessions")]
    if carts:
        text = f"{offered:,} of {carts:,} {noun} checked since yesterday got an offer."
        return [StatusLine(True, text, "/sessions")]
    return []


def _failed_publications(
    work: UnitOfWork, merchant: MerchantId, *, at: datetime
) -> list[StatusLine]:
    """Publications that failed recently: their authors may believe that they took effect."""
    found = work.scheduled_publications.of_merchant(merchant, limit=PUBLICATIONS_LOOKED_AT)
    return [
        StatusLine(
            False,
            f"{each.name} was to be published at {each.due_at:%Y-%m-%d %H:%M} UTC, and was not.",
            f"/configuration/scheduled/{each.id}",
        )
        for each in found
        if each.status is ScheduledStatus.FAILED
        and each.settled_at
        and at - each.settled_at < FAILURES_SHOWN_FOR
    ]


def _keys(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> StatusLine:
    live = [key for key in work.api_keys.of_merchant(merchant) if key.is_live(at=at)]
    missing = [
        scope for scope in (Scope.CART, Scope.ORDERS) if not any(scope in k.scopes for k in live)
    ]
    if missing:
        return StatusLine(False, f"No valid API key for {missing[0]}. Create one.", "/keys")
    return StatusLine(True, "API keys for carts and for orders are valid.", "/keys")


def _review(work: UnitOfWork, merchant: MerchantId) -> StatusLine:
    count = work.orders.count_to_review(merchant, at_most=REVIEWED_AT_MOST)
    if not count:
        return StatusLine(True, "Every fee matches its quote.", "/orders")
    number = f"{count}+" if count == REVIEWED_AT_MOST else str(count)
    noun = "order was" if count == 1 else "orders were"
    return StatusLine(False, f"{number} {noun} not charged as quoted.", "/orders?show=review")


def _webhooks(work: UnitOfWork, merchant: MerchantId) -> list[StatusLine]:
    found = []
    for endpoint in work.webhook_endpoints.of_merchant(merchant):
        path = f"/webhooks/{endpoint.id}"
        last = work.webhook_deliveries.of_endpoint(endpoint, limit=DELIVERIES_LOOKED_AT)
        failed = sum(1 for each in last if each.state is DeliveryState.FAILED)
        if not endpoint.is_enabled:
            found.append(StatusLine(False, f"The webhook to {endpoint.url} is disabled.", path))
        elif failed:
            text = f"{failed} of the last {len(last)} webhooks to {endpoint.url} were given up."
            found.append(StatusLine(False, text, path))
        elif not last:
            found.append(StatusLine(True, f"No webhooks to {endpoint.url} yet.", path))
        elif not any(each.state is DeliveryState.DELIVERED for each in last):
            found.append(StatusLine(False, f"No webhook to {endpoint.url} has arrived.", path))
        else:
            found.append(StatusLine(True, f"Webhooks to {endpoint.url} arrive.", path))
    return found
