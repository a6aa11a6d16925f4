"""Sessions: find a session, and explain its answers."""

from __future__ import annotations

from urllib.parse import urlencode

from orderguard.actions.explain_session import explain_session
from orderguard.actions.find_session import find_session
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.session_query import session_filter, session_place, session_place_text
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.errors import InvalidDocument, Malformed, SessionNotFound
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.session_summary import SessionPage
from orderguard.domain.people.account import Role
from orderguard.domain.what_if.explanation_words import (
    compared_in_words,
    differences_in_words,
    price_steps,
    value_in_words,
)
from orderguard.http.wire.cart_request import curl_from_cart

ON_A_PAGE = 50


class SessionPages:
    """The pages of sessions: the list, and one session."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self.rows = (
            PageRow("GET", "/sessions", Role.VIEWER, self.list),
            PageRow("GET", "/sessions/{session_id}", Role.VIEWER, self.show),
        )

    def list(self, request: PageRequest) -> Reply:
        """The latest sessions; a search that finds one redirects to its page."""
        search = request.query.text("search")
        with self._parts.database.read() as work:
            found = find_session(work, request.merchant.id, search) if search else None
            if found:
                return SeeOther(request.to(f"/sessions/{found.session}"))
            try:
                page = work.session_search.page(
                    request.merchant.id,
                    session_filter(request.query.text),
                    after=session_place(request.query.text("cursor")),
                    limit=ON_A_PAGE,
                )
                problem = ""
            except InvalidDocument as error:
                page, problem = SessionPage([], None), str(error)
        return Rendered(
            "sessions.html.j2",
            {
                "search": search,
                "page": page,
                "problem": problem,
                "reasons": [("", "any"), *((each, each.replace("_", " ")) for each in _REASONS)],
                "older": _older(request, page),
                "is_filtered": any(
                    request.query.text(name) for name in ("reason", "eligible", "day")
                ),
            },
            status=422 if problem else 200,
        )

    def show(self, request: PageRequest) -> Reply:
        """One analysis in full, with the list of all analyses of the session."""
        try:
            session = SessionId.parse(request.values["session_id"])
        except Malformed:
            raise SessionNotFound from None
        with self._parts.database.read() as work:
            told = explain_session(
                work,
                self._parts.find_configuration,
                request.merchant.id,
                session,
                ordinal=request.query.whole("analysis"),
                against=request.query.whole("against"),
                clock=self._parts.clock,
            )
        return Rendered(
            "session.html.j2",
            {
                "told": told,
                "prices": price_steps(told.explanation) if told.explanation else [],
                "in_words": value_in_words,
                "differences": differences_in_words(told.differences, told.analysis.cart.currency),
                "compared_in_words": compared_in_words,
                "curl": curl_from_cart(told.analysis.cart, request.origin),
            },
        )


_REASONS = sorted(EligibilityReason)


def _older(request: PageRequest, page: SessionPage) -> str:
    cursor = session_place_text(page.next)
    if cursor is None:
        return ""
    kept = [(name, text) for name, text in request.query.pairs() if name != "cursor" and text]
    return f"{request.to('/sessions')}?{urlencode([*kept, ('cursor', cursor)])}"
