"""`/admin/v1/members`: who may sign in to the console.

Adding somebody takes a person: what lets them in is a link, and an API key should not make one.
"""

from __future__ import annotations

import falcon
from falcon.asgi import Request, Response

from orderguard.actions.manage_accounts import remove_member
from orderguard.admin.api.desk import AdminDesk
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_members import MembersResponse, member_to_wire


class MembersResource:
    """Everybody with a role."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "members")
        members = await self._desk.look(lambda work: work.accounts.members(caller.merchant))
        write_json(response, MembersResponse([member_to_wire(each) for each in members]))


class MemberResource:
    """One of them, to be let in no more."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_delete(self, request: Request, response: Response, account_id: str) -> None:
        caller = await self._desk.admit(request, "member")
        await self._desk.run(
            lambda: remove_member(
                self._desk.database,
                caller.merchant,
                account_id,
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_204
