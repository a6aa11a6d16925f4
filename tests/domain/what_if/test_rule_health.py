"""Which rules did anything."""

from __future__ import annotations

from orderguard.domain.what_if.rule_health import RuleHealth
from tests.support.builders import a_cart, a_configuration, a_line


def test_rules_and_plans_are_told_by_how_often_they_held_and_failed() -> None:
    health = RuleHealth(
        a_configuration(
            rules=[
                {"name": "useless", "reject_when": "never"},
                {"name": "broken", "reject_when": "fails"},
            ],
            pricing={
                "returnCoverage": [
                    {"when": "costly", "base": {"USD": 5_00}},
                    {"when": "cohort == 'control'", "base": {"USD": 1_00}},
                    {"base": {"USD": 3_00}},
                ],
                "shippingProtection": [{"base": {"USD": 2_00}}],
            },
        )
    )

    health.add(a_cart(a_line(50_00)))
    health.add(a_cart(a_line(150_00)))

    told = {each.name: each for each in health.conditions}
    assert told["rule useless"].never_held
    assert told["rule broken"].always_failed
    assert not told["rule broken"].never_held
    costly = told["price plan 1 of returnCoverage"]
    assert (2, 1, 0) == (costly.asked, costly.held, costly.failed)


def test_before_any_cart_nothing_is_held_against_a_rule() -> None:
    rules = [{"name": "new", "reject_when": "never"}]

    (health,) = RuleHealth(a_configuration(rules=rules)).conditions

    assert not health.never_held
    assert not health.always_failed
