"""Session ids as clients send them back."""

from __future__ import annotations

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ID_BELOW, SessionId, number_of

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


@pytest.mark.parametrize("number", [0, 1, 4503599627370497, ID_BELOW - 1])
def test_the_number_of_an_order_is_written_in_digits(number: int) -> None:
    assert number == number_of(str(number))


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", "1e3", " 1", "1_0", "²", "٣", str(ID_BELOW), "9" * 5_000]
)
def test_other_texts_have_no_number_of_an_order(text: str) -> None:
    assert number_of(text) is None
