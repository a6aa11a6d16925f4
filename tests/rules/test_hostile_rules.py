"""A rule or a cart made to waste time costs milliseconds: refused when published, or cut short."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter

import pytest

from orderguard.domain.cart import Cart, CartLine
from orderguard.domain.configuration.rule import NOT_EVALUATED, Rule, RuleFacts, RuleFailed, ask
from orderguard.domain.errors import Malformed
from orderguard.rules.checked_expression import MATCHES_AT_MOST, PATTERN_LIMIT
from tests.rules.conditions import rule
from tests.support.builders import a_cart, a_line

ALLOWED_SECONDS = 0.5
"""Far more than any of these takes, so that a busy machine fails no test; a hole takes minutes."""

DECIDED_WITHIN_SECONDS = 2.0
"""For a hundred rules; without a common budget these take from 0.2 s to hours."""


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
    "a pattern of ranges by the hundred": r'platform.matches("\\pL\\p{Lu}\\PL")',
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


CART_OF_99 = a_cart(*[a_line(id=str(n), title="a" * 64, tags=("a" * 64,) * 5) for n in range(99)])
BULKY_CART_OF_99 = a_cart(
    *[a_line(id=str(n), title="a" * 500, tags=("a" * 64,) * 250) for n in range(99)]
)


def everywhere(question: str) -> str:
    """Asked 9,801 times of 99 lines: just within cel-cpp's budget of one evaluation."""
    return f"cart.lines.all(a, cart.lines.all(b, {question}))"


WITHIN_THE_BUDGET_OF_ONE = {
    "a plain comparison": everywhere('a.id != "z"'),
    "a pattern": everywhere('!a.title.matches("(a|aa)+b")'),
    "three patterns": everywhere(
        '!a.title.matches("(a|aa)+b") && !a.title.matches("(a|ab)+c") && '
        '!b.title.matches("(aa|a)+d")'
    ),
    "any letters in a pattern": everywhere(r'!a.title.matches("\\pL\\pL9")'),
    "any characters in a pattern": everywhere('!a.title.matches("' + "." * 99 + '9")'),
    "a needle that nearly fits": everywhere(f'!a.title.contains("{"a" * 30}b")'),
    "a search in tags": everywhere('!("z" in a.tags)'),
    "a comparison of tags": everywhere("a.tags == b.tags"),
    "a comparison of lines": everywhere("a == b || true"),
    "a loop over tags in a loop": "cart.lines.all(a, a.tags.all(t, !t.contains('ab')))",
    "a literal in a loop": "cart.lines.all(a, [[1, 2], [3]].all(x, x.all(y, y > 0)))",
    "a map in a loop": "cart.lines.all(a, {'a': 1, 'b': 2}.all(key, key != a.id))",
}


@pytest.mark.parametrize("cart", [CART_OF_99, BULKY_CART_OF_99], ids=["plain", "bulky"])
@pytest.mark.parametrize("name", WITHIN_THE_BUDGET_OF_ONE)
def test_a_hundred_costly_rules_share_what_a_decision_may_cost(name: str, cart: Cart) -> None:
    costly = Rule("costly", rule(WITHIN_THE_BUDGET_OF_ONE[name]))
    facts = RuleFacts(cart)
    rule("true").holds(facts)
    started = perf_counter()

    for _ in range(100):
        ask(costly, facts)

    assert DECIDED_WITHIN_SECONDS > perf_counter() - started


def test_what_follows_a_rule_beyond_its_budget_is_not_evaluated() -> None:
    facts = RuleFacts(HOSTILE_CART)
    sources = [COSTLY["three loops within each other"], "true"]

    verdicts = [ask(Rule("r", rule(source)), facts) for source in sources]

    assert ["INTERNAL: Iteration budget exceeded [INTERNAL]", NOT_EVALUATED] == [
        verdict.failure and verdict.failure.why for verdict in verdicts
    ]


HONEST = (
    "cart.itemCount > 3",
    'customer.groups.exists(g, g == "staff")',
    'cart.lines.exists(l, "lithium" in l.tags)',
    'cart.lines.exists(l, l.sku.startsWith("GIFT-"))',
    'cart.lines.exists(l, l.title.matches("(?i)lamp|torch"))',
    'cart.lines.exists(l, l.tags.exists(t, t.startsWith("hazard:")))',
    "cart.lines.all(l, l.unitPrice * l.quantity > 100000)",
)


@pytest.mark.parametrize("source", HONEST)
def test_a_hundred_honest_rules_are_all_answered_for_a_cart_of_fifty_lines(source: str) -> None:
    cart = a_cart(*[a_line(id=str(n), tags=("a", "b", "c", "d")) for n in range(50)])
    facts = RuleFacts(cart)
    condition = rule(source)

    assert [None] * 100 == [ask(Rule("r", condition), facts).failure for _ in range(100)]


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
