"""Manage the members of a merchant, their roles and their passwords."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports.accounts import Passwords
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.sign_in import (
    add_sign_in_link,
    attempts_in,
    count_attempt,
    record_with_all,
    sign_out_elsewhere,
    whom_link_lets_in,
)
from orderguard.domain.errors import AlreadyExists, Malformed, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.account import (
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
from orderguard.domain.people.audit import Actor, Change
from orderguard.domain.people.merchant import Merchant, parse_merchant_name
from orderguard.domain.people.sign_in_throttle import Patience


def add_member(
    database: Database,
    merchant: str,
    email: str,
    role: str,
    *,
    new_id: AccountId,
    password_hash: str | None = None,
    link: str | None = None,
    change: Change,
) -> Membership:
    """Give an account a role for a merchant, with a password or with the token of a sign-in link.

    Only the operator of the server may, because the account may have roles elsewhere. An account
    that exists is reset, because it is unknown who chose its password. Raises `Malformed`,
    `NotFound` for the merchant, `AlreadyExists` for an account that has a role for it already.
    """
    address, wanted = parse_email(email), parse_role(role)
    with database.begin() as work:
        owner = get_merchant(work, merchant).id
        account = _find_locked(work, address)
        membership = _join_anew(
            work,
            owner,
            account or _new(new_id, address, change.at),
            wanted,
            password_hash,
            change=change,
        )
        if link:
            add_sign_in_link(work, membership.account, token=link, change=change)
    return membership


def invite_member(
    database: Database,
    merchant: MerchantId,
    email: str,
    role: str,
    *,
    new_id: AccountId,
    link: str,
    change: Change,
) -> Membership:
    """Give an account a role and the token of a sign-in link, on behalf of an owner.

    Raises `Malformed` also for an account with a role elsewhere, `AlreadyExists` for one with a
    role here.
    """
    address, wanted = parse_email(email), parse_role(role)
    with database.begin() as work:
        account = _find_locked(work, address)
        if account:
            _refuse_elsewhere(work, merchant, account)
        membership = _join_anew(
            work, merchant, account or _new(new_id, address, change.at), wanted, None, change=change
        )
        add_sign_in_link(work, membership.account, token=link, change=change)
    return membership


def make_members_link(
    database: Database, merchant: MerchantId, id_: str, *, link: str, change: Change
) -> Membership:
    """Create a member's one-time sign-in link, on behalf of an owner.

    Raises `NotFound`, and `Malformed` for a member with a role for another merchant.
    """
    with database.begin() as work:
        work.accounts.lock(AccountId(id_))
        member = get_membership(work, merchant, id_)
        _refuse_elsewhere(work, merchant, member.account)
        add_sign_in_link(work, member.account, token=link, change=change)
    return member


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
    """Create the first account, owner of all existing merchants, or of a new one of this name.

    Raises `NotFound` when the link is spent or an account exists by now, and `Malformed`.
    """
    account = Account(id=new_id, email=parse_email(email), has_password=True, created_at=at)
    change = Change(Actor(account.email), at)
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
                change=change,
                action="merchant.created",
                subject=new_merchant_id,
                after={"name": merchants[0].name},
            )
        work.accounts.add(account, password_hash)
        for each in merchants:
            membership = Membership(account=account, merchant=each.id, role=Role.OWNER)
            _join(work, membership, change=change)
    return account


def change_role(
    database: Database, merchant: MerchantId, id_: str, role: str, *, change: Change
) -> Membership:
    """Change a member's role. Raises `NotFound`, `Malformed` also for the last owner."""
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
        work.audit.record(
            merchant,
            change=change,
            action="member.role_changed",
            subject=before.account.email,
            before={"role": before.role},
            after={"role": after.role},
        )
    return after


def remove_member(
    database: Database, merchant: MerchantId, id_: str, *, change: Change
) -> Membership:
    """Remove a member from a merchant. Raises `NotFound`, `Malformed` for the last owner."""
    with database.begin() as work:
        work.merchants.lock(merchant)
        membership = get_membership(work, merchant, id_)
        if membership.role is Role.OWNER:
            _keep_an_owner(work, membership)
        work.accounts.remove_membership(membership)
        work.audit.record(
            merchant,
            change=change,
            action="member.removed",
            subject=membership.account.email,
            before={"role": membership.role},
        )
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
    change: Change,
) -> str:
    """Set a new password, end all other sessions of the account, and expire its sign-in links.

    An account with a password must give the current one; None means that the field was left empty.
    Guesses count against the session, so that strangers' guesses never lock a member out of
    changing the password. Returns the password's hash, which signs the browser's next mark. Raises
    `Malformed`, and `TooManyFailures`.
    """
    parse_password(wanted)
    with database.read() as work:
        known = work.accounts.password_hash(account.id)
    if known is not None:
        with database.begin() as work:
            count_attempt(work, attempts_in(session), Patience.OF_ACCOUNT, at=change.at)
        if not passwords.matches(current or "", known):
            raise Malformed("This is not your current password.")
    password_hash = passwords.hash(wanted)
    with database.begin() as work:
        work.accounts.lock(account.id)
        if work.accounts.password_hash(account.id) != known or not _holds(work, session):
            raise Malformed("Your account was changed meanwhile. Sign in again.")
        work.accounts.set_password_hash(account.id, password_hash)
        work.failed_sign_ins.forget(attempts_in(session))
        sign_out_elsewhere(work, account.id, but=session)
        record_with_all(work, account, "account.password_chosen", change=change)
    return password_hash


def _find_locked(work: UnitOfWork, address: str) -> Account | None:
    account = work.accounts.find_by_email(address)
    if account:
        work.accounts.lock(account.id)
    return account


def _new(id_: AccountId, address: str, at: datetime) -> Account:
    return Account(id=id_, email=address, has_password=False, created_at=at)


def _refuse_elsewhere(work: UnitOfWork, merchant: MerchantId, account: Account) -> None:
    """Refuse an account with other merchants: its password or link would open them, too."""
    if any(each.merchant != merchant for each in work.accounts.memberships_of(account.id)):
        raise Malformed(
            f"{account.email} has a role elsewhere, so only whoever runs the server can let them "
            "in: orderguard accounts create, or link"
        )


def _join_anew(
    work: UnitOfWork,
    merchant: MerchantId,
    account: Account,
    role: Role,
    password_hash: str | None,
    *,
    change: Change,
) -> Membership:
    """Add a membership; an existing account is reset: new password or none, no sessions, no links.

    So a person who knew its password, or was signed in, does not get into this merchant.
    """
    if work.accounts.membership(merchant, account.id):
        raise AlreadyExists(f"{account.email} has a role here already. Change it instead.")
    account = replace(account, has_password=password_hash is not None)
    if work.accounts.find(account.id) is None:
        work.accounts.add(account, password_hash)
    else:
        work.accounts.set_password_hash(account.id, password_hash)
        sign_out_elsewhere(work, account.id, but=None)
        record_with_all(work, account, "account.begun_anew", change=change)
    membership = Membership(account=account, merchant=merchant, role=role)
    _join(work, membership, change=change)
    return membership


def _holds(work: UnitOfWork, session: AccountSession) -> bool:
    return any(each.id == session.id for each in work.account_sessions.of_account(session.account))


def _join(work: UnitOfWork, membership: Membership, *, change: Change) -> None:
    work.accounts.add_membership(membership)
    work.audit.record(
        membership.merchant,
        change=change,
        action="member.added",
        subject=membership.account.email,
        after={"role": membership.role},
    )


def _keep_an_owner(work: UnitOfWork, leaving: Membership) -> None:
    members = work.accounts.members(leaving.merchant)
    if not any(each.role is Role.OWNER and each != leaving for each in members):
        raise Malformed("This is the last owner. Make somebody else an owner first.")
