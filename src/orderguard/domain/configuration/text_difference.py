"""Compare two texts line by line.

Lines that occur exactly once in either text align the two (patience diff): the result reads well,
because blank lines are never matched with unrelated ones, and it stays fast for every text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT_LINES = 3

_SHORT = 60
"""The most lines between two anchors that are compared each with each, in cubic time."""

_ROUNDS = 20
"""How many times the lines between two anchors are searched for further anchors."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line with the numbers it has before and after; None where it is not there."""

    text: str
    before: int | None
    after: int | None

    @property
    def mark(self) -> str:
        """`-` for a removed line, `+` for an added line, a space for an unchanged one."""
        return "+" if self.before is None else "-" if self.after is None else " "


def text_difference(before: str, after: str) -> tuple[tuple[DiffLine, ...], ...]:
    """Groups of changed lines with context; only unchanged lines are between two groups.

    Line endings are ignored.
    """
    lines = _compared(before.splitlines(), after.splitlines())
    changed = [place for place, line in enumerate(lines) if line.mark != " "]
    groups: list[list[int]] = []
    for place in changed:
        if groups and place - groups[-1][-1] <= 2 * CONTEXT_LINES + 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    return tuple(
        tuple(lines[max(0, group[0] - CONTEXT_LINES) : group[-1] + CONTEXT_LINES + 1])
        for group in groups
    )


def _compared(old: list[str], new: list[str]) -> list[DiffLine]:
    lines: list[DiffLine] = []
    i = j = 0
    for at_old, at_new in (*_common(old, new), (len(old), len(new))):
        lines += (DiffLine(old[n], n + 1, None) for n in range(i, at_old))
        lines += (DiffLine(new[n], None, n + 1) for n in range(j, at_new))
        if at_old < len(old):
            lines.append(DiffLine(old[at_old], at_old + 1, at_new + 1))
        i, j = at_old + 1, at_new + 1
    return lines


_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Lines of both texts that are to be compared with each other; half-open."""

    old_from: int
    old_to: int
    new_from: int
    new_to: int
    round: int = 0


def _common(old: Sequence[str], new: Sequence[str]) -> list[_Pair]:
    """The index pairs of unchanged lines, in order."""
    found: list[_Pair] = []
    open_stretches = [_Stretch(0, len(old), 0, len(new))]
    while open_stretches:
        stretch, ends = _trimmed(old, new, open_stretches.pop())
        found += ends
        held = list(_holding(old, new, stretch)) if stretch.round < _ROUNDS else []
        if held:
            found += held
            open_stretches += _between(stretch, held)
        elif max(stretch.old_to - stretch.old_from, stretch.new_to - stretch.new_from) <= _SHORT:
            found += _each_with_each(old, new, stretch)
    return sorted(found)


def _trimmed(
    old: Sequence[str], new: Sequence[str], stretch: _Stretch
) -> tuple[_Stretch, list[_Pair]]:
    """The stretch without its common first and last lines, and those common lines as pairs."""
    i, j, old_to, new_to = stretch.old_from, stretch.new_from, stretch.old_to, stretch.new_to
    ends: list[_Pair] = []
    while i < old_to and j < new_to and old[i] == new[j]:
        ends.append((i, j))
        i, j = i + 1, j + 1
    while i < old_to and j < new_to and old[old_to - 1] == new[new_to - 1]:
        old_to, new_to = old_to - 1, new_to - 1
        ends.append((old_to, new_to))
    return _Stretch(i, old_to, j, new_to, stretch.round), ends


def _holding(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> Iterator[_Pair]:
    """Anchors: the most lines, unique in both texts, that are in the same order in both."""
    once_in_new = _once(new, stretch.new_from, stretch.new_to)
    once_in_old = _once(old, stretch.old_from, stretch.old_to)
    pairs = [(i, once_in_new[text]) for text, i in once_in_old.items() if text in once_in_new]
    # The longest rising sequence: `lasts[n]` is the least place that one of n + 1 pairs ends at.
    lasts: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(lasts, j)
        lasts[length : length + 1] = [j]
        before.append(ends[length - 1] if length else None)
        ends[length : length + 1] = [index]
    at = ends[-1] if ends else None
    while at is not None:
        yield pairs[at]
        at = before[at]


def _once(lines: Sequence[str], begin: int, end: int) -> dict[str, int]:
    counts = Counter(lines[begin:end])
    return {lines[n]: n for n in range(begin, end) if counts[lines[n]] == 1}


def _between(stretch: _Stretch, held: Sequence[_Pair]) -> Iterator[_Stretch]:
    i, j = stretch.old_from, stretch.new_from
    for at_old, at_new in (*reversed(held), (stretch.old_to, stretch.new_to)):
        yield _Stretch(i, at_old, j, at_new, stretch.round + 1)
        i, j = at_old + 1, at_new + 1


def _each_with_each(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> Iterator[_Pair]:
    ours = old[stretch.old_from : stretch.old_to]
    theirs = new[stretch.new_from : stretch.new_to]
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for n in range(block.size):
            yield stretch.old_from + block.a + n, stretch.new_from + block.b + n
