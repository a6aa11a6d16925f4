"""Members in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.people.account import Membership


class MemberBody(msgspec.Struct, rename="camel"):
    """An account that may sign in to the console."""

    id: Annotated[str, Meta(description="The account's id.")]
    email: Annotated[str, Meta(description="The e-mail address of the account.")]
    role: Annotated[str, Meta(description="`viewer`, `editor` or `owner`.")]
    has_password: Annotated[bool, Meta(description="Whether the account has a password.")]


class MembersResponse(msgspec.Struct, rename="camel"):
    """All accounts that may sign in for the merchant."""

    members: Annotated[list[MemberBody], Meta(description="The members, sorted by e-mail address.")]


def member_to_wire(member: Membership) -> MemberBody:
    """A member in JSON."""
    return MemberBody(
        id=member.account.id,
        email=member.account.email,
        role=member.role,
        has_password=member.account.has_password,
    )
