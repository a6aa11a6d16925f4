"""Getting into the console, and not getting in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from orderguard.actions.sign_in import (
    NewSession,
    SignIn,
    SignInRefused,
    TooManyFailures,
    attempts_in,
    find_signed_in,
    make_link_to_first_account,
    make_sign_in_link,
)
from orderguard.domain.people.account import IDLE_LIFETIME, LINK_LIFETIME, WHOLE_LIFETIME, Role
from orderguard.domain.people.audit import Change
from orderguard.passwords import Argon2Passwords
from orderguard.randomness import new_account_session_id, new_browser_name, new_token
from orderguard.running.wiring import now
from tests.support.console import PASSWORD, Visitor, a_link, a_visitor, an_account, text_of
from tests.support.shop import A_TESTER, RunningServer, Shop

START = "/console/sign-in"


@pytest.fixture
def email(shop: Shop) -> str:
    return an_account(shop)


@pytest.fixture
def visitor(running_server: RunningServer) -> Visitor:
    return Visitor(running_server)


def session_cookie(visitor: Visitor) -> str | None:
    return visitor.http.cookies.get("orderguard_session")


def test_the_right_password_opens_the_overview(shop: Shop, email: str, visitor: Visitor) -> None:
    answer = visitor.sign_in(email)

    assert 303 == answer.status_code
    overview = visitor.http.get(answer.headers["location"], follow_redirects=True)
    assert f"/console/m/{shop.id}/overview" == urlsplit(str(overview.url)).path


def test_a_wrong_password_and_an_unknown_account_are_told_the_same(
    email: str, visitor: Visitor
) -> None:
    wrong = visitor.sign_in(email, "not the password")
    unknown = visitor.sign_in("nobody@shop.example", "not the password")

    assert [422, 422] == [wrong.status_code, unknown.status_code]
    assert text_of(wrong) == text_of(unknown)
    assert session_cookie(visitor) is None


def test_a_form_of_a_stranger_has_the_size_of_an_address_and_a_password(visitor: Visitor) -> None:
    answer = visitor.sign_in("a" * 20_000 + "@shop.example")

    assert 400 == answer.status_code
    assert "the limit is 16384 bytes" in answer.text


class CountingPasswords:
    """Remembers what it was asked to compare."""

    def __init__(self) -> None:
        self.compared_with: list[str | None] = []

    def hash(self, password: str) -> str:
        return password

    def matches(self, password: str, password_hash: str | None) -> bool:
        self.compared_with.append(password_hash)
        return password == password_hash


def a_new_session(address: str = "192.0.2.1", *marks: str) -> NewSession:
    return NewSession(
        token=new_token(),
        id=new_account_session_id(),
        address=address,
        browser="tests",
        marks=marks,
        name=new_browser_name(),
    )


def test_an_unknown_account_costs_a_comparison_too(running_server: RunningServer) -> None:
    passwords = CountingPasswords()
    sign_in = SignIn(running_server.database, passwords)

    with pytest.raises(SignInRefused):
        sign_in.with_password("nobody@else.example", "x", a_new_session(), at=now())

    assert [None] == passwords.compared_with


def guess(sign_in: SignIn, email: str, *, at: datetime, address: str = "192.0.2.7") -> None:
    with pytest.raises(SignInRefused):
        sign_in.with_password(email, "wrong", a_new_session(address), at=at)


def test_after_too_many_guesses_also_the_right_password_waits(
    running_server: RunningServer, email: str
) -> None:
    sign_in = SignIn(running_server.database, CountingPasswords())
    at = now()
    for _ in range(5):
        guess(sign_in, email, at=at)

    with pytest.raises(TooManyFailures) as refused:
        sign_in.with_password(email, PASSWORD, a_new_session("192.0.2.7"), at=at)

    assert 1 == refused.value.wait_seconds


def heard(
    sign_in: SignIn, email: str, times: int, *, at: datetime, addresses: Sequence[str]
) -> int:
    """How many of so many guesses were compared with a password; each has the next address."""
    count = 0
    for number in range(times):
        address = addresses[number % len(addresses)]
        try:
            sign_in.with_password(email, "wrong", a_new_session(address), at=at)
        except TooManyFailures:
            continue
        except SignInRefused:
            count += 1
    return count


def test_an_owner_gets_in_while_a_stranger_guesses_at_their_account(
    running_server: RunningServer, email: str
) -> None:
    """The stranger is heard whenever that is possible, and the owner comes at any moment."""
    counting = SignIn(running_server.database, CountingPasswords())
    honest = SignIn(running_server.database, Argon2Passwords())
    at, office, elsewhere = now(), "192.0.2.44", "198.51.100.9"
    mark = honest.with_password(email, PASSWORD, a_new_session(office), at=at).mark
    compared = 0

    for minute in range(40):
        at += timedelta(minutes=1)
        compared += heard(counting, email, 10, at=at, addresses=[elsewhere])
        if minute % 8 == 0:
            # At the address of the guesser, with the mark; and at another one, on a new device.
            honest.with_password(email, PASSWORD, a_new_session(elsewhere, mark), at=at)
            honest.with_password(email, PASSWORD, a_new_session(f"203.0.113.{minute}"), at=at)

    assert 20 >= compared


def test_a_known_browser_is_slowed_down_by_its_own_failures_and_by_no_others(
    running_server: RunningServer, email: str
) -> None:
    counting = SignIn(running_server.database, CountingPasswords())
    honest = SignIn(running_server.database, Argon2Passwords())
    at = now()
    mark = honest.with_password(email, PASSWORD, a_new_session(), at=at).mark
    for _ in range(5):
        with pytest.raises(SignInRefused):
            counting.with_password(email, "wrong", a_new_session("192.0.2.2", mark), at=at)

    with pytest.raises(TooManyFailures):
        honest.with_password(email, PASSWORD, a_new_session("192.0.2.3", mark), at=at)

    honest.with_password(email, PASSWORD, a_new_session("192.0.2.4"), at=at)


def test_a_mark_is_worth_nothing_for_another_account_or_after_a_new_password(
    running_server: RunningServer, shop: Shop, email: str
) -> None:
    counting = SignIn(running_server.database, CountingPasswords())
    honest = SignIn(running_server.database, Argon2Passwords())
    at, other, address = now(), an_account(shop), "192.0.2.50"
    mark = honest.with_password(email, PASSWORD, a_new_session(), at=at).mark
    assert mark == honest.with_password(email, PASSWORD, a_new_session(address, mark), at=at).mark
    for _ in range(5):
        guess(counting, other, at=at, address=address)

    forged = [mark, mark.partition(".")[0], "name.0", ".", f"{mark}0", "ä.ö"]
    for each in forged:
        with pytest.raises(TooManyFailures):
            honest.with_password(other, PASSWORD, a_new_session(address, each), at=at)

    with running_server.database.begin() as work:
        account = work.accounts.find_by_email(email)
        assert account
        work.accounts.set_password_hash(account.id, Argon2Passwords().hash(PASSWORD))
    for _ in range(5):
        guess(counting, email, at=at, address=address)
    with pytest.raises(TooManyFailures):
        honest.with_password(email, PASSWORD, a_new_session(address, mark), at=at)


def test_guesses_from_many_addresses_at_one_account_are_bounded_together(
    running_server: RunningServer, email: str
) -> None:
    counting = SignIn(running_server.database, CountingPasswords())
    at = now()
    addresses = [f"2001:db8:1:{number:x}::" for number in range(200)]

    at_once = heard(counting, email, 400, at=at, addresses=addresses)
    in_the_next_hour = sum(
        heard(counting, email, 20, at=at + timedelta(seconds=10 * n), addresses=addresses)
        for n in range(1, 361)
    )

    assert 60 == at_once
    assert 75 >= in_the_next_hour


def guess_until_refused(stranger: Visitor, email: str) -> list[httpx.Response]:
    """What the stranger was answered; on a slow machine the first waits are over too soon."""
    answers = []
    for _ in range(15):
        answers.append(stranger.sign_in(email, "not the password"))
        if answers[-1].status_code != 422:
            break
    assert 429 == answers[-1].status_code
    return answers


def test_a_browser_that_signed_in_keeps_its_mark_after_signing_out(
    shop: Shop, email: str, visitor: Visitor
) -> None:
    visitor.sign_in(email)
    cookies = [c for c in visitor.http.cookies.jar if c.name.endswith("orderguard_browser")]

    visitor.send("/console/account", "/console/sign-out")

    (cookie,) = cookies
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.expires
    assert timedelta(days=399) < timedelta(seconds=cookie.expires - now().timestamp())
    guess_until_refused(Visitor(shop.running), email)
    assert 303 == visitor.sign_in(email).status_code


def test_a_stranger_keeps_nobody_from_a_new_password(
    shop: Shop, email: str, visitor: Visitor
) -> None:
    visitor.sign_in(email)
    page, wanted = "/console/account", "another good password"
    guess_until_refused(Visitor(shop.running), email)

    changed = visitor.send(page, page, current=PASSWORD, password=wanted)

    assert 303 == changed.status_code
    assert "Your password is changed" in text_of(visitor.get(page))
    # The old mark is worth nothing any more; the browser got a new one.
    visitor.send(page, "/console/sign-out")
    assert 303 == visitor.sign_in(email, wanted).status_code


def test_guessing_at_many_accounts_from_one_address_is_slowed_down_too(
    running_server: RunningServer,
) -> None:
    sign_in = SignIn(running_server.database, CountingPasswords())
    at, address = now(), "2001:db8::17"
    for number in range(50):
        guess(sign_in, f"person{number}@shop.example", at=at, address=address)

    with pytest.raises(TooManyFailures):
        sign_in.with_password("next@shop.example", "x", a_new_session(address), at=at)


def test_signing_in_oneself_wins_no_more_guesses_at_others(
    running_server: RunningServer, email: str
) -> None:
    sign_in = SignIn(running_server.database, Argon2Passwords())
    counting = SignIn(running_server.database, CountingPasswords())
    at, address = now(), "2001:db8::18"
    for number in range(49):
        guess(counting, f"number{number}@shop.example", at=at, address=address)

    sign_in.with_password(email, PASSWORD, a_new_session(address), at=at)

    guess(counting, "number49@shop.example", at=at, address=address)
    with pytest.raises(TooManyFailures):
        sign_in.with_password(email, PASSWORD, a_new_session(address), at=at)


def test_signing_in_forgets_the_failures_of_the_account(
    running_server: RunningServer, email: str
) -> None:
    sign_in = SignIn(running_server.database, Argon2Passwords())
    counting = SignIn(running_server.database, CountingPasswords())
    at = now()
    for _ in range(4):
        guess(counting, email, at=at, address="2001:db8::19")

    sign_in.with_password(email, PASSWORD, a_new_session("2001:db8::19"), at=at)

    for _ in range(5):
        guess(counting, email, at=at, address="2001:db8::19")


def test_the_console_says_when_to_try_again(email: str, visitor: Visitor) -> None:
    answers = guess_until_refused(visitor, email)

    assert 6 <= len(answers)
    assert 1 <= int(answers[-1].headers["retry-after"])


def test_a_session_that_somebody_planted_is_not_used(shop: Shop, email: str) -> None:
    planted = new_token()
    victim, intruder = Visitor(shop.running), Visitor(shop.running)
    for each in (victim, intruder):
        each.http.cookies.set("orderguard_session", planted, domain="127.0.0.1", path="/")

    answer = victim.sign_in(email)

    assert planted not in answer.headers["set-cookie"]
    assert find_signed_in(shop.running.database, planted, at=now()) is None
    assert intruder.get("/console").headers["location"].startswith(START)


def test_every_sign_in_begins_a_session_of_its_own(email: str, visitor: Visitor) -> None:
    visitor.sign_in(email)
    first = session_cookie(visitor)
    visitor.sign_in(email)

    assert session_cookie(visitor) not in (None, first)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/console//evil.example",
        "/console/\r\nSet-Cookie: a=b",
        "/consoleevil.example/../",
        "console",
        "/v1/analyze",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(
    email: str, visitor: Visitor, elsewhere: str
) -> None:
    answer = visitor.sign_in(email, next_path=elsewhere)

    assert "/console" == answer.headers["location"]
    assert "set-cookie: a=b" not in str(answer.headers).lower()


def test_who_was_on_the_way_somewhere_gets_there(shop: Shop, email: str, visitor: Visitor) -> None:
    wanted = f"/console/m/{shop.id}/orders?show=review"
    sent_away = visitor.get(wanted).headers["location"]

    page = visitor.get(sent_away).text
    answer = visitor.sign_in(email, next_path=wanted)

    assert f'name="next" value="{wanted}"' in page
    assert wanted == answer.headers["location"]


def test_signing_out_ends_the_session_for_good(shop: Shop, visitor: Visitor) -> None:
    visitor = a_visitor(shop)
    token = session_cookie(visitor)
    assert token

    visitor.send("/console/account", "/console/sign-out")

    assert find_signed_in(shop.running.database, token, at=now()) is None
    assert visitor.get("/console/account").headers["location"].startswith(START)


def test_one_browser_can_sign_another_out(shop: Shop) -> None:
    email = an_account(shop)
    lost, here = Visitor(shop.running), Visitor(shop.running)
    lost.sign_in(email)
    here.sign_in(email)

    here.send("/console/account", "/console/account/sessions", session="others")

    assert 303 == lost.get("/console/account").status_code
    assert 200 == here.get("/console/account").status_code


def test_nobody_ends_the_session_of_somebody_else(shop: Shop) -> None:
    mine, theirs = a_visitor(shop), a_visitor(shop)
    with shop.running.database.read() as work:
        token = session_cookie(theirs)
        assert token
        found = find_signed_in(shop.running.database, token, at=now())
        assert found
        session = work.account_sessions.of_account(found[1].id)[0]

    answer = mine.send("/console/account", "/console/account/sessions", session=session.id)

    assert 404 == answer.status_code
    assert 200 == theirs.get("/console/account").status_code


@pytest.mark.parametrize("lifetime", [IDLE_LIFETIME, WHOLE_LIFETIME])
def test_a_session_ends_by_itself(shop: Shop, lifetime: timedelta) -> None:
    visitor = a_visitor(shop)
    token = session_cookie(visitor)
    assert token
    begun = now()
    # Used again and again, so that only what is asked about can end it.
    steps = int(lifetime / timedelta(hours=11)) if lifetime == WHOLE_LIFETIME else 0

    for step in range(1, steps + 1):
        assert find_signed_in(shop.running.database, token, at=begun + step * timedelta(hours=11))

    assert find_signed_in(shop.running.database, token, at=begun + lifetime) is None


def test_a_new_password_ends_every_other_session(shop: Shop) -> None:
    email = an_account(shop)
    lost, here = Visitor(shop.running), Visitor(shop.running)
    lost.sign_in(email)
    here.sign_in(email)
    page = "/console/account"

    wrong = here.send(page, page, current="a guess", password="another good password")
    right = here.send(page, page, current=PASSWORD, password="another good password")

    assert [422, 303] == [wrong.status_code, right.status_code]
    assert 303 == lost.get(page).status_code
    assert 303 == Visitor(shop.running).sign_in(email, "another good password").status_code


def test_a_link_lets_in_once_and_looking_at_it_is_not_using_it(shop: Shop) -> None:
    link = a_link(shop, an_account(shop))
    token = link.partition("=")[2]
    first, second = Visitor(shop.running), Visitor(shop.running)
    second_token = second.form_token(link)

    answer = first.send(link, "/console/welcome", link=token)

    assert 303 == answer.status_code
    again = second.http.post("/console/welcome", data={"form_token": second_token, "link": token})
    assert [404, 404] == [again.status_code, second.get(link).status_code]
    assert "it works once, and for 24 hours" in text_of(second.get(link))


def test_a_link_lets_somebody_who_forgot_choose_a_new_password(shop: Shop, email: str) -> None:
    link = a_link(shop, email)
    visitor = Visitor(shop.running)

    visitor.send(link, "/console/welcome", link=link.partition("=")[2])
    chosen = visitor.send("/console/account", "/console/account", password="a rug, a lamp, a chair")

    assert 303 == chosen.status_code, chosen.text
    assert 422 == Visitor(shop.running).sign_in(email, PASSWORD).status_code
    assert 303 == Visitor(shop.running).sign_in(email, "a rug, a lamp, a chair").status_code


def test_a_link_ends_every_session_there_was(shop: Shop, email: str) -> None:
    """Or a thief could choose the password that the link has made choosable."""
    thief, owner = Visitor(shop.running), Visitor(shop.running)
    thief.sign_in(email)
    token = thief.form_token("/console/account")
    link = a_link(shop, email)

    owner.send(link, "/console/welcome", link=link.partition("=")[2])
    taken = thief.http.post(
        "/console/account", data={"form_token": token, "password": "the password of a thief"}
    )

    assert "/console/sign-in" in taken.headers["location"]
    assert 200 == owner.get("/console/account").status_code


def with_a_slow_machine(shop: Shop, visitor: Visitor) -> None:
    """Date the last wrong password of the session later, so that its wait is not over yet."""
    signed_in = find_signed_in(shop.running.database, session_cookie(visitor) or "", at=now())
    assert signed_in
    guesses_at = attempts_in(signed_in[0])
    with shop.running.database.begin() as work:
        failures = work.failed_sign_ins.lock(guesses_at, at=now())
        later = replace(failures, last_at=failures.last_at + timedelta(minutes=5))
        work.failed_sign_ins.save(guesses_at, later)


def test_guesses_at_the_current_password_are_counted(shop: Shop, email: str) -> None:
    visitor = Visitor(shop.running)
    visitor.sign_in(email)
    page, wanted = "/console/account", "another good password"

    guesses = [visitor.send(page, page, current="a guess", password=wanted) for _ in range(5)]
    with_a_slow_machine(shop, visitor)
    right = visitor.send(page, page, current=PASSWORD, password=wanted)

    assert {422} == {each.status_code for each in guesses}
    assert 429 == right.status_code
    assert "Too many failed attempts" in text_of(right)


def test_a_link_waits_for_a_day_only(shop: Shop) -> None:
    email, token = an_account(shop), new_token()
    with shop.running.database.read() as work:
        account = work.accounts.find_by_email(email)
    assert account
    made_at = now() - LINK_LIFETIME
    make_sign_in_link(shop.running.database, account, token=token, change=Change(A_TESTER, made_at))

    assert 404 == Visitor(shop.running).get(f"/console/welcome?link={token}").status_code


def test_the_first_account_is_made_by_a_link_and_only_once(
    tmp_path: Path, own_server: Callable[[Path], RunningServer]
) -> None:
    server = own_server(tmp_path)
    tokens = [new_token(), new_token()]
    for token in tokens:
        make_link_to_first_account(server.database, token=token, at=now())
    entered = {
        "email": "ida@shop.example",
        "password": PASSWORD,
        "shop_name": "Ida's <b>Lamps</b>",
    }
    visitor = Visitor(server)
    link = f"/console/welcome?link={tokens[0]}"

    short = visitor.send(
        link, "/console/welcome", link=tokens[0], **(entered | {"password": "short"})
    )
    made = visitor.send(link, "/console/welcome", link=tokens[0], **entered)

    assert [422, 303] == [short.status_code, made.status_code]
    overview = visitor.http.get("/console", follow_redirects=True)
    assert "Ida&#39;s &lt;b&gt;Lamps&lt;/b&gt;" in overview.text
    with server.database.read() as work:
        [merchant] = work.merchants.all()
        [member] = work.accounts.members(merchant.id)
    assert ("ida@shop.example", Role.OWNER) == (member.account.email, member.role)
    assert 404 == Visitor(server).get(f"/console/welcome?link={tokens[1]}").status_code


def test_over_https_cookies_are_bound_to_the_host_and_never_sent_in_the_clear(
    shop: Shop, email: str
) -> None:
    http = shop.running.client(**{"X-Forwarded-Proto": "https"})

    cookie = http.get(START).headers["set-cookie"]

    assert cookie.startswith("__Host-orderguard_")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_form_of_the_sign_in_page_needs_its_token_too(email: str, visitor: Visitor) -> None:
    visitor.get(START)

    answer = visitor.http.post(
        START, data={"email": email, "password": PASSWORD, "form_token": "0" * 64}
    )

    assert 403 == answer.status_code
    assert session_cookie(visitor) is None


def test_no_token_of_a_session_is_stored(shop: Shop) -> None:
    token = session_cookie(a_visitor(shop))
    assert token

    with shop.running.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM account_sessions").all()

    assert token not in str(rows)


def address_of_sign_in(running: RunningServer, shop: Shop) -> str:
    """Where a sign-in came from that was forwarded for a visitor, as it is on record."""
    email, visitor = an_account(shop), Visitor(running)
    visitor.http.headers["X-Forwarded-For"] = "203.0.113.9"
    assert 303 == visitor.sign_in(email).status_code
    with running.database.read() as work:
        account = work.accounts.find_by_email(email)
        assert account
        (session,) = work.account_sessions.of_account(account.id)
    return session.address


def test_nobody_chooses_the_address_that_failures_are_counted_by(
    running_server: RunningServer, shop: Shop
) -> None:
    assert "127.0.0.1" == address_of_sign_in(running_server, shop)


def test_behind_a_trusted_proxy_failures_count_for_the_visitor(tmp_path: Path) -> None:
    behind_proxy = RunningServer(tmp_path, trusted_proxies="127.0.0.1")
    try:
        assert "203.0.113.9" == address_of_sign_in(behind_proxy, behind_proxy.a_shop())
    finally:
        behind_proxy.stop()
