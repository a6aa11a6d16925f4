"""People in front of the console, over HTTP."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import httpx

from orderguard.actions.manage_accounts import add_member
from orderguard.actions.sign_in import make_sign_in_link
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import Change
from orderguard.passwords import Argon2Passwords
from orderguard.randomness import new_account_id, new_token
from orderguard.running.wiring import now
from tests.support.shop import A_TESTER, Reachable, Shop

PASSWORD = "a lamp, a chair and a rug"


@cache
def password_hash() -> str:
    """Of `PASSWORD`; made once, because it takes long on purpose."""
    return Argon2Passwords().hash(PASSWORD)


def an_account(shop: Shop, role: Role = Role.OWNER) -> str:
    """The e-mail address of a new account that has this role for the shop."""
    id_ = new_account_id()
    email = f"{id_[4:].lower()}@shop.example"
    add_member(
        shop.running.database,
        shop.id,
        email,
        role,
        new_id=id_,
        password_hash=password_hash(),
        change=Change(A_TESTER, now()),
    )
    return email


def a_link(shop: Shop, email: str) -> str:
    """The path of a link that lets this account in once."""
    token = new_token()
    with shop.running.database.read() as work:
        account = work.accounts.find_by_email(email)
    assert account
    make_sign_in_link(shop.running.database, account, token=token, change=Change(A_TESTER, now()))
    return f"/console/welcome?link={token}"


class Visitor:
    """A browser without scripts: it keeps cookies, and sends forms with the token of the page."""

    def __init__(self, running: Reachable) -> None:
        self.http = running.client()

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def form_token(self, path: str) -> str:
        """The token in the forms of a page."""
        found = re.search(r'name="form_token" value="(\w+)"', self.get(path).text)
        assert found, f"no form at {path}"
        return found[1]

    def send(self, page: str, action: str, **fields: str) -> httpx.Response:
        """A form of `page`, filled in and sent to `action`."""
        fields["form_token"] = self.form_token(page)
        return self.http.post(action, data=fields)

    def sign_in(
        self, email: str, password: str = PASSWORD, next_path: str = "/console"
    ) -> httpx.Response:
        return self.send(
            "/console/sign-in", "/console/sign-in", email=email, password=password, next=next_path
        )


def a_visitor(shop: Shop, role: Role = Role.OWNER) -> Visitor:
    """Somebody with this role for the shop, who is signed in."""
    visitor = Visitor(shop.running)
    link = a_link(shop, an_account(shop, role))
    answer = visitor.send(link, "/console/welcome", link=link.partition("=")[2])
    assert 303 == answer.status_code, answer.text
    return visitor


def text_of(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())
