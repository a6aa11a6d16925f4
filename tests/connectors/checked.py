"""The integration check of what a shop with a connector has sent (contract §13)."""

from __future__ import annotations

from orderguard.actions.check_integration import check_integration
from orderguard.actions.find_merchant import get_merchant
from orderguard.domain.integration.check import IntegrationCheck, Standing
from orderguard.running.wiring import now, wire_find_configuration
from tests.support.shop import Shop


def checked_integration(shop: Shop) -> IntegrationCheck:
    """What the traffic of this merchant proves."""
    with shop.running.database.read() as work:
        owner = get_merchant(work, shop.id)
        return check_integration(work, owner, wire_find_configuration(), real_at=now())


def broken_rules(checked: IntegrationCheck) -> dict[str, list[str]]:
    """The notes of the evidence against each broken rule."""
    return {
        line.rule.code: [each.note for each in line.evidence]
        for line in checked.lines
        if line.standing is Standing.BROKEN
    }


def held_rules(checked: IntegrationCheck) -> set[str]:
    """The codes of the rules that are held."""
    return {line.rule.code for line in checked.lines if line.standing is Standing.HELD}
