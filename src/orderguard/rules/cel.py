"""Conditions written in CEL, evaluated by Google's cel-cpp.

Four limits bound the cost of a hostile rule, and of a hostile cart with an innocent rule. cel-cpp
has a budget of iterations. No value can grow during evaluation: checking a rule refuses `map`,
`filter`, concatenation and values of unknown type, and comparisons and patterns of unbounded cost.
The texts and lists that a rule reads are cut to `TEXT_LIMIT` and `LIST_LIMIT`. And all conditions
of a decision share one budget of steps: `rules/cost.py` computes the maximal cost of a condition
beforehand, and the condition is not evaluated when too little of the budget is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from cel_expr_python import cel

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.rule import Condition, RuleFacts, RuleFailed
from orderguard.domain.errors import Malformed
from orderguard.domain.money import shortened
from orderguard.rules.checked_expression import objection_to, patterns_in
from orderguard.rules.cost import Cost, cost_of, is_ordinary
from orderguard.rules.vocabulary import (
    LIST_LIMIT,
    MESSAGES,
    PACKAGE,
    PLAN_VARIABLES,
    RULE_VARIABLES,
    Vocabulary,
    element_of,
)

_STANDARD_LIBRARY = """
stdlib:
  exclude_macros: [map, filter]
  exclude_functions:
  - name: "_+_"
    overloads: [{id: add_string}, {id: add_bytes}, {id: add_list}]
  - name: dyn
"""

_CUT_SHORT = "Iteration budget exceeded"
_COMPLAINT = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNKNOWN_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '\w+\.(\w+)'")
_UNKNOWN_NAME = re.compile(r"undeclared reference to '([\w.]+)'")
_NO_OVERLOAD = re.compile(r"found no matching overload for '(.+)' applied to '\((.*)\)'")

_WITHHELD = {
    "map": "map is not available in rules; ask with exists, all or exists_one.",
    "filter": "filter is not available in rules; ask with exists, all or exists_one.",
    "dyn": "dyn is not available in rules; use one type.",
}


class CelCompiler:
    """Compiles rules and the conditions of price plans, each with the variables it may use."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._rule_environment = self._environment(RULE_VARIABLES)
        self._plan_environment = self._environment(PLAN_VARIABLES)

    def rule_condition(self, source: str) -> Condition:
        return self._compile(self._rule_environment, RULE_VARIABLES, source)

    def plan_condition(self, source: str) -> Condition:
        return self._compile(self._plan_environment, PLAN_VARIABLES, source)

    def _environment(self, variables: dict[str, str]) -> Any:
        config = cel.NewEnvConfigFromYaml(_STANDARD_LIBRARY + _declarations(variables))
        return cel.NewEnv(descriptor_pool=self._vocabulary.pool, config=config)

    def _compile(self, environment: Any, variables: dict[str, str], source: str) -> Condition:
        try:
            expression = environment.compile(source)
        except RuntimeError as error:
            raise Malformed(_explained(str(error), variables)) from error
        if expression.return_type() != cel.Type.BOOL:
            answer = expression.return_type().name().lower()
            raise Malformed(f"expected a yes-or-no question, but the answer is of type {answer}.")
        if objection := objection_to(expression.serialize()):
            raise Malformed(objection)
        for pattern in patterns_in(expression.serialize()):
            self._check_pattern(environment, pattern)
        cost = cost_of(expression.serialize())
        return CelCondition(source, expression, self._present, cost, cost.ordinary)

    def _check_pattern(self, environment: Any, pattern: str) -> None:
        # Every JSON string is a CEL string. The search in nothing shows whether the pattern is one.
        search = environment.compile(f'"".matches({json.dumps(pattern)})')
        answer = search.eval(environment.Activation({}))
        if answer.type() != cel.Type.BOOL:
            raise Malformed(f"{shortened(pattern)} is no pattern: {answer.value()}.")

    def _present(self, facts: RuleFacts) -> PresentedFacts:
        # Both environments declare the same types, so that one activation serves both.
        activation = self._plan_environment.Activation(self._vocabulary.bind(facts))
        return PresentedFacts(activation, facts.cart)


class PresentedFacts:
    """A cart's facts as CEL values, with the cart's sizes for computing costs."""

    def __init__(self, activation: Any, cart: Cart) -> None:
        self.activation = activation
        self.lines = len(cart.lines)
        self._cart = cart
        self.is_ordinary = is_ordinary(self)

    @cached_property
    def longest_list(self) -> int:
        lists = [len(each) for line in self._cart.lines for each in (line.tags, line.collections)]
        lists += [len(self._cart.customer.groups), len(self._cart.delivery_methods)]
        return min(max(lists), LIST_LIMIT)


@dataclass(frozen=True, slots=True)
class CelCondition:
    """A compiled condition, with the function that converts facts to CEL values for it."""

    source: str
    _expression: Any
    _present: Callable[[RuleFacts], PresentedFacts]
    _cost: Cost
    _ordinary_steps: int | None

    def holds(self, facts: RuleFacts) -> bool:
        presented: PresentedFacts = facts.bound(self._present)
        steps = self._ordinary_steps if presented.is_ordinary else None
        facts.spend(steps or self._cost.steps(presented), self.source)
        try:
            answer = self._expression.eval(presented.activation)
        except RuntimeError as error:
            raise self._failed(facts, str(error)) from error
        if answer.type() != cel.Type.BOOL:
            # cel-cpp returns an error as a value of type ERROR.
            raise self._failed(facts, str(answer.value()))
        return bool(answer.value())

    def _failed(self, facts: RuleFacts, why: str) -> RuleFailed:
        if _CUT_SHORT in why:
            facts.use_up()
        return RuleFailed(self.source, why)


def _declarations(variables: dict[str, str]) -> str:
    lines = ["variables:"]
    for name, type_ in variables.items():
        element = element_of(type_)
        lines.append(f"- name: {name}")
        lines.append(f"  type_name: {'list' if element else _qualified(type_)}")
        if element:
            lines.append(f"  params: [{{type_name: {_qualified(element)}}}]")
    return "\n".join(lines)


def _qualified(type_: str) -> str:
    return f"{PACKAGE}.{type_}" if type_ in MESSAGES else type_


def _explained(error: str, variables: dict[str, str]) -> str:
    """The first error of the compiler, with its position and the nearest known word."""
    complaints = _COMPLAINT.findall(error)
    if not complaints:
        return error.splitlines()[0]
    # An unknown macro leaves its variable unknown, which the compiler reports first.
    line, column, complaint = next((c for c in complaints if _withheld(c[2])), complaints[0])
    return f"line {line}, column {column}: {_reworded(complaint, variables)}"


def _withheld(complaint: str) -> str | None:
    found = _UNKNOWN_NAME.search(complaint)
    return _WITHHELD.get(found.group(1)) if found else None


def _reworded(complaint: str, variables: dict[str, str]) -> str:
    if withheld := _withheld(complaint):
        return withheld
    if field := _UNKNOWN_FIELD.search(complaint):
        name, message = field.groups()
        return f"{message.lower()} has no field {name}; {_nearest(name, MESSAGES[message])}"
    if reference := _UNKNOWN_NAME.search(complaint):
        name = reference.group(1)
        return f"{name} is not known here; {_nearest(name, variables)}"
    if overload := _NO_OVERLOAD.search(complaint):
        return _no_overload(*overload.groups())
    return complaint


def _no_overload(function: str, types: str) -> str:
    if function == "_+_" and ("string" in types or "list" in types):
        return "+ adds numbers; texts and lists cannot be joined in a rule."
    shown = types.replace(f"{PACKAGE}.", "")
    remedy = "; both sides must be of one type." if function.startswith("_") else "."
    return f"{function.strip('_@')} does not work on {shown}{remedy}"


def _nearest(name: str, known: dict[str, str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
