"""A merchant's rules, whatever language they are written in."""

from __future__ import annotations

import pytest

from orderguard.domain.configuration.rule import (
    NOT_EVALUATED,
    STEPS_AT_MOST,
    TOO_COSTLY,
    Rule,
    RuleFacts,
    RuleFailed,
    ask,
)
from tests.support.builders import Phrase, a_cart


def a_rule(phrase: str) -> Rule:
    return Rule("no lamps", Phrase(phrase))


def test_a_rule_that_holds_says_so() -> None:
    verdict = ask(a_rule("always"), RuleFacts(a_cart()))

    assert (True, None) == (verdict.holds, verdict.failure)


def test_a_rule_that_does_not_hold_says_so() -> None:
    verdict = ask(a_rule("never"), RuleFacts(a_cart()))

    assert (False, None) == (verdict.holds, verdict.failure)


def test_a_failing_rule_does_not_hold_and_says_why_under_its_own_name() -> None:
    verdict = ask(a_rule("fails"), RuleFacts(a_cart()))

    assert not verdict.holds
    assert verdict.failure is not None
    assert ("no lamps", "as it was told to") == (verdict.failure.rule, verdict.failure.why)


def test_a_failure_names_rule_and_cause() -> None:
    assert "Rule 'no lamps' failed: because" == str(RuleFailed("no lamps", "because"))


def test_a_verdict_names_its_rule() -> None:
    rules = (a_rule("always"), a_rule("fails"))

    assert rules == tuple(ask(rule, RuleFacts(a_cart())).rule for rule in rules)


def test_facts_are_put_into_the_evaluators_form_once() -> None:
    facts = RuleFacts(a_cart())

    bound = [facts.bound(lambda seen: [seen.cart]) for _ in range(2)]

    assert bound[0] is bound[1]
    assert [facts.cart] == bound[0]


def test_facts_of_a_rule_have_neither_basis_nor_cohort() -> None:
    facts = RuleFacts(a_cart())

    assert (0, None) == (facts.basis, facts.cohort)


def test_what_a_decision_may_cost_is_shared_by_its_rules() -> None:
    facts = RuleFacts(a_cart())

    facts.spend(STEPS_AT_MOST - 1, "dear")
    facts.spend(1, "cheap")

    with pytest.raises(RuleFailed, match=NOT_EVALUATED):
        facts.spend(1, "cheap")


def test_a_rule_that_could_cost_too_much_ends_the_asking() -> None:
    facts = RuleFacts(a_cart())

    verdicts = [ask(a_rule(phrase), facts) for phrase in ("always", "endless", "always", "never")]

    assert [True, False, False, False] == [verdict.holds for verdict in verdicts]
    assert [None, TOO_COSTLY, NOT_EVALUATED, NOT_EVALUATED] == [
        verdict.failure and verdict.failure.why for verdict in verdicts
    ]


def test_what_is_left_does_not_make_facts_differ() -> None:
    spent = RuleFacts(cart := a_cart())
    spent.use_up()

    assert RuleFacts(cart) == spent
