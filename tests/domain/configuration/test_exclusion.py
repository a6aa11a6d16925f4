"""Which lines a merchant's exclusions speak of."""

from __future__ import annotations

import pytest

from orderguard.domain.cart import CartLine
from orderguard.domain.configuration import exclusion
from orderguard.domain.configuration.exclusion import (
    LineField,
    LineKind,
    LineMatcher,
    LineMatchers,
    LinePattern,
    LineSorter,
)
from tests.support.builders import a_line


def a_matcher(**patterns: str) -> LineMatcher:
    fields: dict[str, LineField] = {
        field: field  # type: ignore[misc]
        for field in patterns
    }
    return LineMatcher(tuple(LinePattern(fields[f], pattern) for f, pattern in patterns.items()))


def matches(line: CartLine, **patterns: str) -> bool:
    return LineMatchers((a_matcher(**patterns),)).match(line)


LAMP = a_line(
    product_id="P-1",
    variant_id="V-1",
    sku="LAMP-7",
    product_type="Lamps",
    vendor="Lumen",
    tags=("new", "Final-Sale"),
    collections=("Home", "Light"),
)
GIFTS = a_matcher(sku="gc-*")
NEW_LUMEN = a_matcher(vendor="lumen", tag="new")
COVERABLE, COVERAGE_PRODUCT, EXCLUDED = LineKind


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("product_id", "P-1"),
        ("variant_id", "V-1"),
        ("sku", "LAMP-7"),
        ("product_type", "Lamps"),
        ("vendor", "Lumen"),
        ("tag", "Final-Sale"),
        ("collection", "Light"),
    ],
)
def test_a_line_may_be_named_by_any_of_its_fields(field: str, pattern: str) -> None:
    assert matches(LAMP, **{field: pattern})
    assert matches(LAMP, **{field: pattern[:-1] + "*"})


@pytest.mark.parametrize("field", ["sku", "product_type", "vendor", "tag", "collection"])
def test_words_that_people_type_match_in_any_case(field: str) -> None:
    line = a_line(
        sku="Straße", product_type="Straße", vendor="Straße", tags=("Straße",),
        collections=("Straße",),
    )  # fmt: skip

    assert matches(line, **{field: "STRASSE"})
    assert matches(line, **{field: "STRASS*"})


@pytest.mark.parametrize("field", ["product_id", "variant_id"])
def test_ids_match_exactly(field: str) -> None:
    line = a_line(product_id="aB", variant_id="aB")

    assert matches(line, **{field: "aB"})
    assert not matches(line, **{field: "AB"})
    assert not matches(line, **{field: "A*"})


@pytest.mark.parametrize("pattern", ["LAMP-*", "*-7", "L*7", "*AMP*", "lamp-7*", "*LAMP-7"])
def test_a_star_stands_for_any_run_of_characters_or_none(pattern: str) -> None:
    assert matches(LAMP, sku=pattern)


@pytest.mark.parametrize("pattern", ["LAMP", "AMP-7", "LAMP-7-*", "*LAMP", "", "x*"])
def test_a_pattern_must_fit_the_whole_word(pattern: str) -> None:
    assert not matches(LAMP, sku=pattern)


@pytest.mark.parametrize("sku", ["a?b[1]{2}(3).*\\^$!-", "line\nbreak"])
def test_nothing_but_the_star_is_special(sku: str) -> None:
    line = a_line(sku=sku)

    assert matches(line, sku=sku)
    assert matches(line, sku=sku[:-1] + "*")
    assert not matches(a_line(sku="x" * len(sku)), sku=sku)


@pytest.mark.parametrize("pattern", ["?AMP*", "[L]AMP*", "[!x]AMP*"])
def test_other_wildcards_are_plain_characters(pattern: str) -> None:
    assert not matches(LAMP, sku=pattern)


@pytest.mark.parametrize(
    "field", ["variant_id", "sku", "product_type", "vendor", "tag", "collection"]
)
def test_a_field_the_line_does_not_have_never_matches(field: str) -> None:
    assert not matches(a_line(), **{field: "None"})
    assert not matches(a_line(), **{field: "n*"})


def test_all_fields_of_one_matcher_must_agree() -> None:
    assert matches(LAMP, vendor="Lumen", tag="final-*")
    assert not matches(LAMP, vendor="Lumen", tag="used")
    assert not matches(LAMP, vendor="Other", tag="final-*")


def test_one_matcher_of_a_list_is_enough() -> None:
    matchers = LineMatchers((a_matcher(sku="x"), a_matcher(sku="GC-*"), a_matcher(vendor="lumen")))

    assert matchers.match(LAMP)


def test_matchers_of_one_field_all_count() -> None:
    matchers = LineMatchers((a_matcher(sku="LAMP-7"), a_matcher(sku="LAMP-8")))

    assert [True, True, False] == [
        matchers.match(a_line(sku=sku)) for sku in ("LAMP-7", "LAMP-8", "LAMP-9")
    ]


def test_an_empty_list_speaks_of_no_line() -> None:
    assert not LineMatchers().match(LAMP)


def test_the_first_matcher_that_fits_is_shown_as_the_cause() -> None:
    matchers = LineMatchers(
        (a_matcher(sku="x"), a_matcher(vendor="lumen", tag="new"), a_matcher(sku="LAMP-7"))
    )

    cause = matchers.first_match(LAMP)

    assert "vendor = lumen, tag = new" == str(cause)


def test_a_line_nobody_speaks_of_has_no_cause() -> None:
    assert LineMatchers((a_matcher(sku="x"),)).first_match(LAMP) is None


def test_a_pattern_full_of_stars_takes_no_time_on_a_word_that_nearly_fits() -> None:
    assert not matches(a_line(sku="a" * 1_000), sku="*a*a*a*a*b")


def test_a_line_seen_before_is_judged_as_the_first_time() -> None:
    sold, never = LineMatchers((a_matcher(sku="protection"),)), LineMatchers((GIFTS, NEW_LUMEN))
    lines = [
        a_line(sku="GC-50"),
        a_line(vendor="Other", tags=("new",)),
        a_line(vendor="Lumen"),
        a_line(vendor="Lumen", tags=("NEW",)),
        a_line(sku="Protection", vendor="Lumen", tags=("NEW",)),
    ]
    expected = [EXCLUDED, COVERABLE, COVERABLE, EXCLUDED, COVERAGE_PRODUCT]

    sorter = LineSorter(sold, never)

    assert [expected, expected] == [list(sorter.kinds(lines)) for _ in range(2)]
    assert expected[::-1] == list(sorter.kinds(lines[::-1]))
    assert [] == list(sorter.kinds(lines[1:3])), "nothing is left out, so there is nothing to say"
    assert [] == list(LineSorter(LineMatchers(), LineMatchers()).kinds(lines))


def test_what_is_remembered_of_lines_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusion, "REMEMBERED_CHARACTERS", 100)
    sorter = LineSorter(LineMatchers(), LineMatchers((a_matcher(tag="sale"), GIFTS)))

    for number in range(50):
        assert [EXCLUDED] == sorter.kinds([a_line(sku=f"GC-{number}")])
        assert not sorter.kinds([a_line(sku=f"LAMP-{number}", tags=("x" * number,))])
        assert sorter._remembered.size <= 100
        assert sorter._remembered.size >= len(sorter._remembered)

    too_long = a_line(sku="GC-" + "9" * 200)
    assert [EXCLUDED] == sorter.kinds([too_long]), "a line too long to be remembered"
