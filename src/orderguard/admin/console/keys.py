"""API keys: issue, list and revoke them."""

from __future__ import annotations

from datetime import timedelta

from orderguard.actions.issue_api_key import IssuedKey, issue_api_key, revoke_api_key
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Fields, Rendered, Reply, SeeOther, Visit
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

    def show(self, visit: Visit) -> Reply:
        return self._page(visit, Fields())

    def _page(
        self,
        visit: Visit,
        entered: Fields,
        *,
        issued: IssuedKey | None = None,
        problem: str = "",
    ) -> Reply:
        with self._database.read() as work:
            keys = work.api_keys.of_merchant(visit.merchant.id)
        newest_first = [(key, state_of(key, visit)) for key in reversed(keys)]
        context = {
            "keys": newest_first,
            "scopes": SCOPES,
            "entered": entered,
            "issued": issued,
            "problem": problem,
        }
        return Rendered("keys.html.j2", context, status=422 if problem else 200)

    def issue(self, visit: Visit) -> Reply:
        form = visit.form
        try:
            issued = self._issue(visit)
        except Malformed as error:
            return self._page(visit, form, problem=str(error))
        # No redirect: the text of the key is not stored, so only this answer can show it.
        return self._page(visit, Fields(), issued=issued)

    def _issue(self, visit: Visit) -> IssuedKey:
        form = visit.form
        days = form.whole("days")
        if days is not None and not 1 <= days <= DAYS_AT_MOST:
            raise Malformed(f"A key expires after 1 to {DAYS_AT_MOST:,} days.")
        return issue_api_key(
            self._database,
            visit.merchant.id,
            new_id=new_api_key_id(),
            random_part=new_key_text(),
            scopes=form.all("scope"),
            origins=form.text("origins").split(),
            requests_per_minute=form.whole("requests_per_minute"),
            expires_at=visit.real_at + timedelta(days=days) if days else None,
            change=visit.real_change,
        )

    def revoke(self, visit: Visit) -> Reply:
        key = revoke_api_key(
            self._database,
            visit.values["key_id"],
            within=visit.merchant.id,
            change=visit.real_change,
        )
        return SeeOther(visit.to("/keys"), f"Revoked {key.id}. It is refused from now on.")


def state_of(key: ApiKey, visit: Visit) -> str:
    """The state of a key now: `live`, `expired` or `revoked`."""
    if key.revoked_at:
        return "revoked"
    return "live" if key.is_live(at=visit.real_at) else "expired"
