"""The integration check: what the shop's own traffic proves."""

from __future__ import annotations

from orderguard.actions.check_integration import check_integration
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.errors import Malformed
from orderguard.domain.integration.check import Standing, Verdict, parse_within
from orderguard.domain.integration.judgement import EvidenceKind
from orderguard.domain.people.account import Role

SPANS = (("", "Newest"), ("1h", "Last hour"), ("1d", "Last day"), ("7d", "Last 7 days"))
STANDINGS = {
    Standing.HELD: ("Held", "good"),
    Standing.BROKEN: ("Broken", "bad"),
    Standing.NOT_SEEN: ("Not seen yet", ""),
}
VERDICTS = {
    Verdict.PASSED: ("Passed", "good"),
    Verdict.BROKEN: ("Action needed", "bad"),
    Verdict.INCOMPLETE: ("Not passed yet", "warn"),
}
PLACES = {
    EvidenceKind.SESSION: "/sessions/",
    EvidenceKind.ORDER: "/orders/",
    EvidenceKind.REQUEST: "/requests/",
}
"""The pages of evidence; there is none for keys."""


class IntegrationPages:
    """The page of the integration check."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self.rows = (PageRow("GET", "/integration", Role.VIEWER, self.show),)

    def show(self, request: PageRequest) -> Reply:
        text, problem = request.query.text("within"), ""
        try:
            within = parse_within(text) if text else None
        except Malformed as error:
            text, within, problem = "", None, str(error)
        with self._parts.database.read() as work:
            found = check_integration(
                work,
                request.merchant,
                self._parts.find_configuration,
                real_at=request.real_at,
                within=within,
            )
        context = {
            "check": found,
            "verdict": VERDICTS[found.verdict],
            "counts": [(STANDINGS[each][0], found.count(each)) for each in Standing],
            "standings": STANDINGS,
            "places": PLACES,
            "spans": SPANS,
            "within": text,
            "problem": problem,
        }
        return Rendered("integration.html.j2", context, status=422 if problem else 200)
