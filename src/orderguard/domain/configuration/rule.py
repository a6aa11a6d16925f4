"""A merchant's own yes-or-no conditions on a cart (contract §10).

The domain knows that such conditions exist, the effects of their answers, and how much all of them
may cost together. The language of the conditions, and the cost of each answer, belong to
`orderguard.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.setting import Setting
from orderguard.domain.coverage_mode import MODE_LABELS, CoverageMode
from orderguard.domain.eligibility_reason import REASONS_A_RULE_MAY_GIVE, EligibilityReason
from orderguard.domain.errors import OrderguardError


class RuleFailed(OrderguardError):
    """A rule could not be evaluated for this cart; `rule` names it and `why` gives the cause."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"Rule {rule!r} failed: {why}")
        self.rule = rule
        self.why = why


STEPS_AT_MOST = 4_000_000
"""The step budget for the conditions of one decision: about 0.1 s.

That is a hundred times the cost of a hundred ordinary rules. A server decides one cart at a time,
and every other shopper waits.
"""

NOT_EVALUATED = "not evaluated: an earlier rule used up the budget"
TOO_COSTLY = "not evaluated: with the rules before it, it could cost more than one decision may"


@dataclass(slots=True)
class RuleFacts:
    """The facts that a rule may use. `basis` and `cohort` are visible to price plans only.

    They belong to one decision, and keep count of the steps that its conditions cost.
    """

    cart: Cart
    basis: int = 0
    cohort: str | None = None
    steps_left: int = field(default=STEPS_AT_MOST, compare=False)
    _bound: Any = field(default=None, repr=False)

    def bound(self, bind: Callable[[RuleFacts], Any]) -> Any:
        """The evaluator's own form of these facts, built once for all rules."""
        if self._bound is None:
            self._bound = bind(self)
        return self._bound

    def spend(self, steps: int, source: str) -> None:
        """Charge the cost of a condition to the budget before it is evaluated; at least one step.

        Raises `RuleFailed` when too little of the budget is left, and from then on for every later
        condition, so that the decision does not depend on which later conditions are cheap.
        """
        if steps > self.steps_left:
            why = TOO_COSTLY if self.steps_left else NOT_EVALUATED
            self.use_up()
            raise RuleFailed(source, why)
        self.steps_left -= steps

    def use_up(self) -> None:
        """Exhaust the budget: no further condition of this decision is evaluated."""
        self.steps_left = 0


class Condition(Protocol):
    """A compiled condition."""

    @property
    def source(self) -> str:
        """The condition as the merchant wrote it."""

    def holds(self, facts: RuleFacts) -> bool:
        """Evaluate, after charging `facts.spend`. Raises `RuleFailed` if the evaluation fails."""


class ConditionCompiler(Protocol):
    """Turns a merchant's text into conditions, when a configuration is checked or loaded."""

    def rule_condition(self, source: str) -> Condition:
        """Compile a condition on the cart. Raises `Malformed` with the place and the remedy."""

    def plan_condition(self, source: str) -> Condition:
        """Compile like `rule_condition`; the condition may also use `basis` and `cohort`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named condition that rejects a cart, or drops one mode when `drop_mode` is set.

    `reason` is a documented reason that the merchant gave to it; None means
    `eligibility_rule_not_met`.
    """

    name: Annotated[str, Setting("Name", "For you and for the log.", length=100)]
    reject_when: Annotated[
        Condition,
        Setting(
            "When this holds",
            "It may look at platform, region, locale, customer, cart and delivery.",
            condition="rule",
        ),
    ]
    drop_mode: Annotated[
        CoverageMode | None,
        Setting(
            "Then",
            absent="There is no offer",
            labels={mode: f"{label} is left out" for mode, label in MODE_LABELS.items()},
            meaning="The one mode that the rule leaves out, instead of the whole offer.",
        ),
    ] = None
    reason: Annotated[
        EligibilityReason | None,
        Setting(
            "Reason that integrations are told",
            absent="eligibility rule not met",
            meaning="Instead of eligibility_rule_not_met.",
            labels={each: each.replace("_", " ") for each in REASONS_A_RULE_MAY_GIVE}
            | {EligibilityReason.ELIGIBILITY_RULE_NOT_MET: "eligibility rule not met, spelled out"},
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """The answer of one rule for one cart."""

    rule: Rule
    holds: bool
    failure: RuleFailed | None = None


def ask(rule: Rule, facts: RuleFacts) -> RuleVerdict:
    """Evaluate a rule; a failure is part of the verdict instead of raised."""
    try:
        return RuleVerdict(rule, rule.reject_when.holds(facts))
    except RuleFailed as failure:
        # The condition does not know the name it goes by.
        return RuleVerdict(rule, holds=False, failure=RuleFailed(rule.name, failure.why))
