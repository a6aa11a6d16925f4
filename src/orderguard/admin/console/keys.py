"""API keys: issue, list and revoke them."""

from __future__ import annotations

from datetime import timedelta

from orderguard.actions.issue_api_key import IssuedKey, issue_api_key, revoke_api_key
from orderguard.admin.console.page_request import Fields, PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.errors import Malformed
from orderguard.domain.people.account import Role
from orderguard.domain.people.api_key import ApiKey
from orderguard.randomness import new_api_key_id, new_key_text

SCOPES = (
    ("cart", "cart", "Analyses carts. The only scope for a key that browsers can see."),
    ("orders", "orders", "Pushes orders, and reads them and their coverages."),
    ("admin", "admin", "Sees and changes all that this console does."),
)

DAYS_AT_MOST = 36_500


class KeyPages:
    """The pages of API keys: the list, issuing a key, revoking it."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (
            PageRow("GET", "/keys", Role.VIEWER, self.show),
            PageRow("POST", "/keys", Role.OWNER, self.issue),
            PageRow("POST", "/keys/{key_id}/revoke", Role.OWNER, self.revoke),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request, Fields())

    def _page(
        self,
        request: PageRequest,
        entered: Fields,
        *,
        issued: IssuedKey | None = None,
        problem: str = "",
    ) -> Reply:
        with self._database.read() as work:
            keys = work.api_keys.of_merchant(request.merchant.id)
        newest_first = [(key, state_of(key, request)) for key in reversed(keys)]
        context = {
            "keys": newest_first,
            "scopes": SCOPES,
            "entered": entered,
            "issued": issued,
            "problem": problem,
        }
        return Rendered("keys.html.j2", context, status=422 if problem else 200)

    def issue(self, request: PageRequest) -> Reply:
        form = request.form
        try:
            issued = self._issue(request)
        except Malformed as error:
            return self._page(request, form, problem=str(error))
        # No redirect: the text of the key is not stored, so only this answer can show it.
        return self._page(request, Fields(), issued=issued)

    def _issue(self, request: PageRequest) -> IssuedKey:
        form = request.form
        days = form.whole("days")
        if days is not None and not 1 <= days <= DAYS_AT_MOST:
            raise Malformed(f"A key expires after 1 to {DAYS_AT_MOST:,} days.")
        return issue_api_key(
            self._database,
            request.merchant.id,
            new_id=new_api_key_id(),
            random_part=new_key_text(),
            scopes=form.all("scope"),
            origins=form.text("origins").split(),
            requests_per_minute=form.whole("requests_per_minute"),
            expires_at=request.real_at + timedelta(days=days) if days else None,
            change=request.real_change,
        )

    def revoke(self, request: PageRequest) -> Reply:
        key = revoke_api_key(
            self._database,
            request.values["key_id"],
            within=request.merchant.id,
            change=request.real_change,
        )
        return SeeOther(request.to("/keys"), f"Revoked {key.id}. It is refused from now on.")


def state_of(key: ApiKey, request: PageRequest) -> str:
    """The state of a key now: `live`, `expired` or `revoked`."""
    if key.revoked_at:
        return "revoked"
    return "live" if key.is_live(at=request.real_at) else "expired"
