"""Requests: the request log, and everything that is known of a request id."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from orderguard.actions.trace_request import RequestNotFound, trace_request
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.request_query import request_filter, request_place
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.integration.logged_request import LoggedRequest, RequestOutcome
from orderguard.domain.people.account import Role

ON_A_PAGE = 50

OUTCOMES = {
    RequestOutcome.ANSWERED: ("answered", "good"),
    RequestOutcome.REFUSED: ("refused", "warn"),
    RequestOutcome.FAILED: ("failed", "bad"),
    RequestOutcome.GAVE_UP: ("given up", "bad"),
}
"""Words and tone of a badge."""


class RequestPages:
    """The pages of requests: the list, and one request id."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (
            PageRow("GET", "/requests", Role.VIEWER, self.list),
            PageRow("GET", "/requests/{request_id}", Role.VIEWER, self.show),
        )

    def list(self, page_request: PageRequest) -> Reply:
        """The latest requests; a search that finds one redirects to its page."""
        search = page_request.query.text("search")
        found: list[LoggedRequest] = []
        problem = ""
        with self._database.read() as work:
            if search:
                try:
                    traced = trace_request(work, page_request.merchant.id, search)
                    return SeeOther(
                        page_request.to(f"/requests/{quote(traced.request_id, safe='')}")
                    )
                except RequestNotFound as error:
                    problem = str(error)
            try:
                found += work.request_log.page(
                    page_request.merchant.id,
                    request_filter(page_request.query.text),
                    before=request_place(page_request.query.text("cursor")),
                    limit=ON_A_PAGE + 1,
                )
            except InvalidDocument as error:
                problem = str(error)
        page, more = found[:ON_A_PAGE], found[ON_A_PAGE:]
        context = {
            "search": search,
            "problem": problem,
            "page": page,
            "outcomes": OUTCOMES,
            "choices": [("", "any"), *((each, told) for each, (told, _) in OUTCOMES.items())],
            "older": _older(page_request, page[-1].place) if more else "",
            "is_filtered": any(page_request.query.text(name) for name in ("outcome", "status")),
        }
        return Rendered("requests.html.j2", context, status=422 if problem else 200)

    def show(self, page_request: PageRequest) -> Reply:
        """The log entries of a request id, with its session, analysis and order."""
        with self._database.read() as work:
            traced = trace_request(
                work, page_request.merchant.id, page_request.values["request_id"]
            )
        return Rendered("request.html.j2", {"traced": traced, "outcomes": OUTCOMES})


def _older(page_request: PageRequest, place: int) -> str:
    kept = [(name, text) for name, text in page_request.query.pairs() if name != "cursor" and text]
    return f"{page_request.to('/requests')}?{urlencode([*kept, ('cursor', str(place))])}"
