"""Assign the problems of a document to the form controls in which they can be fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orderguard.admin.configuration_form.binding import (
    BoundControl,
    BoundEntries,
    BoundMatchers,
    BoundMatrix,
    BoundMember,
    BoundPart,
    controls_of,
)
from orderguard.admin.configuration_form.values import in_units, typed
from orderguard.domain.errors import Malformed, Problem


@dataclass(frozen=True, slots=True)
class PlacedProblem:
    """A problem, and the name of its form control; empty when there is no control for it."""

    name: str
    label: str
    message: str


def placed_problems(parts: Sequence[BoundPart], problems: Sequence[Problem]) -> list[PlacedProblem]:
    """Each problem with the form control it belongs to, its message in the words of the form."""
    controls = {each.name: each for part in parts for each in controls_of(part.members)}
    labels: dict[str, str] = {}
    for part in parts:
        labels |= _labels(part.members, "")
    found = []
    for problem in problems:
        name = _place(problem.path, labels)
        message = _message(problem, controls.get(problem.path), problem.path in labels)
        found.append(PlacedProblem(name, labels.get(name, ""), message[:1].upper() + message[1:]))
    return found


def messages_by_name(problems: Sequence[PlacedProblem]) -> Mapping[str, list[str]]:
    """The messages of each control, by its name."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.name, []).append(problem.message)
    return found


def _labels(members: Sequence[BoundMember], around: str) -> dict[str, str]:
    """The label of each control and list, prefixed with the labels of its containers."""
    labels: dict[str, str] = {}
    for member in members:
        match member:
            case BoundControl():
                labels[member.name] = around + _label(member)
            case BoundMatrix():
                labels |= {
                    each.name: around + _label(each) for _, row in member.rows for each in row
                }
            case BoundMatchers():
                what = around + member.label
                labels[member.name] = what
                labels |= {each.name: f"{what}, {n}" for n, each in enumerate(member.found, 1)}
            case BoundEntries():
                what = around + member.label
                what += f" in {member.currency}" if member.currency else ""
                labels[member.name] = what
                for item in member.items:
                    labels[item.name] = f"{what}, {member.word} {item.number}"
                    labels |= _labels(item.members, f"{labels[item.name]}, ")
    return labels


def _label(bound: BoundControl) -> str:
    return f"{bound.label}, {bound.currency}" if bound.currency else bound.label


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
            typed(bound.kind, bound.value, bound.currency)
        except Malformed as error:
            return str(error)
    return in_units(problem.message, bound.kind, bound.currency)
