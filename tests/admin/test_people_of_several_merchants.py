"""Nobody gets into a merchant by what they did for another one: accounts are everybody's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from orderguard.actions.manage_accounts import (
    add_member,
    invite_member,
    make_members_link,
    remove_member,
)
from orderguard.actions.sign_in import NewSession, SignIn, SignInRefused, whom_link_lets_in
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.people.account import Account, Role
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_account_id, new_account_session_id, new_token
from orderguard.running.wiring import now
from tests.support.console import (
    PASSWORD,
    Visitor,
    a_link,
    a_visitor,
    an_account,
    password_hash,
    text_of,
)
from tests.support.shop import A_TESTER, RunningServer, Shop


@pytest.fixture
def other(running_server: RunningServer) -> Shop:
    """The shop of Mallory, who would like to be in the first one."""
    return running_server.a_shop()


@pytest.fixture
def mallory(other: Shop) -> Visitor:
    return a_visitor(other)


def an_address() -> str:
    return f"{new_account_id()[4:].lower()}@shop.example"


def account_of(shop: Shop, email: str) -> Account:
    with shop.running.database.read() as work:
        account = work.accounts.find_by_email(email)
    assert account
    return account


def trail(shop: Shop, email: str) -> list[str]:
    """What was done to this account, newest first."""
    with shop.running.database.read() as work:
        entries = work.audit.page(shop.id, limit=50)
    return [each.action for each in entries if each.subject == email]


def add(shop: Shop, email: str, password_hash: str | None = None) -> Account:
    """What `orderguard accounts create` does."""
    member = add_member(
        shop.running.database,
        shop.id,
        email,
        Role.EDITOR,
        new_id=new_account_id(),
        password_hash=password_hash,
        change=Change(A_TESTER, now()),
    )
    return member.account


def invite(shop: Shop, email: str) -> str:
    """The token of the link that an owner gets on People."""
    token = new_token()
    invite_member(
        shop.running.database,
        shop.id,
        email,
        Role.VIEWER,
        new_id=new_account_id(),
        link=token,
        change=Change(A_TESTER, now()),
    )
    return token


def use(shop: Shop, token: str) -> tuple[Visitor, httpx.Response]:
    visitor = Visitor(shop.running)
    link = f"/console/welcome?link={token}"
    return visitor, visitor.send(link, "/console/welcome", link=token)


def lets_in(shop: Shop, token: str) -> bool:
    try:
        with shop.running.database.read() as work:
            return whom_link_lets_in(work, token, at=now()) is not None
    except NotFound:
        return False


@pytest.mark.parametrize("has_password", [False, True])
def test_no_owner_lets_somebody_in_who_has_a_role_elsewhere(
    shop: Shop, other: Shop, mallory: Visitor, has_password: bool
) -> None:
    email, people = an_address(), f"/console/m/{other.id}/people"
    add(shop, email, password_hash() if has_password else None)

    answer = mallory.send(people, people, email=email, role="viewer")

    assert 422 == answer.status_code
    assert "only whoever runs the server" in text_of(answer)
    assert "welcome?link=" not in answer.text
    assert ["member.added"] == trail(shop, email)
    assert [] == trail(other, email)


def test_no_owner_makes_a_link_for_somebody_who_is_also_elsewhere(
    shop: Shop, other: Shop, mallory: Visitor
) -> None:
    email, people = an_address(), f"/console/m/{other.id}/people"
    for each in (shop, other):
        add(each, email)

    answer = mallory.send(people, f"{people}/{account_of(shop, email).id}/link")

    assert 422 == answer.status_code
    assert "welcome?link=" not in answer.text


def test_who_was_somewhere_else_before_them_does_not_get_in_as_somebody(
    shop: Shop, other: Shop
) -> None:
    email = an_address()
    mallory, _ = use(other, invite(other, email))
    page = "/console/account"
    assert 303 == mallory.send(page, page, password=PASSWORD).status_code
    unused = a_link(other, email).partition("=")[2]

    account = add(shop, email)

    assert not account.has_password
    assert 303 == mallory.get(page).status_code
    assert 422 == Visitor(shop.running).sign_in(email).status_code
    assert not lets_in(shop, unused)
    assert "account.begun_anew" == trail(other, email)[0]


def test_a_password_that_comes_with_a_role_is_the_only_one(shop: Shop, other: Shop) -> None:
    email = an_account(other)

    add(shop, email, "$argon2id$another")

    assert 422 == Visitor(shop.running).sign_in(email).status_code


def test_who_has_no_role_left_is_let_in_by_an_owner_and_begins_anew(
    shop: Shop, other: Shop
) -> None:
    email = an_account(other)
    add_back = account_of(other, email)
    an_account(other)
    remove_member(other.running.database, other.id, add_back.id, change=Change(A_TESTER, now()))

    token = invite(shop, email)

    assert 422 == Visitor(shop.running).sign_in(email).status_code
    _, answer = use(shop, token)
    assert "/console/account" == answer.headers["location"]


def test_no_link_of_another_owner_outlives_a_new_role(shop: Shop, other: Shop) -> None:
    database = shop.running.database

    def make_link(account: Account) -> str:
        token = new_token()
        try:
            make_members_link(
                database, other.id, account.id, link=token, change=Change(A_TESTER, now())
            )
        except Malformed:
            return ""
        return token

    for _ in range(20):
        email = an_address()
        account = add(other, email)
        with ThreadPoolExecutor(2) as both:
            link = both.submit(make_link, account)
            role = both.submit(add, shop, email)
        role.result()

        assert not lets_in(shop, link.result())


def test_who_makes_links_is_on_record(shop: Shop) -> None:
    email, owner, people = an_address(), a_visitor(shop), f"/console/m/{shop.id}/people"

    owner.send(people, people, email=email, role="viewer")
    owner.send(people, f"{people}/{account_of(shop, email).id}/link")
    a_link(shop, email)

    assert ["member.link_made"] * 3 + ["member.added"] == trail(shop, email)


def test_a_new_password_and_a_used_link_end_all_other_links(shop: Shop) -> None:
    email = an_account(shop)
    first, second, third = (a_link(shop, email).partition("=")[2] for _ in range(3))
    page = "/console/account"

    visitor, _ = use(shop, first)

    assert not lets_in(shop, second)
    fourth = a_link(shop, email).partition("=")[2]
    answer = visitor.send(page, page, current=PASSWORD, password="another good password")
    assert 303 == answer.status_code
    assert not any(lets_in(shop, each) for each in (third, fourth))


class SlowPasswords:
    """While a password is compared, the account begins anew."""

    def __init__(self, shop: Shop, email: str) -> None:
        self._shop, self._email = shop, email

    def hash(self, password: str) -> str:
        return password

    def matches(self, password: str, password_hash: str | None) -> bool:
        add(self._shop, self._email)
        return password == PASSWORD and password_hash is not None


def test_a_password_that_is_forgotten_while_it_is_compared_lets_nobody_in(
    shop: Shop, other: Shop
) -> None:
    email = an_account(other)
    new = NewSession(
        token=new_token(), id=new_account_session_id(), address="192.0.2.1", browser="tests"
    )

    with pytest.raises(SignInRefused):
        SignIn(shop.running.database, SlowPasswords(shop, email)).with_password(
            email, PASSWORD, new, at=now()
        )
