"""Members in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orderguard.domain.people.account import Membership
from orderguard.http.wire.doc import doc


class MemberBody(msgspec.Struct, rename="camel"):
    """An account that may sign in to the console."""

    id: Annotated[str, doc("The account's id.")]
    email: Annotated[str, doc("The e-mail address of the account.")]
    role: Annotated[str, doc("`viewer`, `editor` or `owner`.")]
    has_password: Annotated[bool, doc("Whether the account has a password.")]


class MembersResponse(msgspec.Struct, rename="camel"):
    """All accounts that may sign in for the merchant."""

    members: Annotated[list[MemberBody], doc("The members, sorted by e-mail address.")]


def member_to_wire(member: Membership) -> MemberBody:
    """A member in JSON."""
    return MemberBody(
        id=member.account.id,
        email=member.account.email,
        role=member.role,
        has_password=member.account.has_password,
    )
