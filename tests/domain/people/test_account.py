"""Who may sign in, what they may do, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.people.account import (
    IDLE_LIFETIME,
    WHOLE_LIFETIME,
    AccountId,
    AccountSession,
    AccountSessionId,
    Role,
    hash_token,
    parse_email,
    parse_password,
    parse_role,
    sign_in_link,
)

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def a_session(*, created_at: datetime = NOON, last_seen_at: datetime = NOON) -> AccountSession:
    return AccountSession(
        id=AccountSessionId("sig_1"),
        account=AccountId("acc_1"),
        created_at=created_at,
        last_seen_at=last_seen_at,
        address="192.0.2.1",
        browser="tests",
    )


@pytest.mark.parametrize(
    ("role", "needed", "suffices"),
    [
        (Role.VIEWER, Role.VIEWER, True),
        (Role.VIEWER, Role.EDITOR, False),
        (Role.VIEWER, Role.OWNER, False),
        (Role.EDITOR, Role.VIEWER, True),
        (Role.EDITOR, Role.EDITOR, True),
        (Role.EDITOR, Role.OWNER, False),
        (Role.OWNER, Role.VIEWER, True),
        (Role.OWNER, Role.OWNER, True),
    ],
)
def test_each_role_may_do_what_the_ones_before_it_may(
    role: Role, needed: Role, suffices: bool
) -> None:
    assert suffices == role.includes(needed)


def test_a_role_is_read_by_its_name() -> None:
    assert Role.EDITOR is parse_role("editor")
    with pytest.raises(Malformed, match="'admin' is not a role; expected one of viewer"):
        parse_role("admin")


def test_an_address_is_compared_in_lower_case_and_without_space_around() -> None:
    assert "ida@shop.example" == parse_email("  Ida@Shop.Example ")


@pytest.mark.parametrize(
    "text",
    ["", "ida", "ida@shop", "@shop.example", "ida@@shop.example", "ida @shop.example",
     "ida@shop.example\nbcc: all@shop.example", "<ida@shop.example>", "a" * 90 + "@shop.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="not an e-mail address"):
        parse_email(text)


@pytest.mark.parametrize("length", [12, 200])
def test_a_password_may_be_of_any_characters(length: int) -> None:
    assert "ü" * length == parse_password("ü" * length)


@pytest.mark.parametrize("length", [0, 11, 201])
def test_a_password_must_be_neither_short_nor_endless(length: int) -> None:
    with pytest.raises(Malformed, match=f"this one has {length}"):
        parse_password("x" * length)


def test_a_sign_in_ends_exactly_when_it_was_idle_for_long() -> None:
    session = a_session()

    assert session.is_live(at=NOON + IDLE_LIFETIME - timedelta(microseconds=1))
    assert not session.is_live(at=NOON + IDLE_LIFETIME)


def test_a_sign_in_that_is_used_all_the_time_ends_after_a_week() -> None:
    end = NOON + WHOLE_LIFETIME
    session = a_session(last_seen_at=end - timedelta(minutes=1))

    assert session.is_live(at=end - timedelta(microseconds=1))
    assert not session.is_live(at=end)


def test_a_token_is_stored_as_a_hash() -> None:
    assert 32 == len(hash_token("token"))
    assert hash_token("token") != hash_token("Token")


def test_a_link_hides_its_token_from_the_log_of_paths() -> None:
    assert "https://o.example/console/welcome?link=t" == sign_in_link("https://o.example/", "t")
