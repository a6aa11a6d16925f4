"""Conditions that two configurations have in common, evaluated once per cart.

A draft usually changes a price and leaves the rules as they are, so a shadow run that decides a
cart by both would evaluate most conditions twice.
"""

from __future__ import annotations

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.rule import Condition, ConditionCompiler, RuleFacts


class SharedConditions:
    """A condition compiler with a cache: the same text gives the same condition object."""

    def __init__(self, compiler: ConditionCompiler) -> None:
        self._compiler = compiler
        self._rules: dict[str, Condition] = {}
        self._plans: dict[str, Condition] = {}

    def rule_condition(self, source: str) -> Condition:
        """The condition on the cart for this text, compiled once. Raises `Malformed`."""
        if source not in self._rules:
            self._rules[source] = _LastAnswer(self._compiler.rule_condition(source))
        return self._rules[source]

    def plan_condition(self, source: str) -> Condition:
        """Like `rule_condition`, for a price plan's condition. Raises `Malformed`."""
        if source not in self._plans:
            self._plans[source] = _LastAnswer(self._compiler.plan_condition(source))
        return self._plans[source]


class _LastAnswer:
    """A condition that caches its last answer and the facts it was about; failures are not cached.

    A cached answer costs the second decision nothing.
    """

    def __init__(self, condition: Condition) -> None:
        self.source = condition.source
        self._condition = condition
        self._about: tuple[Cart | None, int, str | None] = (None, 0, None)
        self._answer = False

    def holds(self, facts: RuleFacts) -> bool:
        cart, basis, cohort = self._about
        if facts.cart is cart and facts.basis == basis and facts.cohort == cohort:
            return self._answer
        self._answer = self._condition.holds(facts)
        self._about = facts.cart, facts.basis, facts.cohort
        return self._answer
