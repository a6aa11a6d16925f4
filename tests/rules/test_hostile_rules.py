"""A rule or a cart made to waste time costs milliseconds: refused when published, or cut short."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

import pytest

from orderguard.domain.cart import Cart, CartLine
from orderguard.domain.errors import Malformed
from orderguard.domain.rule import Rule, RuleFacts, RuleFailed, ask
from orderguard.rules.checked_expression import MATCHES_AT_MOST, PATTERN_LIMIT
from tests.rules.conditions import rule
from tests.support.builders import a_cart, a_line

ALLOWED_SECONDS = 0.5
"""Far more than any of these takes, so that a busy machine fails no test; a hole takes minutes."""


def a_hostile_line(number: int) -> CartLine:
    return a_line(id=str(number), title="a" * 2_000, tags=("a" * 1_000, "b") * 5)


HOSTILE_CART = a_cart(*[a_hostile_line(number) for number in range(1_000)])
HUGE_CART = a_cart(*[a_line(id=str(number)) for number in range(9_900)])

COSTLY = {
    "three loops within each other": (
        'cart.lines.all(a, cart.lines.all(b, cart.lines.all(c, c.id != "z")))'
    ),
    "a loop over loops that never find": (
        'cart.lines.exists(a, cart.lines.exists(b, a.title == "b" && b.title == "a"))'
    ),
    "literal lists within each other": (
        "[1,2,3,4,5,6,7,8].all(a, [1,2,3,4,5,6,7,8].all(b, [1,2,3,4,5,6,7,8].all(c, "
        "[1,2,3,4,5,6,7,8].all(d, [1,2,3,4,5,6,7,8].all(e, a + b + c + d + e > 0)))))"
    ),
}

SLOW_ELSEWHERE = {
    "a pattern that backtracks": 'cart.lines.all(l, !l.title.matches("(a|aa)+b"))',
    "a pattern of many states": (
        'cart.lines.all(l, !l.title.matches("(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c"))'
    ),
    "a needle that nearly fits everywhere": (
        'cart.lines.all(l, !l.title.contains("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"))'
    ),
    "negation of negation": "!" * 900 + "true",
    "a long disjunction": " || ".join(['platform == "x"'] * 45) + " || true",
}

WITHOUT_BOUND = {
    "a counted pattern": 'cart.lines.all(l, !l.title.matches("(a{1,100}){1,9}b"))',
    "a pattern out of the cart": "cart.lines.all(l, l.title.matches(l.tags[0]))",
    "a long pattern": f'platform.matches("{"a" * (PATTERN_LIMIT + 1)}")',
    "many patterns": " || ".join(['platform.matches("a+")'] * (MATCHES_AT_MOST + 1)),
    "doubling a text": 'platform + platform == "aa"',
    "doubling a list": (
        "[cart.lines].exists(a, [a + a].exists(b, [b + b].exists(c, [c + c].exists(d, "
        "d.size() > 0))))"
    ),
    "growing a list line by line": "cart.lines.filter(l, true).size() > 0",
    "comparing carts line by line": "cart.lines.all(l, cart.lines == cart.lines)",
    "looking for a line as a whole": "cart.lines.all(l, l in cart.lines)",
    "comparing maps of lines": '{"a": cart.lines} != {"a": cart.lines}',
    "comparing lists of lists": "[cart.lines] == [cart.lines]",
    "parentheses": "(" * 400 + "true" + ")" * 400,
    "lists in lists": "[" * 400 + "1" + "]" * 400 + ".size() > 0",
    "a chain of sums": "+".join("1" * 400) + " > 0",
}


def seconds_for(source: str, cart: Cart) -> float:
    """What the answer takes, once the cart is in the language; a failure is an answer too."""
    condition, facts = rule(source), RuleFacts(cart)
    rule("true").holds(facts)
    started = perf_counter()
    with suppress(RuleFailed):
        condition.holds(facts)
    return perf_counter() - started


@pytest.mark.parametrize("name", COSTLY)
def test_a_rule_beyond_its_budget_fails_instead_of_answering(name: str) -> None:
    with pytest.raises(RuleFailed, match="Iteration budget exceeded"):
        rule(COSTLY[name]).holds(RuleFacts(HOSTILE_CART))


@pytest.mark.parametrize("name", COSTLY | SLOW_ELSEWHERE)
def test_a_hostile_rule_takes_milliseconds_on_a_hostile_cart(name: str) -> None:
    source = (COSTLY | SLOW_ELSEWHERE)[name]

    assert ALLOWED_SECONDS > seconds_for(source, HOSTILE_CART)


@pytest.mark.parametrize(
    "innocent",
    [
        'cart.lines.exists(l, "lithium" in l.tags)',
        "cart.lines.exists_one(l, l.quantity > 5)",
        'cart.lines.all(l, l.title.matches("^[A-Z]"))',
        "cart == cart",
    ],
)
def test_an_innocent_rule_takes_milliseconds_on_the_largest_cart(innocent: str) -> None:
    assert ALLOWED_SECONDS > seconds_for(innocent, HUGE_CART)


def test_a_line_with_very_many_tags_slows_no_loop() -> None:
    tagged = a_line(tags=tuple("a" for _ in range(100_000)))
    cart = a_cart(tagged, *[a_line() for _ in range(5_000)])

    assert ALLOWED_SECONDS > seconds_for('cart.lines.all(l, !("z" in cart.lines[0].tags))', cart)


@pytest.mark.parametrize("name", WITHOUT_BOUND)
def test_what_could_take_any_time_is_refused_when_published(name: str) -> None:
    started = perf_counter()

    with pytest.raises(Malformed):
        rule(WITHOUT_BOUND[name])

    assert ALLOWED_SECONDS > perf_counter() - started


@pytest.mark.parametrize(
    "bounded",
    [
        'delivery == ["PICKUP"]',
        "cart.lines[0].tags != cart.lines[0].collections",
        "cart.lines[0] == cart.lines[0]",
        'region.subdivision in ["AK", "HI"]',
        'platform.matches("^[a-z]+$")',
        " && ".join(['platform.matches("a+")'] * MATCHES_AT_MOST),
        f'platform.matches("{"a" * PATTERN_LIMIT}")',
    ],
)
def test_what_stays_small_is_allowed(bounded: str) -> None:
    assert bounded == rule(bounded).source


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / (cart.itemCount - 1) == 1", "divide by zero"),
        ('cart.lines[5].id == "x"', "index=5 size=1"),
        ("cart.totalAmount * 9223372036854775807 > 0", "integer overflow"),
        ("int(cart.id) == 1", "cannot convert string to int"),
    ],
)
def test_a_rule_that_has_no_answer_fails_and_says_why(source: str, why: str) -> None:
    with pytest.raises(RuleFailed, match=why) as failure:
        rule(source).holds(RuleFacts(a_cart()))

    assert source == failure.value.rule


def test_a_failing_rule_is_reported_under_the_name_the_merchant_gave_it() -> None:
    broken = Rule("first line only", rule('cart.lines[5].id == "x"'))

    verdict = ask(broken, RuleFacts(a_cart()))

    assert verdict.failure is not None
    assert "first line only" == verdict.failure.rule
