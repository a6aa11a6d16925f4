"""Report which of a merchant's rules and price plans had an effect on recent carts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.rule import STEPS_AT_MOST, Condition, RuleFailed
from orderguard.domain.offers.eligibility import Inspection


@dataclass(slots=True)
class ConditionHealth:
    """How often one condition was evaluated, held, and failed."""

    name: str
    asked: int = 0
    held: int = 0
    failed: int = 0

    @property
    def always_failed(self) -> bool:
        return self.asked == self.failed > 0

    @property
    def never_held(self) -> bool:
        """Whether the condition was false every time it could be evaluated, at least once."""
        return self.asked > self.failed and not self.held


class RuleHealth:
    """Evaluates every condition of a configuration for one cart after another."""

    def __init__(self, configuration: MerchantConfiguration) -> None:
        self._configuration = configuration
        self._conditions = [
            (condition, ConditionHealth(name)) for name, condition in _conditions(configuration)
        ]

    @property
    def conditions(self) -> list[ConditionHealth]:
        """The health of each condition so far, in the order of the configuration."""
        return [health for _, health in self._conditions]

    def add(self, cart: Cart) -> None:
        """Evaluate all conditions for one cart, as if it belonged to no experiment."""
        facts = Inspection(cart, self._configuration).facts
        for condition, health in self._conditions:
            health.asked += 1
            # A decision asks only the plans up to the first that applies; here all are asked.
            facts.steps_left = STEPS_AT_MOST
            try:
                health.held += condition.holds(facts)
            except RuleFailed:
                health.failed += 1


def _conditions(configuration: MerchantConfiguration) -> Iterator[tuple[str, Condition]]:
    for rule in configuration.rules:
        yield f"rule {rule.name}", rule.reject_when
    for mode, plans in configuration.pricing.items():
        for number, plan in enumerate(plans, start=1):
            # A condition on an experiment's arm cannot be evaluated without the session's consent.
            if plan.when and "cohort" not in plan.when.source:
                yield f"price plan {number} of {mode}", plan.when
