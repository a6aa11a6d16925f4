"""Names that people give to merchants."""

from __future__ import annotations

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.people.merchant import parse_merchant_name


def test_space_around_a_name_is_no_part_of_it() -> None:
    assert "Acme Lamps" == parse_merchant_name("  Acme Lamps\n")


@pytest.mark.parametrize("name", ["A", "Ä", "a" * 100, "Mer_", "xmer_"])
def test_a_name_has_1_to_100_printable_characters(name: str) -> None:
    assert name == parse_merchant_name(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "''"),
        ("   ", "'   '"),
        ("a" * 101, "'" + "a" * 38 + "…"),
        ("a\nb", r"'a\nb'"),
        ("a\x00", r"'a\x00'"),
    ],
)
def test_anything_else_is_no_name(name: str, shown: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_merchant_name(name)

    expected = f"{shown} is not a merchant name; expected 1 to 100 printable characters."
    assert expected == str(refusal.value)


def test_a_name_that_could_be_taken_for_an_id_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        parse_merchant_name("mer_acme")

    expected = "A merchant name must not begin with mer_, or it could be taken for an id."
    assert expected == str(refusal.value)
