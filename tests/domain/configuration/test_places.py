"""Where in a text a problem is."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from orderguard.domain.configuration.places import DEPTH_AT_MOST, heading_lines, line_of, places_of

SOURCE = '''\
# a comment with [brackets] and "quotes
enabled = true
modes = [
  "returnCoverage",  # the first
  "shippingProtection",
]
limits.USD = { subtotal_minimum = 1000, "subtotal_maximum" = 5000 }

[[rules]]
name = """
many
lines"""
reject_when = 'a == "b"'

[[rules]]
name = "second"

[charge_product]

[[pricing.returnCoverage]]
base = { USD = 1 }

[[pricing.returnCoverage]]
rate_bps = 150

[pricing.returnCoverage.rounding]
direction = "up"

[[pricing.returnCoverage.tiers.USD]]
up_to = 500

[[pricing.returnCoverage.tiers.USD]]
amount = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("enabled", 2),
        ("modes", 3),
        ("modes[0]", 4),
        ("modes[1]", 5),
        ("limits.USD", 7),
        ("limits.USD.subtotal_minimum", 7),
        ("limits.USD.subtotal_maximum", 7),
        ("rules[0].name", 10),
        ("rules[0].reject_when", 13),
        ("rules[1].name", 16),
        ("rules", 9),
        ("charge_product", 18),
        ("pricing.returnCoverage[0].base.USD", 21),
        ("pricing.returnCoverage[1].rate_bps", 24),
        ("pricing.returnCoverage[1].rounding.direction", 27),
        ("pricing.returnCoverage[1].tiers.USD[0].up_to", 30),
        ("pricing.returnCoverage[1].tiers.USD[1].amount", 33),
    ],
)
def test_a_member_is_at_its_line(path: str, line: int) -> None:
    assert line == line_of(places_of(SOURCE), path)


@pytest.mark.parametrize(
    ("path", "line"),
    [("rules[1].reject_when", 15), ("limits.USD.subtotal", 7), ("modes[7]", 3)],
)
def test_what_is_missing_is_where_it_should_be(path: str, line: int) -> None:
    assert line == line_of(places_of(SOURCE), path)


@pytest.mark.parametrize("path", ["", "currencies", "currencies[0].x"])
def test_what_is_missing_from_the_whole_has_no_place(path: str) -> None:
    assert line_of(places_of(SOURCE), path) is None


def paths_in(value: Any, path: str = "") -> Iterator[str]:
    """Every path in a document."""
    if isinstance(value, dict):
        for name, member in value.items():
            inner = f"{path}.{name}" if path else name
            yield inner
            yield from paths_in(member, inner)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield f"{path}[{index}]"
            yield from paths_in(member, f"{path}[{index}]")


def test_a_document_in_json_has_the_same_places() -> None:
    document = tomllib.loads(SOURCE)

    places = places_of(json.dumps(document, indent=2))

    assert set(paths_in(document)) == set(places)
    assert 2 == places["enabled"]


@pytest.mark.parametrize(
    "source", ["{", "[", "[[", "a", "a = ", "a = [1", "a = {b = [", "= 1", "a = " + "[" * 40]
)
def test_a_text_that_breaks_off_is_walked_to_its_end(source: str) -> None:
    assert line_of(places_of(source), "z") is None


def test_what_is_nested_too_deeply_is_found_around() -> None:
    deep = DEPTH_AT_MOST + 5
    places = places_of("a = " + "[\n" * deep + "{ b = 1 }" + "]\n" * deep + "c = 1\n")

    assert 1 + DEPTH_AT_MOST == line_of(places, "a" + "[0]" * deep)
    assert 1 + 2 * deep == places["c"]


def test_a_key_that_begins_twice_is_where_it_first_was() -> None:
    assert 1 == places_of("a = 1\na = 2\n")["a"]


def test_a_heading_is_no_bracket_in_a_text_a_list_or_a_comment() -> None:
    source = '''\
a = """
[x]
"""
b = [
  [1],  # [y]
]
c = '[z]'
# [w]
 [[rules]]  # [v]
[limits.USD]
'''

    assert {9, 10} == heading_lines(source)
