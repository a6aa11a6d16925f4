"""Try a draft: prices of carts of a few sizes, and the answer to one cart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from orderguard.actions.manage_drafts import find_problems
from orderguard.actions.preview_prices import preview_prices
from orderguard.actions.try_cart import TriedAnswer, TriedCart, latest_analysis, try_cart
from orderguard.admin.console.configuration_form import ANYBODY, MODES
from orderguard.admin.console.draft_frame import draft_path, frame, load_draft
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.shopper_query import shopper_from_query
from orderguard.domain.cart import Cart
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.errors import InvalidDocument, Malformed, Problem, SessionNotFound
from orderguard.domain.ids import SessionId
from orderguard.domain.offers.session_summary import SessionFilter
from orderguard.domain.people.account import Role
from orderguard.domain.what_if.explanation_words import (
    compared_in_words,
    price_steps,
    rules_in_words,
)
from orderguard.http.json_body import json_object
from orderguard.http.wire.cart import analysis_request_from_wire
from orderguard.http.wire.cart_request import request_from_cart

SESSIONS_LISTED = 20

_ANY_SESSION = SessionFilter()


class DraftTrialPages:
    """The pages for the price preview and for trying one cart."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        one = DraftId("{draft_id}")
        self.rows = (
            PageRow("GET", draft_path(one, "/price-preview"), Role.VIEWER, self.preview),
            PageRow("GET", draft_path(one, "/try-cart"), Role.VIEWER, self.choose_cart),
            PageRow("POST", draft_path(one, "/try-cart"), Role.EDITOR, self.paste_cart),
        )

    def preview(self, page_request: PageRequest) -> Reply:
        """Prices for a shopper, under this draft and under the published configuration."""
        asked = {
            name: page_request.query.text(name) for name in ("region", "groups", "locale", "arm")
        }
        groups = [each.strip() for each in asked["groups"].split(",") if each.strip()]
        problems: dict[str, str] = {}
        shopper = ANYBODY
        try:
            shopper = shopper_from_query(asked["region"], groups, asked["locale"], asked["arm"])
        except InvalidDocument as error:
            problems = {each.path: each.message for each in error.problems}
        draft, published = load_draft(self._parts, page_request)
        count = len(find_problems(draft.source, self._parts.compiler))
        preview = None
        if not count and not problems:
            with self._parts.database.read() as work:
                preview = preview_prices(
                    work,
                    self._parts.compiler,
                    self._parts.find_configuration,
                    draft.merchant,
                    draft.source,
                    shopper,
                    clock=self._parts.clock,
                )
        context = {
            **frame(page_request, draft, published),
            "asked": asked,
            "problems": problems,
            "problem_count": count,
            "preview": preview,
            "modes": MODES,
        }
        return Rendered("price_preview.html.j2", context, status=422 if problems else 200)

    def choose_cart(self, page_request: PageRequest) -> Reply:
        """Try the cart of a chosen session, in its experiment arm; without one an empty form."""
        text = page_request.query.text("session")
        if not text:
            return self._tried(page_request, None, "")
        with self._parts.database.read() as work:
            analysis = latest_analysis(work, page_request.merchant.id, _session_id(text))
        cart = analysis.cart
        pasted = json.dumps(request_from_cart(cart), ensure_ascii=False, indent=2)
        return self._tried(
            page_request, cart, pasted, session=text, arm=analysis.offer.cohort or ""
        )

    def paste_cart(self, page_request: PageRequest) -> Reply:
        """Try the cart of a pasted analyze request, parsed like a real one."""
        pasted = page_request.form.raw("request")
        try:
            document = json_object(pasted.encode())
            cart = analysis_request_from_wire(document, request_id="")[0].cart
        except InvalidDocument as error:
            return self._tried(
                page_request,
                None,
                pasted,
                arm=page_request.form.text("arm"),
                problems=error.problems,
            )
        return self._tried(page_request, cart, pasted, arm=page_request.form.text("arm"))

    def _tried(
        self,
        page_request: PageRequest,
        cart: Cart | None,
        pasted: str,
        *,
        session: str = "",
        arm: str = "",
        problems: Sequence[Problem] = (),
    ) -> Reply:
        draft, published = load_draft(self._parts, page_request)
        tried = None
        with self._parts.database.read() as work:
            if cart:
                tried = try_cart(
                    work,
                    self._parts.compiler,
                    self._parts.find_configuration,
                    page_request.merchant.id,
                    draft.source,
                    cart,
                    arm=arm or None,
                )
            page = work.session_search.page(
                page_request.merchant.id, _ANY_SESSION, limit=SESSIONS_LISTED
            )
        context = {
            **frame(page_request, draft, published),
            "pasted": pasted,
            "session": session,
            "arm": arm,
            "sessions": page.sessions,
            "problems": problems,
            "tried": tried,
            "answers": _answers(tried) if tried else [],
            "compared_in_words": _compared,
        }
        return Rendered("try_cart.html.j2", context, status=422 if problems else 200)


def _session_id(text: str) -> SessionId:
    try:
        return SessionId.parse(text)
    except Malformed:
        raise SessionNotFound from None


def _compared(compared: Mapping[str, object]) -> str:
    # This page has a row for each rule.
    return "the rules below" if "rules" in compared else compared_in_words(compared)


def _answers(tried: TriedCart) -> list[tuple[str, dict[str, Any] | None]]:
    return [
        ("By this draft", _answer_row(tried.draft)),
        ("By what is published", _answer_row(tried.published)),
    ]


def _answer_row(answer: TriedAnswer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    explanation = answer.explanation
    return {
        "offer": answer.offer,
        "explanation": explanation,
        "rules": rules_in_words(explanation) if explanation else [],
        "prices": price_steps(explanation) if explanation else [],
    }
