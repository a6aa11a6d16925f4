"""Find the line of each member of a TOML or JSON document, so that problems can be located.

Only for texts that have been parsed without an error: nothing is validated here, and a member that
is not found has no line. Both languages share one parser, because JSON looks like a value of TOML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'|"
    r"#[^\n]*|[\[\]{},=:\n]|[^\s\[\]{},=:\"'#]+",
    re.DOTALL,
)  # fmt: skip
_KEY = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|[^.\s\"']+")

DEPTH_AT_MOST = 30
"""A member nested more deeply is reported at the line of its ancestor at this depth."""


def places_of(source: str) -> Mapping[str, int]:
    """The line of each member, from 1, by its path as problems name it: `modes[1]`."""
    walk = _Walk(tuple(_tokens(source)))
    if source.lstrip()[:1] == "{":
        walk.value("", 0)
    else:
        walk.statements()
    return walk.places


def line_of(places: Mapping[str, int], path: str) -> int | None:
    """The line of the member at this path, or of its innermost parent that exists."""
    while path:
        if path in places:
            return places[path]
        # A missing member has no line of its own: its parent's line is reported.
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def heading_lines(source: str) -> frozenset[int]:
    """The lines, from 1, on which a table of a TOML text begins: `[limits.USD]`, `[[rules]]`."""
    found: set[int] = set()
    depth, is_first = 0, True
    for text, line in _tokens(source):
        if text == "[" and is_first:
            found.add(line)
        depth += (text in ("[", "{")) - (text in ("]", "}"))
        is_first = text == "\n" and depth == 0
    return frozenset(found)


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    line = 1
    for found in _TOKEN.finditer(source):
        text = found[0]
        if not text.startswith("#"):
            yield text, line
        line += text.count("\n")


def _parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in _KEY.findall(key)]


@dataclass(slots=True)
class _Walk:
    """One pass over the tokens; `places` fills as members are met, the first one of a path wins."""

    tokens: tuple[tuple[str, int], ...]
    at: int = 0
    places: dict[str, int] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    """How many tables each list of tables has had."""

    def _peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        text = self._peek()
        self.at += 1
        return text

    def _skip(self, *unwanted: str) -> str:
        """The next token after any of these, not consumed; empty at the end."""
        while self._peek() in unwanted and self._peek():
            self.at += 1
        return self._peek()

    def _note(self, path: str) -> None:
        self.places.setdefault(path, self.tokens[self.at][1])

    def statements(self) -> None:
        """TOML from the top: tables, and keys with values."""
        table = ""
        while self._skip("\n"):
            if self._peek() == "[":
                table = self._header()
            else:
                self._member(table, 0)

    def _header(self) -> str:
        line_at = self.at
        brackets = 0
        while self._peek() == "[":
            brackets += 1
            self.at += 1
        parts = _parts(self._until("]", "\n"))
        while self._peek() == "]":
            self.at += 1
        path = self._within_lists(parts[:-1])
        path = _joined(path, parts[-1]) if parts else path
        if brackets > 1:
            self.places.setdefault(path, self.tokens[line_at][1])
            self._counts[path] = self._counts.get(path, -1) + 1
            path = f"{path}[{self._counts[path]}]"
        self.places.setdefault(path, self.tokens[line_at][1])
        return path

    def _within_lists(self, parts: list[str]) -> str:
        """The path that a header names; for a list of tables, the path of its last table."""
        path = ""
        for part in parts:
            path = _joined(path, part)
            if path in self._counts:
                path = f"{path}[{self._counts[path]}]"
        return path

    def _until(self, *ends: str) -> str:
        """The tokens up to one of these, joined; the end token is not consumed."""
        text = ""
        while self._peek() and self._peek() not in ends:
            text += self._take()
        return text

    def _member(self, path: str, depth: int) -> None:
        """`key = value`, or `"key": value`."""
        begin = self.at
        key = self._until("=", ":", "\n", ",", "}")
        for part in _parts(key) if self._peek() == "=" else [key.strip('"')]:
            path = _joined(path, part)
            self.places.setdefault(path, self.tokens[begin][1])
        if self._peek() in ("=", ":"):
            self.at += 1
        self.value(path, depth)

    def value(self, path: str, depth: int) -> None:
        """Read past the value at `path`, and note the lines of all values nested in it."""
        opening = self._peek()
        if opening not in ("[", "{"):
            self._until("\n", ",", "]", "}")
        elif depth >= DEPTH_AT_MOST:
            self._pass_over()
        elif opening == "[":
            self._list(path, depth)
        else:
            self._table(path, depth)

    def _list(self, path: str, depth: int) -> None:
        self.at += 1
        index = 0
        while self._skip("\n", ",") not in ("]", ""):
            item = f"{path}[{index}]"
            self._note(item)
            self.value(item, depth + 1)
            index += 1
        self.at += 1

    def _table(self, path: str, depth: int) -> None:
        self.at += 1
        while self._skip("\n", ",") not in ("}", ""):
            self._member(path, depth + 1)
        self.at += 1

    def _pass_over(self) -> None:
        """Skip a list or a table."""
        open_now = 0
        while token := self._take():
            open_now += (token in ("[", "{")) - (token in ("]", "}"))
            if not open_now:
                return


def _joined(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
