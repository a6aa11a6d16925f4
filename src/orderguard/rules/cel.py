"""Conditions written in CEL, evaluated by Google's cel-cpp.

What a hostile rule can cost is bounded three ways. Evaluation has cel-cpp's own budget of
iterations. Nothing can grow while it runs: `map`, joining strings and values of unknown type are
refused when the rule is checked. And the texts a rule sees are cut to `TEXT_LIMIT`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from cel_expr_python import cel

from orderguard.domain.errors import Malformed
from orderguard.domain.rule import Condition, RuleFacts, RuleFailed
from orderguard.rules.checked_expression import has_dynamic_part
from orderguard.rules.vocabulary import (
    MESSAGES,
    PACKAGE,
    PLAN_VARIABLES,
    RULE_VARIABLES,
    Vocabulary,
    element_of,
)

_STANDARD_LIBRARY = """
stdlib:
  exclude_macros: [map]
  exclude_functions:
  - name: "_+_"
    overloads: [{id: add_string}, {id: add_bytes}]
  - name: dyn
"""

_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNKNOWN_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '\w+\.(\w+)'")
_UNKNOWN_NAME = re.compile(r"undeclared reference to '([\w.]+)'")


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
        if has_dynamic_part(expression.serialize()):
            raise Malformed("mixes values of different types in one list or map; use one type.")
        return CelCondition(source, expression, self._activation)

    def _activation(self, facts: RuleFacts) -> Any:
        # Both environments declare the same types, so that one activation serves both.
        return self._plan_environment.Activation(self._vocabulary.bind(facts))


@dataclass(frozen=True, slots=True)
class CelCondition:
    """A compiled question, with the way to present facts to it."""

    source: str
    _expression: Any
    _activation: Any

    def holds(self, facts: RuleFacts) -> bool:
        try:
            answer = self._expression.eval(facts.bound(self._activation))
        except RuntimeError as error:
            raise RuleFailed(self.source, str(error)) from error
        if answer.type() != cel.Type.BOOL:
            # cel-cpp returns what went wrong as a value of type ERROR.
            raise RuleFailed(self.source, str(answer.value()))
        return bool(answer.value())


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
    """The compiler's first complaint, with the place and the nearest word that would do."""
    found = _PLACE.search(error)
    if not found:
        return error.splitlines()[0]
    line, column, complaint = found.groups()
    if field := _UNKNOWN_FIELD.search(complaint):
        name, message = field.groups()
        complaint = f"{message.lower()} has no field {name}; {_nearest(name, MESSAGES[message])}"
    elif reference := _UNKNOWN_NAME.search(complaint):
        name = reference.group(1)
        complaint = f"{name} is not known here; {_nearest(name, variables)}"
    return f"line {line}, column {column}: {complaint}"


def _nearest(name: str, known: dict[str, str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
