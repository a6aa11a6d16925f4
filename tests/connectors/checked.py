"""The integration check of what a shop with a connector has sent (contract §13)."""

from __future__ import annotations

from orderguard.actions.check_integration import check_integration
from orderguard.actions.find_merchant import get_merchant
from orderguard.domain.integration.check import IntegrationCheck, Standing, Verdict
from orderguard.running.wiring import now, wire_find_configuration
from tests.support.shop import Shop

PROVEN = {
    "analysed_again",
    "analysed_before_order",
    "declined_pushed",
    "delivery_groups",
    "new_session_per_order",
}
"""Rules that a protected order of a changed cart, a pickup and a declined order prove."""


def checked_integration(shop: Shop) -> IntegrationCheck:
    """What the traffic of this merchant proves."""
    with shop.running.database.read() as work:
        owner = get_merchant(work, shop.id)
        return check_integration(work, owner, wire_find_configuration(), real_at=now())


def assert_passed(shop: Shop, *, orders: int) -> None:
    """The traffic of so many orders breaks no rule, and proves what every connector must do."""
    checked = checked_integration(shop)
    broken = {
        line.rule.code: [each.note for each in line.evidence]
        for line in checked.lines
        if line.standing is Standing.BROKEN
    }
    held = {line.rule.code for line in checked.lines if line.standing is Standing.HELD}
    assert {} == broken
    assert (Verdict.PASSED, orders) == (checked.verdict, checked.orders)
    assert PROVEN <= held, PROVEN - held
