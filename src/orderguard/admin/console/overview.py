"""Where the console begins: today's money, and whether all is well."""

from __future__ import annotations

from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Rendered, Reply, Visit
from orderguard.domain.account import Role


class OverviewPages:
    """The overview."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self.rows = (PageRow("GET", "/overview", Role.VIEWER, self.show),)

    def show(self, visit: Visit) -> Reply:
        with self._parts.database.read() as work:
            latest = work.configurations.latest(visit.merchant.id)
            changes = work.audit.page(visit.merchant.id, limit=5)
        return Rendered("overview.html.j2", {"latest": latest, "changes": changes})
