"""Reading a document with typos in it: nothing is guessed away."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest

from orderguard.domain.configuration.section import Section
from orderguard.domain.errors import Malformed, Problem
from orderguard.domain.money import USD, Currency, parse_currency

Reading = Callable[[Section], Any]


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def read(document: dict[str, Any], reading: Reading) -> tuple[Any, list[str]]:
    """What the reading made of it, and the problems it noted."""
    problems: list[Problem] = []
    value = reading(Section(document, "", problems))
    return value, [str(problem) for problem in problems]


def a_word(text: str) -> str:
    if text != text.lower():
        raise Malformed("is not in lower case.")
    return f"<{text}>"


READINGS: dict[str, tuple[Reading, Any]] = {
    "boolean": (lambda s: s.boolean("x", True), True),
    "text": (lambda s: s.text("x", limit=3), None),
    "integer": (lambda s: s.integer("x", minimum=1, maximum=9, unit="parts"), None),
    "choice": (lambda s: s.choice("x", Colour, Colour.RED), Colour.RED),
    "choice without a default": (lambda s: s.choice("x", Colour), None),
    "parsed": (lambda s: s.parsed("x", a_word, limit=3), None),
    "each_text": (lambda s: s.each_text("x", a_word, at_most=2), []),
    "amounts": (lambda s: s.amounts("x", parse_currency, unit="minor units"), {}),
    "section": (lambda s: s.section("x"), None),
    "sections": (lambda s: s.sections("x", at_most=2), []),
}


@pytest.mark.parametrize("document", [{}, {"x": None}])
@pytest.mark.parametrize("name", READINGS)
def test_what_is_absent_or_null_is_the_default_without_complaint(
    name: str, document: dict[str, Any]
) -> None:
    reading, default = READINGS[name]

    assert (default, []) == read(document, reading)


@pytest.mark.parametrize(
    ("name", "found", "expected"),
    [
        ("boolean", False, False),
        ("text", "a", "a"),
        ("text", "abc", "abc"),
        ("integer", 1, 1),
        ("integer", 9, 9),
        ("choice", "green", Colour.GREEN),
        ("choice without a default", "red", Colour.RED),
        ("parsed", "abc", "<abc>"),
        ("each_text", [], []),
        ("each_text", ["a", "b"], ["<a>", "<b>"]),
        ("amounts", {"usd": 0}, {USD: 0}),
        ("amounts", {"USD": 10**12}, {USD: 10**12}),
    ],
)
def test_what_is_right_is_taken(name: str, found: Any, expected: Any) -> None:
    assert (expected, []) == read({"x": found}, READINGS[name][0])


@pytest.mark.parametrize(
    ("name", "found", "complaint"),
    [
        ("boolean", "yes", "x: expected true or false, found 'yes'."),
        ("boolean", 1, "x: expected true or false, found 1."),
        ("text", "", "x: expected a string of 1 to 3 characters, found ''."),
        ("text", "abcd", "x: expected a string of 1 to 3 characters, found 'abcd'."),
        ("text", 7, "x: expected a string of 1 to 3 characters, found 7."),
        ("integer", 0, "x: expected a whole number of parts from 1 to 9, found 0."),
        ("integer", 10, "x: expected a whole number of parts from 1 to 9, found 10."),
        ("integer", True, "x: expected a whole number of parts from 1 to 9, found True."),
        ("integer", "5", "x: expected a whole number of parts from 1 to 9, found '5'."),
        ("integer", 5.0, "x: expected a whole number of parts from 1 to 9, found 5.0."),
        ("choice", "gren", "x: expected one of red, green, found 'gren'. Did you mean 'green'?"),
        ("choice", "blue", "x: expected one of red, green, found 'blue'."),
        ("choice", 3, "x: expected one of red, green, found 3."),
        ("choice", ["red"], "x: expected one of red, green, found ['red']."),
        ("choice without a default", "blue", "x: expected one of red, green, found 'blue'."),
        ("parsed", "Abc", "x: is not in lower case."),
        ("parsed", "abcd", "x: expected a string of 1 to 3 characters, found 'abcd'."),
        ("each_text", "a", "x: expected a list, found 'a'."),
        ("each_text", ["a", "b", "c"], "x: expected at most 2 entries, found 3."),
        ("amounts", 5, "x: expected a table, found 5."),
        ("section", [], "x: expected a table, found []."),
        ("sections", {}, "x: expected a list, found {}."),
        ("sections", [{}, {}, {}], "x: expected at most 2 entries, found 3."),
    ],
)
def test_what_is_wrong_is_told_with_place_finding_and_remedy_and_the_default_stands(
    name: str, found: Any, complaint: str
) -> None:
    reading, default = READINGS[name]

    assert (default, [complaint]) == read({"x": found}, reading)


@pytest.mark.parametrize(
    ("document", "unit", "hint"),
    [
        ({"x": 9.98}, "minor units", " Write 998 for 9.98."),
        ({"x": "9.98"}, "minor units", ""),
        ({"x": 9.98}, "basis points", ""),
    ],
)
def test_a_fraction_where_minor_units_belong_gets_a_hint(
    document: dict[str, Any], unit: str, hint: str
) -> None:
    _, problems = read(document, lambda s: s.integer("x", minimum=0, maximum=9, unit=unit))

    found = repr(document["x"])
    expected = f"x: expected a whole number of {unit} from 0 to 9, found {found}.{hint}"
    assert [expected] == problems


def test_entries_of_a_list_are_told_by_their_number_and_the_others_are_taken() -> None:
    value, problems = read({"x": ["a", 5, "B"]}, lambda s: s.each_text("x", a_word, at_most=3))

    assert ["<a>"] == value
    assert ["x[1]: expected a string, found 5.", "x[2]: is not in lower case."] == problems


def test_tables_of_a_list_are_told_by_their_number_and_the_others_are_taken() -> None:
    value, problems = read({"x": [{}, 5]}, lambda s: s.sections("x", at_most=2))

    assert ["x[0].y"] == [section.path_of("y") for section in value]
    assert ["x[1]: expected a table, found 5."] == problems


def test_amounts_are_told_by_their_currency_and_the_others_are_taken() -> None:
    value, problems = read(
        {"x": {"USD": 98, "EUR": 0, "XYZ": 98, "JPY": None}},
        lambda s: s.amounts("x", parse_currency, unit="minor units", minimum=1, maximum=100),
    )

    expected = "expected a whole number of minor units from 1 to 100"
    assert {USD: 98} == value
    assert [
        f"x.EUR: {expected}, found 0.",
        "x.XYZ: 'XYZ' is not an ISO 4217 currency code; expected one such as USD.",
        f"x.JPY: {expected}, found None.",
    ] == problems


def test_a_currency_that_is_named_twice_is_told() -> None:
    _, problems = read({"x": {"USD": 1, "usd": 2}}, READINGS["amounts"][0])

    assert ["x.usd: names USD a second time; expected it only once."] == problems


def test_members_that_are_keys_themselves_are_read_one_by_one() -> None:
    def reading(section: Section) -> list[tuple[str, Currency]]:
        members = list(section.by_key(parse_currency))
        section.finish()
        return members

    value, problems = read({"USD": 1, "usd": 1, "XYZ": 1}, reading)

    assert [("USD", USD)] == value
    assert [
        "usd: names USD a second time; expected it only once.",
        "XYZ: 'XYZ' is not an ISO 4217 currency code; expected one such as USD.",
    ] == problems


def test_a_section_knows_its_path() -> None:
    problems: list[Problem] = []
    outer = Section({"limits": {"USD": {}}}, "", problems).section("limits")
    assert outer is not None
    inner = outer.section("USD")
    assert inner is not None

    inner.complain("subtotal_minimum", "is odd.")
    inner.complain_here("is odder.")

    expected = ["limits.USD.subtotal_minimum: is odd.", "limits.USD: is odder."]
    assert expected == [str(problem) for problem in problems]


@pytest.mark.parametrize("document", [{"y": 1}, {"x": None, "y": 1}])
def test_what_is_required_must_be_there(document: dict[str, Any]) -> None:
    _, problems = read(document, lambda s: s.require("x", "y", "z"))

    assert ["x: is missing.", "z: is missing."] == problems


@pytest.mark.parametrize(
    ("document", "has", "is_empty"),
    [
        ({}, False, False),
        ({"x": None}, False, False),
        ({"x": []}, True, True),
        ({"x": {}}, True, True),
        ({"x": [1]}, True, False),
        ({"x": 0}, True, False),
        ({"x": ""}, True, False),
    ],
)
def test_absent_empty_and_there_are_told_apart(
    document: dict[str, Any], has: bool, is_empty: bool
) -> None:
    value, _ = read(document, lambda s: (s.has("x"), s.is_empty("x")))

    assert (has, is_empty) == value


def test_a_member_nobody_asked_for_is_a_typo_of_the_nearest_name() -> None:
    def reading(section: Section) -> None:
        section.text("subtotal_minimum")
        section.text("currency")
        section.finish()

    _, problems = read({"subtotal_minimun": 5, "currency": "USD"}, reading)

    expected = "subtotal_minimun: is not a setting; did you mean subtotal_minimum?"
    assert [expected] == problems


def test_a_member_like_nothing_known_is_told_what_is_known() -> None:
    def reading(section: Section) -> None:
        section.text("b")
        section.text("a")
        section.text("b")
        section.finish()

    _, problems = read({"zebra": 5}, reading)

    assert ["zebra: is not a setting; known here: a, b."] == problems
