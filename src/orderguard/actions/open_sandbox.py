"""Open a sandbox beside a live merchant, on behalf of one of its owners (contract §12)."""

from __future__ import annotations

from datetime import datetime

from orderguard.actions.create_merchant import add_merchant
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.publish_configuration import publish_next_version
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.account import Account, Membership, Role
from orderguard.domain.people.audit import Actor, Change
from orderguard.domain.people.merchant import Merchant, parse_merchant_name
from orderguard.domain.people.sandbox import Sandbox

SANDBOXES_AT_MOST = 10
"""Sandboxes of one account."""


def open_sandbox(
    database: Database,
    beside: MerchantId,
    name: str,
    owner: Account,
    *,
    new_id: MerchantId,
    at: datetime,
) -> Merchant:
    """A sandbox with the published configuration of the merchant `beside`, owned by this account.

    Raises `Malformed` for a bad name or too many sandboxes, `AlreadyExists` for a taken name.
    """
    change = Change(Actor(owner.email), at)
    sandbox = Merchant(new_id, parse_merchant_name(name), at, Sandbox())
    with database.begin() as work:
        work.accounts.lock(owner.id)
        others = {each.merchant for each in work.accounts.memberships_of(owner.id)}
        owned = [each for each in work.merchants.all() if each.sandbox and each.id in others]
        if len(owned) >= SANDBOXES_AT_MOST:
            raise Malformed(f"An account has {SANDBOXES_AT_MOST} sandboxes at most.")
        add_merchant(work, sandbox, change=change)
        work.accounts.add_membership(
            Membership(account=owner, merchant=sandbox.id, role=Role.OWNER)
        )
        published = work.configurations.latest(beside)
        if published is not None:
            publish_next_version(work, sandbox.id, published.source, change=change)
    return sandbox
