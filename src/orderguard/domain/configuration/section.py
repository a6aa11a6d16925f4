"""Read a nested document that may contain typos: every problem is collected, none is guessed away.

A `Section` returns typed values and records their problems; `finish` then reports the members that
no code asked for, which is how a misspelt setting is caught.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from orderguard.domain.errors import Malformed, Problem
from orderguard.domain.money import shortened

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Section:
    """One table of the document. `problems` is shared by all sections of it."""

    def __init__(self, table: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
        self._table = table
        self._path = path
        self._known: list[str] = []
        self.problems = problems

    def path_of(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def complain(self, name: str, message: str) -> None:
        self.problems.append(Problem(self.path_of(name), message))

    def complain_here(self, message: str) -> None:
        self.problems.append(Problem(self._path, message))

    def has(self, name: str) -> bool:
        """Whether the member exists; a JSON member that is null counts as absent."""
        return self._table.get(name) is not None

    def is_empty(self, name: str) -> bool:
        """Whether the member is a list or a table with nothing in it."""
        return self._table.get(name) in ([], {})

    def _take(self, name: str) -> Any:
        self._known.append(name)
        return self._table.get(name)

    def require(self, *names: str) -> None:
        for name in names:
            if not self.has(name):
                self.complain(name, "is missing.")

    def boolean(self, name: str, default: bool) -> bool:
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.complain(name, f"expected true or false, found {shortened(value)}.")
            return default
        return value

    def text(self, name: str, *, limit: int = 200) -> str | None:
        """A string of 1 to `limit` characters; None when absent or wrong."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= limit:
            self.complain(
                name, f"expected a string of 1 to {limit} characters, found {shortened(value)}."
            )
            return None
        return value

    def integer(self, name: str, *, minimum: int, maximum: int, unit: str) -> int | None:
        """A whole number in the range; None when absent or wrong."""
        value = self._take(name)
        if value is None:
            return None
        return self._whole(name, value, minimum, maximum, unit)

    def _whole(self, name: str, value: Any, minimum: int, maximum: int, unit: str) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        hint = " Write 998 for 9.98." if isinstance(value, float) and "minor" in unit else ""
        self.complain(
            name,
            f"expected a whole number of {unit} from {minimum} to {maximum}, "
            f"found {shortened(value)}.{hint}",
        )
        return None

    def choice(self, name: str, choices: type[E], default: E | None = None) -> E | None:
        value = self._take(name)
        if value is None:
            return default
        try:
            return choices(value)
        except ValueError:
            self.complain(name, expected_one_of([str(c) for c in choices], value))
            return default

    def parsed(self, name: str, parse: Callable[[str], T], *, limit: int = 200) -> T | None:
        """A string parsed into another type; a `Malformed` becomes a problem."""
        text = self.text(name, limit=limit)
        if text is None:
            return None
        try:
            return parse(text)
        except Malformed as error:
            self.complain(name, str(error))
            return None

    def each_text(self, name: str, parse: Callable[[str], T], *, at_most: int) -> list[T]:
        """The list of strings of this name, each parsed into another type."""
        parsed = []
        for path, value in self._items(name, at_most=at_most):
            if not isinstance(value, str):
                self.problems.append(Problem(path, f"expected a string, found {shortened(value)}."))
                continue
            try:
                parsed.append(parse(value))
            except Malformed as error:
                self.problems.append(Problem(path, str(error)))
        return parsed

    def amounts(self, name: str, key: Callable[[str], T], *, unit: str, minimum: int = 0,
                maximum: int = 10**12) -> dict[T, int]:  # fmt: skip
        """The table `name` of whole numbers, such as `{ USD = 98 }`, its keys parsed by `key`.

        An invalid entry is a problem and is left out; the message counts numbers in `unit`.
        """
        section = self.section(name)
        if section is None:
            return {}
        found: dict[T, int] = {}
        for code, value in section._table.items():
            number = section._whole(code, value, minimum, maximum, unit)
            parsed = section._key(code, key)
            if parsed in found:
                section.complain(code, _twice(parsed))
            if number is not None and parsed is not None:
                found[parsed] = number
        return found

    def _key(self, code: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(code)
        except Malformed as error:
            self.complain(code, str(error))
            return None

    def section(self, name: str) -> Section | None:
        """The nested table of this name; None when absent or wrong."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.complain(name, f"expected a table, found {shortened(value)}.")
            return None
        return Section(value, self.path_of(name), self.problems)

    def sections(self, name: str, *, at_most: int) -> list[Section]:
        """The list of tables of this name; problems for wrong entries."""
        found = []
        for path, value in self._items(name, at_most=at_most):
            if isinstance(value, dict):
                found.append(Section(value, path, self.problems))
            else:
                self.problems.append(Problem(path, f"expected a table, found {shortened(value)}."))
        return found

    def by_key(self, parse: Callable[[str], T]) -> Iterator[tuple[str, T]]:
        """The members of a table as pairs, for tables whose keys are data, such as currencies."""
        seen = set()
        for code in self._table:
            parsed = self._key(code, parse)
            self._known.append(code)
            if parsed in seen:
                self.complain(code, _twice(parsed))
            elif parsed is not None:
                seen.add(parsed)
                yield code, parsed

    def _items(self, name: str, *, at_most: int) -> list[tuple[str, Any]]:
        value = self._take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(name, f"expected a list, found {shortened(value)}.")
            return []
        if len(value) > at_most:
            self.complain(name, f"expected at most {at_most} entries, found {len(value)}.")
            return []
        return [(f"{self.path_of(name)}[{index}]", item) for index, item in enumerate(value)]

    def finish(self) -> None:
        """Report the members that no method was called for, with the nearest known name."""
        asked_for = set(self._known)
        known = ", ".join(sorted(asked_for))
        for name in self._table:
            if name not in asked_for:
                near = get_close_matches(name, self._known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known here: {known}."
                self.complain(name, f"is not a setting; {hint}")


def _twice(key: object) -> str:
    return f"names {key} a second time; expected it only once."


def expected_one_of(choices: list[str], found: object) -> str:
    """The message for a value that is none of the choices, with the nearest of them."""
    near = get_close_matches(found, choices, n=1) if isinstance(found, str) else []
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"expected one of {', '.join(choices)}, found {shortened(found)}.{hint}"
