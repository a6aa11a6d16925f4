"""The tables of a TOML text as blocks of lines, each with the comment above it.

TOML parsers attach a comment to the item before it; people write it about the item after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from orderguard.actions.configuration_source.reading import read_toml
from orderguard.domain.configuration.places import heading_lines

Names = tuple[str, ...]

_COMMENT = re.compile(r"\s*#")


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading with the lines below it, and the comment right above it."""

    names: Names
    is_listed: bool
    """Whether it is an entry of a list: `[[rules]]`."""
    text: str


def with_tables_in_order(
    source: str, path: Sequence[str | int], order: Sequence[int], added: Sequence[str]
) -> str | None:
    """The text with the entries of one list of tables reordered; entries not named are removed.

    None when they are not written as `[[tables]]` that follow each other.
    """
    blocks = _blocks(source)
    names, place = _place(blocks, path)
    if place is None:
        return None
    entries = _entries(blocks, names, *place)
    if not entries or len(entries) <= max(order, default=0) or not _adjoin(entries):
        return None
    texts = [_apart("".join(block.text for block in blocks[a:b])) for a, b in entries]
    before = "".join(block.text for block in blocks[: entries[0][0]])
    after = "".join(block.text for block in blocks[entries[-1][1] :])
    return before + "".join([texts[index] for index in order] + [*map(_apart, added)]) + after


def with_tables_first(source: str, path: Sequence[str | int], tables: str) -> str | None:
    """The text with tables before the first entry of a list; None if it has none as `[[table]]`."""
    blocks = _blocks(source)
    names, place = _place(blocks, path)
    entries = _entries(blocks, names, *place) if place else []
    if not entries:
        return None
    texts = [block.text for block in blocks]
    first = entries[0][0]
    return "".join([*texts[:first], _apart(tables), *texts[first:]])


def with_tables_added(source: str, path: Sequence[str | int], tables: str) -> str | None:
    """The text with tables added at the end of this path's block; None if that is inline."""
    blocks = _blocks(source)
    names, place = _place(blocks, path)
    if place is None:
        return None
    within = [
        index + 1
        for index in range(*place)
        if blocks[index].names == names or _is_within(blocks[index], names)
    ]
    if not within:
        return None
    texts = [block.text for block in blocks]
    last = within[-1]
    return "".join([_apart("".join(texts[:last])), _apart(tables), *texts[last:]])


def with_line_added(source: str, path: Sequence[str | int], line: str) -> str | None:
    """The text with a line at the end of the table at this path; None if it has no heading."""
    blocks = _blocks(source)
    names, place = _place(blocks, path)
    for index in range(*(place or (0, 0))):
        if blocks[index].names == names:
            texts = [block.text for block in blocks]
            texts[index] = _with_last_line(texts[index], f"{line.strip()}\n")
            return "".join(texts)
    return None


def _with_last_line(text: str, line: str) -> str:
    """A table with a line after its last member, above a comment that ends it."""
    lines = text.splitlines(keepends=True)
    end = len(lines)
    while end and (not lines[end - 1].strip() or _COMMENT.match(lines[end - 1])):
        end -= 1
    if end and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    return "".join([*lines[:end], line, *lines[end:]])


def _apart(text: str) -> str:
    """The text of an entry, ending with an empty line wherever it is moved."""
    return text.rstrip("\n") + "\n\n"


def _place(
    blocks: Sequence[_Block], path: Sequence[str | int]
) -> tuple[Names, tuple[int, int] | None]:
    """The names that lead to a list, and the range of blocks in which it is searched."""
    names: Names = ()
    start, end = 0, len(blocks)
    for step in path:
        if isinstance(step, str):
            names = (*names, step)
            continue
        entries = _entries(blocks, names, start, end)
        if step >= len(entries):
            return names, None
        start, end = entries[step]
    return names, (start, end)


def _entries(blocks: Sequence[_Block], names: Names, start: int, end: int) -> list[tuple[int, int]]:
    """The range of blocks of each entry of a list, including its nested tables."""
    found = []
    for index in range(start, end):
        if blocks[index].is_listed and blocks[index].names == names:
            last = index + 1
            while last < end and _is_within(blocks[last], names):
                last += 1
            found.append((index, last))
    return found


def _is_within(block: _Block, names: Names) -> bool:
    return len(block.names) > len(names) and block.names[: len(names)] == names


def _adjoin(entries: Sequence[tuple[int, int]]) -> bool:
    return all(end == start for (_, end), (start, _) in pairwise(entries))


def _blocks(source: str) -> list[_Block]:
    """The whole text; the first block holds the lines before all headings."""
    found: list[_Block] = []
    names: Names = ()
    is_listed = False
    lines: list[str] = []
    headings = heading_lines(source)
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", source), 1):
        if number in headings:
            above = _comment_above(lines)
            kept = lines[: len(lines) - above]
            found.append(_Block(names, is_listed, "".join(kept)))
            lines = lines[len(lines) - above :]
            names, is_listed = _heading(line)
        lines.append(line)
    found.append(_Block(names, is_listed, "".join(lines)))
    return found


def _comment_above(lines: Sequence[str]) -> int:
    """How many of the last lines are one comment, without a gap."""
    count = 0
    while count < len(lines) and _COMMENT.match(lines[-1 - count]):
        count += 1
    return count


def _heading(line: str) -> tuple[Names, bool]:
    """The names in a heading, and whether it is of a list; read by the TOML parser."""
    table = read_toml(line)
    names: list[str] = []
    while table:
        [(name, table)] = table.items()
        names.append(name)
        if isinstance(table, list):
            return tuple(names), True
    return tuple(names), False
