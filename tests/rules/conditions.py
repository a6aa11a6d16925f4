"""Conditions as a merchant would write them, asked of carts."""

from __future__ import annotations

from typing import Any

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.rule import Condition, RuleFacts
from orderguard.rules.cel import CelCompiler
from tests.support.builders import a_cart

COMPILER = CelCompiler()


def rule(source: str) -> Condition:
    return COMPILER.rule_condition(source)


def holds(source: str, cart: Cart | None = None, **facts: Any) -> bool:
    """The answer, with everything in view that a price plan may look at."""
    return COMPILER.plan_condition(source).holds(RuleFacts(cart or a_cart(), **facts))
