"""Let people in, say what they may do, and let them choose passwords."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports import Database, Passwords, UnitOfWork
from orderguard.actions.sign_in import sign_out_elsewhere, whom_link_lets_in
from orderguard.domain.account import (
    Account,
    AccountId,
    AccountSession,
    Membership,
    Role,
    hash_token,
    parse_email,
    parse_password,
    parse_role,
)
from orderguard.domain.audit import Actor
from orderguard.domain.errors import AlreadyExists, Malformed, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.merchant import Merchant, parse_merchant_name


def add_member(
    database: Database,
    merchant: str,
    email: str,
    role: str,
    *,
    new_id: AccountId,
    password_hash: str | None = None,
    by: Actor,
    at: datetime,
) -> Membership:
    """Give a person a role; without an account yet, they get one.

    `password_hash` is for a new account; one that exists keeps its own. Raises `Malformed`,
    `NotFound` for the merchant, `AlreadyExists` for somebody who has a role already.
    """
    address, wanted = parse_email(email), parse_role(role)
    with database.begin() as work:
        owner = get_merchant(work, merchant).id
        account = work.accounts.find_by_email(address)
        if account is None:
            account = Account(
                id=new_id, email=address, has_password=password_hash is not None, created_at=at
            )
            work.accounts.add(account, password_hash)
        elif work.accounts.membership(owner, account.id):
            raise AlreadyExists(f"{address} has a role here already. Change it instead.")
        membership = Membership(account=account, merchant=owner, role=wanted)
        _join(work, membership, by=by, at=at)
    return membership


def make_first_account(
    database: Database,
    link: str,
    email: str,
    password_hash: str,
    *,
    new_id: AccountId,
    shop_name: str,
    new_merchant_id: MerchantId,
    at: datetime,
) -> Account:
    """The first account, owner of every merchant there is, or of a new one of this name.

    Raises `NotFound` when the link is spent or there is an account by now, and `Malformed`.
    """
    account = Account(id=new_id, email=parse_email(email), has_password=True, created_at=at)
    by = Actor(account.email)
    with database.begin() as work:
        whom_link_lets_in(work, link, at=at)
        if work.accounts.exist() or not work.sign_in_links.spend(hash_token(link)):
            raise NotFound("The first account has been made already. Sign in with it.")
        merchants = [*work.merchants.all()]
        if not merchants:
            merchants = [Merchant(new_merchant_id, parse_merchant_name(shop_name), at)]
            work.merchants.add(merchants[0])
            work.audit.record(
                new_merchant_id,
                at=at,
                actor=by,
                action="merchant.created",
                subject=new_merchant_id,
                after={"name": merchants[0].name},
            )
        work.accounts.add(account, password_hash)
        for each in merchants:
            membership = Membership(account=account, merchant=each.id, role=Role.OWNER)
            _join(work, membership, by=by, at=at)
    return account


def change_role(
    database: Database, merchant: MerchantId, id_: str, role: str, *, by: Actor, at: datetime
) -> Membership:
    """Another role for a member. Raises `NotFound`, `Malformed` also for the last owner."""
    wanted = parse_role(role)
    with database.begin() as work:
        work.merchants.lock(merchant)
        before = get_membership(work, merchant, id_)
        after = replace(before, role=wanted)
        if before == after:
            return before
        if before.role is Role.OWNER:
            _keep_an_owner(work, before)
        work.accounts.set_role(before, wanted)
        _record(work, "role_changed", before, after, by=by, at=at)
    return after


def remove_member(
    database: Database, merchant: MerchantId, id_: str, *, by: Actor, at: datetime
) -> Membership:
    """Let a member in no more. Raises `NotFound`, `Malformed` for the last owner."""
    with database.begin() as work:
        work.merchants.lock(merchant)
        membership = get_membership(work, merchant, id_)
        if membership.role is Role.OWNER:
            _keep_an_owner(work, membership)
        work.accounts.remove_membership(membership)
        _record(work, "removed", membership, None, by=by, at=at)
    return membership


def get_membership(work: UnitOfWork, merchant: MerchantId, id_: str) -> Membership:
    """The membership of the account with this id. Raises `NotFound`."""
    membership = work.accounts.membership(merchant, AccountId(id_))
    if membership is None:
        raise NotFound("Nobody with this id has a role for this merchant.")
    return membership


def choose_password(
    database: Database,
    passwords: Passwords,
    account: Account,
    *,
    current: str | None,
    wanted: str,
    session: AccountSession,
    by: Actor,
    at: datetime,
) -> None:
    """A new password; all other sessions of the account end.

    Who has a password must know it; None stands for nothing typed. Raises `Malformed`.
    """
    parse_password(wanted)
    with database.read() as work:
        known = work.accounts.password_hash(account.id)
    if known is not None and not passwords.matches(current or "", known):
        raise Malformed("This is not your current password.")
    password_hash = passwords.hash(wanted)
    with database.begin() as work:
        work.accounts.set_password_hash(account.id, password_hash)
        sign_out_elsewhere(work, account.id, but=session)
        for membership in work.accounts.memberships_of(account.id):
            work.audit.record(
                membership.merchant,
                at=at,
                actor=by,
                action="account.password_chosen",
                subject=account.email,
            )


def _join(work: UnitOfWork, membership: Membership, *, by: Actor, at: datetime) -> None:
    work.accounts.add_membership(membership)
    _record(work, "added", None, membership, by=by, at=at)


def _keep_an_owner(work: UnitOfWork, leaving: Membership) -> None:
    members = work.accounts.members(leaving.merchant)
    if not any(each.role is Role.OWNER and each != leaving for each in members):
        raise Malformed("This is the last owner. Make somebody else an owner first.")


def _record(
    work: UnitOfWork,
    done: str,
    before: Membership | None,
    after: Membership | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    either = before or after
    if either is None:
        return
    work.audit.record(
        either.merchant,
        at=at,
        actor=by,
        action=f"member.{done}",
        subject=either.account.email,
        before={"role": before.role} if before else None,
        after={"role": after.role} if after else None,
    )
