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

from orderguard.actions.configuration_source.blocks import with_tables_added, with_tables_first
from orderguard.actions.configuration_source.reading import is_json, read_document
from orderguard.actions.configuration_source.text import amended, as_json, if_it_says, tables
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.configuration.pricing import PricePlan
from orderguard.domain.configuration.setting import Kind, members_of
from orderguard.domain.errors import OrderguardError
from orderguard.domain.money import BASIS_POINTS, Rounding, divide

Plan = dict[str, Any]

_NO_WORDS = re.compile(r"""//.*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_WORDS = re.compile(r"\w+")

_PRICES = {
    name
    for name, member in members_of(PricePlan).items()
    if member.table is None and member.kind in (Kind.AMOUNT, Kind.PERCENT)
}
"""The amounts and rates of a plan; steps and endings stay as they are."""


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
    if is_json(source):
        return as_json(source, changed)
    return _checked(changed, lambda: _with_tables(source, new.key, plans, entry), "It")


def with_status(source: str, key: str, status: ExperimentStatus) -> str:
    """The text with another status of this experiment. Raises `CannotEdit`."""
    changed = read_document(source)
    place = [each["key"] for each in changed["experiments"]].index(key)
    changed["experiments"][place]["status"] = str(status)
    if is_json(source):
        return as_json(source, changed)
    return _checked(changed, lambda: amended(source, changed), "Its status")


def _checked(changed: Mapping[str, Any], edit: Callable[[], str | None], what: str) -> str:
    text = if_it_says(changed, edit)
    if text is None:
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


def _with_tables(
    source: str, key: str, plans: Mapping[str, list[Plan]], entry: Mapping[str, Any]
) -> str | None:
    text: str | None = source
    for mode, added in plans.items():
        if text and added:
            written = tables(["pricing", mode], added)
            comment = f"# Price test {key}.\n"
            text = with_tables_first(text, ("pricing", mode), comment + written)
    text = text and with_tables_added(text, (), tables(["experiments"], [entry]))
    return text and f"{text.rstrip()}\n"
