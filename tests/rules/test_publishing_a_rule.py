"""What is wrong with a rule is said when it is published: the place, what was found, what to do."""

from __future__ import annotations

import pytest

from orderguard.domain.errors import Malformed
from tests.rules.conditions import COMPILER, rule

REFUSALS = {
    "cart.totalAmout > 1": "line 1, column 5: cart has no field totalAmout; "
    "did you mean totalAmount?",
    'true\n&& cart.lines.exists(l, l.vendr == "x")': "line 2, column 26: line has no field vendr; "
    "did you mean vendor?",
    'customer.name == "x"': "line 1, column 9: customer has no field name; "
    "known are isB2B, locale, groups.",
    'regoin == "US"': "line 1, column 1: regoin is not known here; did you mean region?",
    "weather": "line 1, column 1: weather is not known here; "
    "known are platform, region, locale, customer, cart, delivery.",
    "cart.totalAmount": "expected a yes-or-no question, but the answer is of type int.",
    'cart.totalAmount == "1"': "line 1, column 18: == does not work on int, string; "
    "both sides must be of one type.",
    "cart.totalAmount > 9.98": "line 1, column 18: > does not work on int, double; "
    "both sides must be of one type.",
    'cart.lines.exists(l, l.matches("x"))': "line 1, column 31: matches does not work on "
    "Line, string.",
    "1 in cart.lines[0].tags": "line 1, column 3: in does not work on int, list(string).",
    "cart.lines.map(l, l.id).size() > 0": "line 1, column 15: map is not available in rules; "
    "ask with exists, all or exists_one.",
    "cart.lines.filter(l, true).size() > 0": "line 1, column 18: filter is not available in rules; "
    "ask with exists, all or exists_one.",
    "dyn(1) == 1": "line 1, column 4: dyn is not available in rules; use one type.",
    '"a" + "b" == platform': "line 1, column 5: + adds numbers; "
    "texts and lists cannot be joined in a rule.",
    "[1] + [2] == [1, 2]": "line 1, column 5: + adds numbers; "
    "texts and lists cannot be joined in a rule.",
    '[1, "a"].size() == 2': "mixes values of different types in one list or map; use one type.",
    '[[1, "a"]].size() == 1': "mixes values of different types in one list or map; use one type.",
    '{"a": 1, "b": "c"}.size() == 2': "mixes values of different types in one list or map; "
    "use one type.",
    '{1: 1, "b": 1}.size() == 2': "mixes values of different types in one list or map; "
    "use one type.",
    'platform.matches("(")': "'(' is no pattern: "
    "INVALID_ARGUMENT: invalid regular expression: missing ): (.",
    'platform.matches("[a")': "'[a' is no pattern: "
    "INVALID_ARGUMENT: invalid regular expression: missing ]: [a.",
}


@pytest.mark.parametrize("source", REFUSALS)
def test_a_refusal_names_the_place_and_the_remedy(source: str) -> None:
    with pytest.raises(Malformed) as refusal:
        rule(source)

    assert REFUSALS[source] == str(refusal.value)


@pytest.mark.parametrize("source", ["", "cart.totalAmount >", "1 = 1", 'platform == "x'])
def test_a_rule_that_cannot_be_read_is_refused_at_the_place_where_reading_stopped(
    source: str,
) -> None:
    with pytest.raises(Malformed, match=r"^line 1, column \d+: Syntax error"):
        rule(source)


@pytest.mark.parametrize("variable", ["basis > 100", 'cohort == "control"'])
def test_basis_and_cohort_are_for_price_plans_only(variable: str) -> None:
    assert variable == COMPILER.plan_condition(variable).source

    with pytest.raises(Malformed, match="is not known here"):
        rule(variable)


def test_a_condition_keeps_the_words_of_the_merchant() -> None:
    source = ' platform=="shopify" '

    assert source == rule(source).source


def test_a_pattern_may_contain_quotes_and_backslashes() -> None:
    assert rule(r"""cart.id.matches("\\d+\"'é")""")
