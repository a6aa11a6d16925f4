"""Sign in to the console and out of it: with a password, or once with a link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from orderguard.actions.keep_time import trusted_time
from orderguard.actions.ports.accounts import Passwords
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.domain.errors import Malformed, NotFound, OrderguardError
from orderguard.domain.people.account import (
    LINK_LIFETIME,
    Account,
    AccountId,
    AccountSession,
    AccountSessionId,
    hash_token,
    parse_email,
)
from orderguard.domain.people.audit import Actor, Change
from orderguard.domain.people.known_browser import mark_of, name_of_known_browser
from orderguard.domain.people.sign_in_throttle import Failures, Patience

NOTE_USE_EVERY = timedelta(minutes=1)
"""The precision of a session's last use, which saves a write per page."""


class SignInRefused(OrderguardError):
    """The sign-in is refused; the message does not tell whether the account exists."""


class TooManyFailures(SignInRefused):
    """Too many failed attempts: even the right password has to wait."""

    def __init__(self, wait: timedelta) -> None:
        self.wait_seconds = ceil(wait.total_seconds())
        unit = "second" if self.wait_seconds == 1 else "seconds"
        super().__init__(f"Too many failed attempts. Try again in {self.wait_seconds} {unit}.")


class LinkSpent(NotFound):
    """A sign-in link that does not exist, was used already, or has expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """The inputs of a sign-in: a fresh token and id, the address and the browser.

    The token is always new and replaces the browser's old one, to prevent session fixation.
    """

    token: str
    id: AccountSessionId
    address: str
    browser: str
    marks: tuple[str, ...] = ()
    """The marks of this browser from earlier sign-ins; see `domain/people/known_browser.py`."""
    name: str = ""
    """A random name for a browser that is not known yet."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A new session, and the mark to store in the browser as proof of this sign-in."""

    session: AccountSession
    mark: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in with a password or with a link. Each sign-in begins a new session."""

    database: Database
    passwords: Passwords

    def with_password(
        self, email: str, password: str, new: NewSession, *, at: datetime
    ) -> Admitted:
        """Begin a session of the account with this password. Raises `SignInRefused`.

        An attempt counts as failed before the password is compared, so that concurrent attempts do
        not bypass the throttle. An unknown account takes as long as a wrong password. A success
        clears only the failures of this browser or this address: guessing from elsewhere may still
        be going on.
        """
        with self.database.begin() as work:
            account = _account_of(work, email)
            password_hash = work.accounts.password_hash(account.id) if account else None
            known = _known(account, password_hash, new)
            counts = _count(work, email, new.address, known, at=at)
            # After the locks: a deletion locks rows as well, and two processes could deadlock.
            work.failed_sign_ins.remove_old(at=trusted_time(work, at=at).at)
        is_right = self.passwords.matches(password, password_hash)
        if account is None or password_hash is None or not is_right:
            raise _not_together()
        with self.database.begin() as work:
            _take_back(work, counts, at=at)
            work.accounts.lock(account.id)
            if work.accounts.password_hash(account.id) != password_hash:
                # The password was changed during the comparison: the old one is no longer valid.
                raise _not_together()
            mark = mark_of(known or new.name, account.id, password_hash)
            return Admitted(_begin(work, account.id, new, at=at), mark)

    def with_link(self, link: str, new: NewSession, *, at: datetime) -> AccountSession:
        """Begin a session with a link, which is spent with all other links of its account.

        The user of a link has forgotten the password, or never had one: the password is removed, so
        that a new one can be chosen. All other sessions end, because each could choose the new
        password. Raises `LinkSpent`.
        """
        with self.database.begin() as work:
            account = whom_link_lets_in(work, link, at=at)
            if account is None:
                raise _no_such_link()
            work.accounts.lock(account.id)
            if not work.sign_in_links.spend(hash_token(link)):
                raise _no_such_link()
            sign_out_elsewhere(work, account.id, but=None)
            if account.has_password:
                work.accounts.set_password_hash(account.id, None)
                change = Change(Actor(account.email), at)
                record_with_all(work, account, "account.password_forgotten", change=change)
            return _begin(work, account.id, new, at=at)


def whom_link_lets_in(work: UnitOfWork, link: str, *, at: datetime) -> Account | None:
    """The account of a sign-in link; None if it creates the first account. Raises `LinkSpent`."""
    found = work.sign_in_links.find(hash_token(link), at=at)
    if found is None:
        raise _no_such_link()
    (account,) = found
    return work.accounts.find(account) if account else None


def make_link_to_first_account(database: Database, *, token: str, at: datetime) -> None:
    """Create the one-time link with which the first account is made; valid for 24 hours."""
    with database.begin() as work:
        work.sign_in_links.remove_expired(at=trusted_time(work, at=at).at)
        work.sign_in_links.add(hash_token(token), None, expires_at=at + LINK_LIFETIME)


def make_sign_in_link(database: Database, account: Account, *, token: str, change: Change) -> None:
    """Create a one-time sign-in link for the account; valid for 24 hours.

    Only for the operator of the server: the link opens all merchants for which the account has
    a role. The audit trail of each merchant records it.
    """
    with database.begin() as work:
        work.accounts.lock(account.id)
        add_sign_in_link(work, account, token=token, change=change)


def add_sign_in_link(work: UnitOfWork, account: Account, *, token: str, change: Change) -> None:
    """Add a link for a locked account, and record it with each of the account's merchants."""
    work.sign_in_links.remove_expired(at=trusted_time(work, at=change.at).at)
    work.sign_in_links.add(hash_token(token), account.id, expires_at=change.at + LINK_LIFETIME)
    record_with_all(work, account, "member.link_made", change=change)


def record_with_all(work: UnitOfWork, account: Account, action: str, *, change: Change) -> None:
    """Record an action on the account in the audit trail of each of its merchants."""
    for membership in work.accounts.memberships_of(account.id):
        work.audit.record(membership.merchant, change=change, action=action, subject=account.email)


def find_signed_in(
    database: Database, token: str, *, at: datetime
) -> tuple[AccountSession, Account] | None:
    """The live session with this token, and its account; records the time of use."""
    with database.read() as work:
        session = work.account_sessions.find(hash_token(token))
        account = work.accounts.find(session.account) if session else None
    if session is None or account is None or not session.is_live(at=at):
        return None
    if at - session.last_seen_at >= NOTE_USE_EVERY:
        with database.begin() as work:
            work.account_sessions.note_use(session, at=at)
        session = replace(session, last_seen_at=at)
    return session, account


def sign_out(database: Database, account: AccountId, session: str) -> None:
    """End one of the account's sessions. Raises `NotFound`."""
    with database.begin() as work:
        own = work.account_sessions.of_account(account)
        found = next((each for each in own if each.id == session), None)
        if found is None:
            raise NotFound("You have no session with this id.")
        work.account_sessions.remove(found)


def sign_out_elsewhere(work: UnitOfWork, account: AccountId, *, but: AccountSession | None) -> None:
    """End all sessions of the account except `but`, and remove its unused sign-in links."""
    work.accounts.lock(account)
    work.sign_in_links.remove_of(account)
    for each in work.account_sessions.of_account(account):
        if but is None or each.id != but.id:
            work.account_sessions.remove(each)


Counts = tuple[tuple[str, Failures | None], ...]
"""The subjects of an attempt with their failures before; None for subjects a success clears."""


def _known(account: Account | None, password_hash: str | None, new: NewSession) -> str | None:
    """The name of a browser that has signed in to this account before."""
    if account is None or password_hash is None:
        return None
    return name_of_known_browser(new.marks, account.id, password_hash)


def _count(
    work: UnitOfWork, email: str, address: str, known: str | None, *, at: datetime
) -> Counts:
    """Count an attempt with strangers' guesses, or, for a known browser, separately.

    A known browser does not wait for its address either: a stranger may share the address. The
    subjects are always locked in the same order, so that two attempts cannot deadlock.
    """
    of_account = f"account {email.strip().lower()}"
    if known is not None:
        own = f"{of_account} browser {known}"
        count_attempt(work, own, Patience.OF_ACCOUNT, at=at)
        return ((own, None),)
    of_both, of_address = f"{of_account} address {address}", f"address {address}"
    before = count_attempt(work, of_account, Patience.OF_STRANGERS, at=at)
    count_attempt(work, of_both, Patience.OF_ACCOUNT, at=at)
    at_address = count_attempt(work, of_address, Patience.OF_ADDRESS, at=at)
    return ((of_account, before), (of_both, None), (of_address, at_address))


def _take_back(work: UnitOfWork, counts: Counts, *, at: datetime) -> None:
    """Uncount an attempt that succeeded, locking its subjects in the order of `_count`."""
    for subject, before in counts:
        if before is None:
            work.failed_sign_ins.forget(subject)
            continue
        counted = work.failed_sign_ins.lock(subject, at=at)
        work.failed_sign_ins.save(subject, counted.without_one(before))


def attempts_in(session: AccountSession) -> str:
    """The name under which a signed-in user's wrong current passwords are counted.

    They are counted by session: only the user who signed in has one.
    """
    return f"session {session.id}"


def count_attempt(work: UnitOfWork, subject: str, patience: Patience, *, at: datetime) -> Failures:
    """Count a sign-in attempt as failed in advance; returns the failures before it.

    The caller removes it after a success. `subject` is the account, address, browser or session
    that is counted. Raises `TooManyFailures` during the back-off.
    """
    failures = work.failed_sign_ins.lock(subject, at=at)
    if patience is Patience.OF_STRANGERS:
        failures = failures.faded(at=at)
    wait = failures.wait(patience, at=at)
    if wait:
        raise TooManyFailures(wait)
    work.failed_sign_ins.save(subject, failures.one_more(at=at))
    return failures


def _account_of(work: UnitOfWork, email: str) -> Account | None:
    try:
        return work.accounts.find_by_email(parse_email(email))
    except Malformed:
        return None


def _begin(
    work: UnitOfWork, account: AccountId, new: NewSession, *, at: datetime
) -> AccountSession:
    work.account_sessions.remove_expired(at=trusted_time(work, at=at).at)
    session = AccountSession(
        id=new.id,
        account=account,
        created_at=at,
        last_seen_at=at,
        address=new.address,
        browser=new.browser,
    )
    work.account_sessions.add(session, hash_token(new.token))
    return session


def _not_together() -> SignInRefused:
    return SignInRefused("This e-mail address and password do not belong together.")


def _no_such_link() -> LinkSpent:
    return LinkSpent(
        "This link is not valid any more: it works once, and for 24 hours. Ask an owner or whoever "
        "runs the server for a new one (orderguard accounts link)."
    )
