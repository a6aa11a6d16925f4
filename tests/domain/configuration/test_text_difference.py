"""What changed from one text to another."""

from __future__ import annotations

import random

import pytest

from orderguard.domain.configuration.text_difference import CONTEXT_LINES, DiffLine, text_difference


def marked(before: str, after: str) -> list[str]:
    return [line.mark + line.text for hunk in text_difference(before, after) for line in hunk]


def test_texts_that_are_alike_have_no_difference() -> None:
    assert () == text_difference("a\nb\n", "a\r\nb")


def test_lines_that_went_come_before_those_that_came() -> None:
    assert [" a", "-b", "+x", "+y", " c"] == marked("a\nb\nc", "a\nx\ny\nc")


def test_a_line_has_the_numbers_it_had_and_has() -> None:
    [hunk] = text_difference("a\nb", "x\na\nb")

    assert (DiffLine("x", None, 1), DiffLine("a", 1, 2), DiffLine("b", 2, 3)) == hunk


def test_what_stayed_is_shown_around_what_changed_only() -> None:
    before = [str(n) for n in range(30)]
    after = [*before]
    after[2], after[20] = "x", "y"

    first, second = text_difference("\n".join(before), "\n".join(after))

    assert ["0", "1", "2", "x", "3", "4", "5"] == [line.text for line in first]
    assert 2 + 2 * CONTEXT_LINES == len(second)


def test_changes_close_together_are_one_group() -> None:
    assert 1 == len(text_difference("a\nb\nc\nd\ne\nf\ng\nh", "x\nb\nc\nd\ne\nf\ng\ny"))


def test_nothing_and_something() -> None:
    assert ["+a"] == marked("", "a")
    assert ["-a"] == marked("a", "")


def test_a_block_that_moved_went_and_came() -> None:
    block = ["[[rules]]", 'name = "x"', ""]

    lines = marked("\n".join([*block, "a", "b"]), "\n".join(["a", "b", *block]))

    assert {" a", " b"} < set(lines)
    assert ["-[[rules]]", "+[[rules]]"] == sorted(
        (line for line in lines if "rules" in line), reverse=True
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_lines_make_both_texts_again(seed: int) -> None:
    chance = random.Random(seed)
    words = "abcdefghijklmnopqrstuvwxyz"[: chance.choice([1, 2, 5, 26])]
    before, after = (
        [chance.choice(words) for _ in range(chance.choice([0, 3, 30, 200]))] for _ in range(2)
    )

    lines = [
        line
        for hunk in text_difference("\n".join(before), "\n".join(after))
        for line in hunk
    ]  # fmt: skip

    rebuilt, place = [], 0
    for line in lines:
        if line.before is not None:
            rebuilt += before[place : line.before - 1]
            place = line.before
        elif line.after is not None:
            # What stayed and is not shown lies between.
            missing = line.after - 1 - len(rebuilt)
            rebuilt += before[place : place + missing]
            place += missing
        if line.mark != "-":
            rebuilt.append(line.text)
    assert after == rebuilt + before[place:]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["a"] * 20_000, ["a"] * 19_000 + ["b"]),
        ([str(n) for n in range(20_000)], [str(-n) for n in range(20_000)]),
        (["ab"[n % 2] for n in range(20_000)], ["ab"[n * n % 3 % 2] for n in range(20_000)]),
    ],
)
def test_long_texts_are_compared_all_the_same(before: list[str], after: list[str]) -> None:
    assert text_difference("\n".join(before), "\n".join(after))
