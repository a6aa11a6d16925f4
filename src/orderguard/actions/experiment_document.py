"""Add an experiment to the text of a configuration, and change an experiment's status.

The edits are minimal: a TOML text keeps its comments and its order, and JSON stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import tomlkit

from orderguard.actions.configuration_text import (
    is_json,
    read_document,
    read_toml,
    toml_to_edit,
)
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.errors import InvalidDocument, OrderguardError
from orderguard.domain.money import BASIS_POINTS, Rounding, divide

Plan = dict[str, Any]

_NO_WORDS = re.compile(r"""//.*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_WORDS = re.compile(r"\w+")

_PRICES = ("base", "rate_bps", "per_item", "minimum", "maximum")


class CannotEdit(OrderguardError):
    """The text cannot be edited without changing more than was requested."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} cannot be put into this configuration by itself; write it there.")


@dataclass(frozen=True, slots=True)
class NewArm:
    """A new arm. `price_bps` is the ratio of its prices to the normal ones: 11000 is 10 % more."""

    name: str
    weight: int
    suppress: bool = False
    price_bps: int = BASIS_POINTS

    @property
    def has_own_prices(self) -> bool:
        return self.price_bps != BASIS_POINTS


@dataclass(frozen=True, slots=True)
class NewExperiment:
    """A new experiment: a holdout when an arm is suppressed, a price test when prices differ."""

    key: str
    arms: tuple[NewArm, ...]


def with_experiment(source: str, new: NewExperiment) -> str:
    """The text with one more experiment, as a draft, and with the price plans of its arms.

    Raises `CannotEdit`.
    """
    document = read_document(source)
    plans = _plans(document["pricing"], new.arms)
    entry = {
        "key": new.key,
        "status": str(ExperimentStatus.DRAFT),
        "arms": [_arm(arm) for arm in new.arms],
    }
    pricing = document["pricing"] | {
        mode: added + document["pricing"][mode] for mode, added in plans.items()
    }
    changed = document | {
        "pricing": pricing,
        "experiments": [*document.get("experiments", []), entry],
    }
    return _written(source, changed, lambda: _insert(source, new.key, plans, entry), "It")


def with_status(source: str, key: str, status: ExperimentStatus) -> str:
    """The text with another status of this experiment. Raises `CannotEdit`."""
    changed = read_document(source)
    place = [each["key"] for each in changed["experiments"]].index(key)
    changed["experiments"][place]["status"] = str(status)

    def edited() -> str:
        document: Any = toml_to_edit(source)
        document["experiments"][place]["status"] = str(status)
        return tomlkit.dumps(document)

    return _written(source, changed, edited, "Its status")


def _written(source: str, changed: Mapping[str, Any], edit: Callable[[], str], what: str) -> str:
    """The changed document as JSON, or the edited TOML if it parses to exactly that document."""
    if is_json(source):
        # A text of one line stays one: indented, it could be longer than a text may be.
        indent = 2 if "\n" in source.strip() else None
        return json.dumps(changed, indent=indent, ensure_ascii=False) + "\n"
    text = edit()
    try:
        says = read_toml(text)
    except InvalidDocument as error:
        raise CannotEdit(what) from error
    if says != changed:
        raise CannotEdit(what)
    return text


def _arm(arm: NewArm) -> dict[str, Any]:
    found: dict[str, Any] = {"name": arm.name, "weight": arm.weight}
    return found | ({"suppress": True} if arm.suppress else {})


def _plans(pricing: Mapping[str, list[Plan]], arms: Sequence[NewArm]) -> dict[str, list[Plan]]:
    """The price plans of arms with own prices, by mode: a copy of every plan without a cohort.

    They go before the plans without a cohort, in the same order, so that a session in the arm is
    priced by the copy of the plan that would otherwise have priced it.
    """
    return {
        mode: [
            _plan_of_arm(plan, arm)
            for arm in arms
            if arm.has_own_prices
            for plan in plans
            if not _names_cohort(plan.get("when", ""))
        ]
        for mode, plans in pricing.items()
    }


def _names_cohort(condition: str) -> bool:
    """Whether the condition uses `cohort`; the word in a text or a comment does not count."""
    return "cohort" in _WORDS.findall(_NO_WORDS.sub(" ", condition))


def _plan_of_arm(plan: Plan, arm: NewArm) -> Plan:
    when = f"cohort == {json.dumps(arm.name, ensure_ascii=False)}"
    if "when" in plan:
        # A comment must not swallow the bracket.
        end = "\n)" if "//" in plan["when"] else ")"
        when += f" && ({plan['when'].strip()}{end}"
    scaled = {
        name: _scaled(value, arm.price_bps) if name in _PRICES else deepcopy(value)
        for name, value in plan.items()
        if name not in ("when", "tiers")
    }
    if "tiers" in plan:
        scaled["tiers"] = {
            currency: [_tier(tier, arm.price_bps) for tier in tiers]
            for currency, tiers in plan["tiers"].items()
        }
    return {"when": when} | scaled


def _tier(tier: Mapping[str, int], price_bps: int) -> dict[str, int]:
    return {
        name: value if name == "up_to" else _scaled(value, price_bps)
        for name, value in tier.items()
    }


def _scaled(value: Any, price_bps: int) -> Any:
    """An amount or a rate, or amounts by currency, in this proportion, rounded half up."""
    if isinstance(value, dict):
        return {currency: _scaled(amount, price_bps) for currency, amount in value.items()}
    return divide(value * price_bps, BASIS_POINTS, Rounding.HALF_UP)


def _insert(
    source: str, key: str, plans: Mapping[str, list[Plan]], entry: Mapping[str, Any]
) -> str:
    lines = source.splitlines()
    for mode, added in plans.items():
        if added:
            place = _place_before(lines, mode)
            lines[place:place] = [f"# Price test {key}.", *_tables(f"pricing.{mode}", added)]
    return "\n".join([*lines, "", *_tables("experiments", [entry])]).rstrip("\n") + "\n"


def _place_before(lines: Sequence[str], mode: str) -> int:
    """Before the first plan of a mode, and before the comment on it."""
    header = re.compile(rf"\s*\[\[\s*pricing\s*\.\s*[\"']?{mode}[\"']?\s*\]\]")
    place = next((number for number, line in enumerate(lines) if header.match(line)), None)
    if place is None:
        raise CannotEdit("A price plan")
    while place and lines[place - 1].lstrip().startswith("#"):
        place -= 1
    return place


def _tables(name: str, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Entries as TOML, each a table of its own whose values are on one line each."""
    lines = []
    for entry in entries:
        lines += [f"[[{name}]]", *(f"{key} = {_inline(value)}" for key, value in entry.items()), ""]
    return lines


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(each) for each in value) + "]"
    # A TOML string is a JSON string, and so is a whole number, true and false.
    return json.dumps(value, ensure_ascii=False)
