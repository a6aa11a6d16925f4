"""Session ids as clients send them back."""

from __future__ import annotations

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import SessionId

EXPECTED = "must be lop_ followed by 20 letters or digits"


def test_a_session_id_is_lop_and_20_letters_or_digits() -> None:
    session = SessionId.parse("lop_a1B2c3D4e5F6g7H8i9J0")

    assert "lop_a1B2c3D4e5F6g7H8i9J0" == session
    assert isinstance(session, SessionId)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "the prefix is missing here. Omit it to start a new session."),
        ("a1b2c3d4e5f6g7h8i9j0", "the prefix is missing here. Omit it to start a new session."),
        (
            "LOP_a1b2c3d4e5f6g7h8i9j0",
            "the prefix is missing here. Omit it to start a new session.",
        ),
        ("lop_", "0 follow the prefix here."),
        ("lop_a1b2c3d4e5f6g7h8i9j", "19 follow the prefix here."),
        ("lop_a1b2c3d4e5f6g7h8i9j01", "21 follow the prefix here."),
        ("lop_a1b2c3d4e5f6g7h8i9j-", "another character is among them here."),
        ("lop_a1b2c3d4e5f6g7h8i9jé", "another character is among them here."),
    ],
)
def test_what_is_no_session_id_is_told_apart_from_one(text: str, complaint: str) -> None:
    with pytest.raises(Malformed) as refusal:
        SessionId.parse(text)

    assert f"{EXPECTED}; {complaint}" == str(refusal.value)
