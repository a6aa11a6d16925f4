"""`/admin/v1/members`: the accounts that may sign in to the console.

The API cannot add a member: a member signs in with a link, and an API key should not make links.
"""

from __future__ import annotations

from orderguard.actions.manage_accounts import remove_member as remove
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_id
from orderguard.admin.api.refusals import INVALID, NOT_FOUND
from orderguard.admin.api.wire.members import MembersResponse, member_to_wire
from orderguard.http.openapi.vocabulary import Example

_OWNER = {
    "id": "acc_a1b2c3d4e5f6",
    "email": "ida@shop.example",
    "role": "owner",
    "hasPassword": True,
}


def list_members(call: Call) -> MembersResponse:
    """Every account with a role for the merchant."""
    with call.reading() as work:
        members = work.accounts.members(call.merchant)
    return MembersResponse([member_to_wire(each) for each in members])


def remove_member(call: Call) -> None:
    """Remove a member from the merchant; the account keeps roles for other merchants."""
    remove(call.database, call.merchant, call.path["account_id"], change=call.real_change)


OPERATIONS = (
    Operation(
        "GET",
        "/members",
        list_members,
        "listMembers",
        "List members",
        "Who may sign in to the console, and what they may do there. Adding somebody "
        "takes the console or the command line.",
        "The members.",
        examples={"members": Example("An owner", {"members": [_OWNER]})},
    ),
    Operation(
        "DELETE",
        "/members/{account_id}",
        remove_member,
        "removeMember",
        "Remove a member",
        "They are let in no more. The last owner cannot be removed.",
        "They have no role any more.",
        status=204,
        parameters=(path_id("account_id", "The account's id.", "acc_a1b2c3d4e5f6"),),
        refusals=(INVALID, NOT_FOUND),
    ),
)
