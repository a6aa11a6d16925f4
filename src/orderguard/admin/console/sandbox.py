"""A sandbox's clock and reset; for a live merchant, a new sandbox beside it."""

from __future__ import annotations

from datetime import timedelta

from orderguard.actions.issue_api_key import issue_api_key
from orderguard.actions.open_sandbox import open_sandbox
from orderguard.actions.run_sandbox import advance_clock, reset_sandbox
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.errors import AlreadyExists, Malformed
from orderguard.domain.people.account import Role
from orderguard.domain.people.sandbox import parse_advance
from orderguard.randomness import new_api_key_id, new_key_text, new_merchant_id

DOCUMENTATION_KEY_LASTS = timedelta(days=1)
STEPS = (("1h", "1 hour"), ("1d", "1 day"), ("7d", "7 days"), ("40d", "40 days"))


class SandboxPages:
    """The page of a sandbox, and its buttons: move the clock, reset, open a sandbox."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (
            PageRow("GET", "/sandbox", Role.VIEWER, self.show),
            PageRow("POST", "/sandbox", Role.OWNER, self.open),
            PageRow("POST", "/sandbox/documentation", Role.OWNER, self.document),
            PageRow("POST", "/sandbox/clock", Role.EDITOR, self.advance),
            PageRow("POST", "/sandbox/reset", Role.OWNER, self.reset),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(self, request: PageRequest, problem: str = "") -> Reply:
        context = {"steps": STEPS, "problem": problem, "name": f"{request.merchant.name} sandbox"}
        return Rendered("sandbox.html.j2", context, status=422 if problem else 200)

    def open(self, request: PageRequest) -> Reply:
        try:
            sandbox = open_sandbox(
                self._database,
                request.merchant.id,
                request.form.text("name"),
                request.account,
                new_id=new_merchant_id(),
                at=request.real_at,
            )
        except (Malformed, AlreadyExists) as error:
            return self._page(request, str(error))
        message = "This is the new sandbox. Issue keys for it; they begin with og_test_."
        return SeeOther(f"/console/m/{sandbox.id}/keys", message)

    def document(self, request: PageRequest) -> Reply:
        """Issue a key for a day, and show it in the examples of `/docs`, in this browser alone."""
        if not request.merchant.sandbox:
            return self._page(request, "Only a sandbox has keys that pages may show.")
        issued = issue_api_key(
            self._database,
            request.merchant.id,
            new_id=new_api_key_id(),
            random_part=new_key_text(),
            scopes=["cart", "orders"],
            origins=[],
            requests_per_minute=None,
            expires_at=request.real_at + DOCUMENTATION_KEY_LASTS,
            change=request.real_change,
        )
        return SeeOther("/docs/offers", documentation_key=issued.text)

    def advance(self, request: PageRequest) -> Reply:
        try:
            moved = advance_clock(
                self._database,
                request.merchant.id,
                parse_advance(request.form.text("advance")),
                change=request.real_change,
            )
        except Malformed as error:
            return self._page(request, str(error))
        time = f"{moved.time(request.real_at):%Y-%m-%d %H:%M}"
        return SeeOther(request.to("/sandbox"), f"The test clock shows {time} UTC.")

    def reset(self, request: PageRequest) -> Reply:
        try:
            reset_sandbox(self._database, request.merchant.id, change=request.real_change)
        except Malformed as error:
            return self._page(request, str(error))
        return SeeOther(request.to("/sandbox"), "The sandbox is empty.")
