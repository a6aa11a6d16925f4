"""The maximal cost of a condition in steps, computed before it is evaluated.

cel-cpp bounds the iterations of one evaluation, but neither the work of one iteration nor the
number of conditions in a decision. So the cost of each condition is computed for the size of the
cart, and `RuleFacts.spend` takes it from the decision's budget. The weights are measured; they need
not be exact, only never far too low. Steps are counted and not timed, so that a decision does not
depend on the machine or its load.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from orderguard.rules.checked_expression import checked, is_search, pattern_of, properties_in

ITERATIONS_AT_MOST = 10_000
"""cel-cpp's budget of one evaluation, loops within loops included."""

_LINE = ".Line"
_OPERATION = 2
_FUNCTION = 20
_TEXT_SEARCH = 90
_ENTRY = 3

# cel-cpp compiles a pattern at every search, which takes longer than searching a title.
_SEARCH = 120
_CHARACTER = 20
_CLASS = 140
_FOREIGN_CHARACTER = 200
_PROPERTY = 90_000


class Sizes(Protocol):
    """The sizes of a cart that the cost of a condition depends on."""

    @property
    def lines(self) -> int: ...

    @property
    def longest_list(self) -> int:
        """The largest number of tags, collections, customer groups or deliveries."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop in an expression, such as the macro `exists`.

    `length` is that of a literal list; None for a list of the cart.
    """

    over_lines: bool
    length: int | None
    body: Work


@dataclass(frozen=True, slots=True)
class Work:
    """The steps of an expression: fixed ones, those per entry of the cart's lists, and loops."""

    once: int
    per_entry: int
    loops: tuple[Loop, ...]

    def without_loops(self, sizes: Sizes) -> int:
        return self.once + (self.per_entry * sizes.longest_list if self.per_entry else 0)

    def innermost(self) -> Iterator[Work]:
        """The body of every loop, including loops inside loops."""
        for loop in self.loops:
            yield loop.body
            yield from loop.body.innermost()


@dataclass(frozen=True, slots=True)
class KnownSizes:
    """Sizes given as numbers, without a cart."""

    lines: int
    longest_list: int


_LARGEST_ORDINARY = KnownSizes(lines=50, longest_list=50)

ORDINARY_STEPS = 20_000
"""A hundred conditions at this price are half of what a decision may cost."""


def is_ordinary(sizes: Sizes) -> bool:
    """Whether a cart is at most as large as nearly all real carts are."""
    largest = _LARGEST_ORDINARY
    return sizes.lines <= largest.lines and sizes.longest_list <= largest.longest_list


@dataclass(frozen=True)
class Cost:
    """The cost of one condition. `longest_literal` is the assumed length of lists in variables."""

    work: Work
    longest_literal: int

    @cached_property
    def ordinary(self) -> int | None:
        """The steps for the largest ordinary cart; None when they exceed `ORDINARY_STEPS`.

        This bound is used for all ordinary carts, so that no cost is computed for each of them.
        """
        steps = self.steps(_LARGEST_ORDINARY)
        return steps if steps <= ORDINARY_STEPS else None

    def steps(self, sizes: Sizes) -> int:
        """The maximal number of steps for a cart of this size; a step is about 25 ns."""
        most = max((each.without_loops(sizes) for each in self.work.innermost()), default=0)
        until_cut_short = self.work.without_loops(sizes) + ITERATIONS_AT_MOST * (1 + most)
        return 1 + min(self._in_full(self.work, sizes), until_cut_short)

    def _in_full(self, work: Work, sizes: Sizes) -> int:
        return work.without_loops(sizes) + sum(
            self._length(loop, sizes) * (1 + self._in_full(loop.body, sizes)) for loop in work.loops
        )

    def _length(self, loop: Loop, sizes: Sizes) -> int:
        if loop.length is not None:
            return loop.length
        return max(sizes.lines if loop.over_lines else sizes.longest_list, self.longest_literal)


def cost_of(serialized: bytes) -> Cost:
    """Compute the cost of an expression that `objection_to` accepts."""
    expression = checked(serialized)
    types = {entry.key: entry.value for entry in expression.type_map}
    literals = (_written_out(each) or 0 for each in _within(expression.expr))
    return Cost(_work([expression.expr], types), max(literals, default=0))


def _work(expressions: list[Any], types: dict[int, Any]) -> Work:
    """The work of these expressions and all nested ones; a loop's body counts in its loop."""
    once = per_entry = 0
    loops: list[Loop] = []
    left = list(expressions)
    while left:
        expression = left.pop()
        if expression.HasField("comprehension_expr"):
            loop = expression.comprehension_expr
            body = _work([loop.loop_condition, loop.loop_step], types)
            type_ = types[loop.iter_range.id]
            loops.append(Loop(_is_of_lines(type_), _written_out(loop.iter_range), body))
            left += [loop.iter_range, loop.accu_init, loop.result]
            continue
        if expression.HasField("call_expr"):
            once += _steps_of(expression.call_expr)
            per_entry += _ENTRY * _looks_into_lists(expression.call_expr, types)
        left += _parts(expression)
    return Work(once, per_entry, tuple(loops))


def _parts(message: Any) -> list[Any]:
    """The expressions directly within this one."""
    found: list[Any] = []
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                found += [part] if field.message_type.name == "Expr" else _parts(part)
    return found


def _within(expression: Any) -> Iterator[Any]:
    yield expression
    for part in _parts(expression):
        yield from _within(part)


def _written_out(expression: Any) -> int | None:
    if expression.HasField("list_expr"):
        return len(expression.list_expr.elements)
    if expression.HasField("struct_expr"):
        return len(expression.struct_expr.entries)
    return None


def _is_of_lines(type_: Any) -> bool:
    return bool(type_.list_type.elem_type.message_type.endswith(_LINE))


def _looks_into_lists(call: Any, types: dict[int, Any]) -> int:
    """How many of the arguments are searched or compared entry by entry."""
    if call.function == "@in":
        return int(_written_out(call.args[1]) is None)
    if call.function in ("_==_", "_!=_"):
        return sum(_has_entries(types[argument.id]) for argument in call.args)
    return 0


def _has_entries(type_: Any) -> bool:
    return bool(type_.HasField("list_type") or type_.message_type)


def _steps_of(call: Any) -> int:
    if is_search(call):
        return _SEARCH + _steps_to_compile(pattern_of(call))
    if call.function == "contains":
        return _TEXT_SEARCH
    # Operators are called such as `_==_`, `!_` and `@in`; functions by their names.
    return _FUNCTION if call.function.isalpha() else _OPERATION


def _steps_to_compile(pattern: str) -> int:
    return _PROPERTY * properties_in(pattern) + sum(_steps_for(character) for character in pattern)


def _steps_for(character: str) -> int:
    if not character.isascii():
        return _FOREIGN_CHARACTER
    return _CLASS if character in ".\\" else _CHARACTER
