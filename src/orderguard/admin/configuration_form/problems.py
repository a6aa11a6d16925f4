"""The problems of a document, beside the controls in which they can be put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orderguard.admin.configuration_form.binding import (
    BoundControl,
    BoundMatchers,
    BoundMember,
    BoundPart,
    controls_of,
    lists_of,
)
from orderguard.admin.configuration_form.values import in_units, typed
from orderguard.domain.errors import Malformed, Problem


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem, and the name of what it is shown beside; empty when the form has no such place."""

    name: str
    label: str
    message: str


def placed_problems(parts: Sequence[BoundPart], problems: Sequence[Problem]) -> list[PlacedProblem]:
    """Each problem where it belongs, in words of the form rather than of the document."""
    controls = {each.name: each for part in parts for each in controls_of(part.members)}
    labels = {name: _label(each) for name, each in controls.items()}
    for part in parts:
        labels |= _list_labels(part.members)
    found = []
    for problem in problems:
        name = _place(problem.path, labels)
        message = _message(problem, controls.get(problem.path), problem.path in labels)
        found.append(PlacedProblem(name, labels.get(name, ""), message[:1].upper() + message[1:]))
    return found


def messages_by_name(problems: Sequence[PlacedProblem]) -> Mapping[str, list[str]]:
    """What to show beside each control."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.name, []).append(problem.message)
    return found


def _list_labels(members: Sequence[BoundMember]) -> dict[str, str]:
    labels = {}
    for each in lists_of(members):
        if isinstance(each, BoundMatchers):
            labels[each.name] = each.matchers.label
            numbered = ((i, e.name) for i, e in enumerate(each.found, 1))
            labels |= {name: f"{each.matchers.label}, {number}" for number, name in numbered}
        else:
            labels[each.name] = each.entries.label
            for item in each.items:
                labels[item.name] = f"{each.entries.word.capitalize()} {item.number}"
    return labels


def _label(bound: BoundControl) -> str:
    return f"{bound.control.label}, {bound.currency}" if bound.currency else bound.control.label


def _place(path: str, names: Mapping[str, object]) -> str:
    """The control itself, the first one within it, or the nearest thing around it."""
    if path in names:
        return path
    within = (name for name in names if name.startswith((f"{path}.", f"{path}[")))
    if path and (first := next(within, None)):
        return first
    while path and path not in names:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return path


def _message(problem: Problem, bound: BoundControl | None, is_placed: bool) -> str:
    if bound is None:
        return problem.message if is_placed else str(problem)
    if isinstance(bound.value, str):
        try:
            typed(bound.control, bound.value, bound.currency)
        except Malformed as error:
            return str(error)
    return in_units(problem.message, bound.control, bound.currency)
