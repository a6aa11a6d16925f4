"""Questions that two configurations share are asked once per cart."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from orderguard.domain.configuration.rule import Condition, RuleFacts, RuleFailed
from orderguard.domain.what_if.shared_condition import SharedConditions
from tests.support.builders import a_cart, a_line


@dataclass
class Question:
    """Whether there is something to cover; it notes what it was asked, and may have no answer."""

    source: str
    asked: list[RuleFacts] = field(default_factory=list)

    def holds(self, facts: RuleFacts) -> bool:
        self.asked.append(facts)
        if self.source == "fails":
            raise RuleFailed("fails", "no such line")
        return facts.basis > 0


class Asking:
    """Gives out questions, and keeps them."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    def rule_condition(self, source: str) -> Condition:
        self.questions.append(Question(source))
        return self.questions[-1]

    plan_condition = rule_condition


def test_the_same_text_is_one_question_per_cart() -> None:
    asking, cart = Asking(), a_cart(a_line(10_00))
    shared = SharedConditions(asking)
    first, second = shared.rule_condition("basis > 0"), shared.rule_condition("basis > 0")

    answers = [each.holds(RuleFacts(cart, basis=10_00)) for each in (first, second)]

    assert [True, True] == answers
    assert "basis > 0" == first.source
    assert [1] == [len(question.asked) for question in asking.questions]


def test_rules_and_price_plans_do_not_share_because_they_see_different_things() -> None:
    asking = Asking()
    shared = SharedConditions(asking)

    shared.rule_condition("basis > 0")
    assert shared.plan_condition("basis > 0") is shared.plan_condition("basis > 0")

    assert 2 == len(asking.questions)


@pytest.mark.parametrize(
    "other",
    [
        RuleFacts(a_cart(a_line(10_00)), basis=10_00),
        RuleFacts(a_cart(), basis=0),
        RuleFacts(a_cart(), basis=10_00, cohort="offered"),
    ],
)
def test_another_cart_basis_or_cohort_is_another_question(other: RuleFacts) -> None:
    asking, cart = Asking(), a_cart()
    condition = SharedConditions(asking).plan_condition("basis > 0")
    condition.holds(RuleFacts(cart, basis=10_00))

    asked = RuleFacts(cart if other.cart == cart else other.cart, other.basis, other.cohort)

    assert (other.basis > 0) == condition.holds(asked)
    assert 2 == len(asking.questions[0].asked)


def test_a_question_without_an_answer_stays_without_one() -> None:
    asking, cart = Asking(), a_cart()
    condition = SharedConditions(asking).rule_condition("fails")

    for _ in range(2):
        with pytest.raises(RuleFailed):
            condition.holds(RuleFacts(cart))
