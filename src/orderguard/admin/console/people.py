"""People: the accounts that may sign in for the merchant, and their roles."""

from __future__ import annotations

from orderguard.actions.manage_accounts import (
    change_role,
    invite_member,
    make_members_link,
    remove_member,
)
from orderguard.admin.console.page_request import Fields, PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.configuration.scheduled_publication import WAITING_AT_MOST
from orderguard.domain.errors import AlreadyExists, Malformed
from orderguard.domain.people.account import Membership, Role, sign_in_link
from orderguard.randomness import new_account_id, new_token

ROLES = (
    (Role.VIEWER.value, "viewer: looks at everything, changes nothing"),
    (Role.EDITOR.value, "editor: also changes and publishes the configuration, and webhooks"),
    (Role.OWNER.value, "owner: also keys, people, and closing months"),
)


class PeoplePages:
    """The pages of team members: list, invite, change role, new link, remove."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        one = "/people/{account_id}"
        self.rows = (
            PageRow("GET", "/people", Role.VIEWER, self.show),
            PageRow("POST", "/people", Role.OWNER, self.add),
            PageRow("POST", f"{one}/role", Role.OWNER, self.change_role),
            PageRow("POST", f"{one}/link", Role.OWNER, self.make_link),
            PageRow("POST", f"{one}/remove", Role.OWNER, self.remove),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(
        self,
        request: PageRequest,
        *,
        entered: Fields | None = None,
        link_for: str = "",
        link: str = "",
        problem: str = "",
    ) -> Reply:
        with self._database.read() as work:
            members = work.accounts.members(request.merchant.id)
        context = {
            "members": members,
            "roles": ROLES,
            "entered": entered or Fields(),
            "link_for": link_for,
            "link": link,
            "problem": problem,
        }
        return Rendered("people.html.j2", context, status=422 if problem else 200)

    def add(self, request: PageRequest) -> Reply:
        token = new_token()
        try:
            added = invite_member(
                self._database,
                request.merchant.id,
                request.form.text("email"),
                request.form.text("role"),
                new_id=new_account_id(),
                link=token,
                change=request.real_change,
            )
        except (Malformed, AlreadyExists) as error:
            return self._page(request, entered=request.form, problem=str(error))
        link = sign_in_link(request.origin, token)
        return self._page(request, link_for=added.account.email, link=link)

    def change_role(self, request: PageRequest) -> Reply:
        try:
            changed = change_role(
                self._database,
                request.merchant.id,
                request.values["account_id"],
                request.form.text("role"),
                change=request.real_change,
            )
        except Malformed as error:
            return self._page(request, problem=str(error))
        told = f"{changed.account.email} is {changed.role} now."
        if changed.role is Role.VIEWER:
            told += self._what_they_left(request, changed)
        return SeeOther(request.to("/people"), told)

    def make_link(self, request: PageRequest) -> Reply:
        token = new_token()
        try:
            member = make_members_link(
                self._database,
                request.merchant.id,
                request.values["account_id"],
                link=token,
                change=request.real_change,
            )
        except Malformed as error:
            return self._page(request, problem=str(error))
        link = sign_in_link(request.origin, token)
        return self._page(request, link_for=member.account.email, link=link)

    def remove(self, request: PageRequest) -> Reply:
        try:
            removed = remove_member(
                self._database,
                request.merchant.id,
                request.values["account_id"],
                change=request.real_change,
            )
        except Malformed as error:
            return self._page(request, problem=str(error))
        told = f"{removed.account.email} has no role here any more."
        return SeeOther(request.to("/people"), told + self._what_they_left(request, removed))

    def _what_they_left(self, request: PageRequest, member: Membership) -> str:
        """A sentence about the scheduled publications of a removed member, which stay scheduled."""
        with self._database.read() as work:
            waiting = work.scheduled_publications.of_merchant(
                request.merchant.id, limit=WAITING_AT_MOST
            )
        count = sum(p.is_waiting and p.scheduled_by == member.account.email for p in waiting)
        if not count:
            return ""
        what = "1 publication waits" if count == 1 else f"{count} publications wait"
        return f" {what} for a time that they set; the configuration page has what to cancel."
