"""A mark says that a browser knew the password, and is worth nothing anywhere else."""

from __future__ import annotations

from orderguard.domain.people.account import AccountId
from orderguard.domain.people.known_browser import (
    MARKS_AT_MOST,
    cookie_of,
    mark_of,
    marks_in,
    name_of_known_browser,
)

IDA, BEN = AccountId("acc_ida"), AccountId("acc_ben")


def test_a_mark_names_the_browser_for_its_account_and_password_only() -> None:
    mark = mark_of("name", IDA, "hash")

    assert "name" == name_of_known_browser(["other.mark", mark], IDA, "hash")
    assert name_of_known_browser([mark], BEN, "hash") is None
    assert name_of_known_browser([mark], IDA, "hash of a new password") is None
    assert name_of_known_browser([mark.replace("name", "nome")], IDA, "hash") is None
    assert name_of_known_browser([], IDA, "hash") is None


def test_a_browser_is_known_for_a_few_accounts_the_last_one_first() -> None:
    marks = [mark_of(f"name{n}", IDA, "hash") for n in range(6)]

    cookie = ""
    for mark in marks:
        cookie = cookie_of(mark, marks_in(cookie))

    assert list(reversed(marks))[:MARKS_AT_MOST] == marks_in(cookie)
    assert marks_in(cookie) == marks_in(cookie_of(marks[-1], marks_in(cookie)))
    assert [] == marks_in("")
