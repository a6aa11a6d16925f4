"""A configuration put into words again: comments and order are the merchant's, and stay."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderguard.actions.configuration_source.text import rewritten

DEMO = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")

Change = Callable[[dict[str, Any]], object]


def after(change: Change, source: str = DEMO) -> str:
    """The text with a change, which must say exactly what was meant."""
    document = tomllib.loads(source)
    change(document)
    text = rewritten(source, document)
    assert tomllib.loads(text) == document
    return text


def lost(text: str) -> set[str]:
    """The lines of the demo's configuration that are not in this one."""
    return set(DEMO.splitlines()) - set(text.splitlines())


def test_a_document_that_did_not_change_keeps_every_letter() -> None:
    assert DEMO == rewritten(DEMO, tomllib.loads(DEMO))


def test_a_changed_value_changes_one_line() -> None:
    text = after(lambda document: document.update(enabled=False))

    assert DEMO.replace("enabled = true", "enabled = false") == text


def test_a_changed_amount_leaves_the_others_in_its_line_alone() -> None:
    text = after(lambda d: d["pricing"]["shippingProtection"][-1]["minimum"].update(USD=1_23))

    assert "minimum = { USD=123, EUR=95, GBP=85, JPY=150," in text
    assert 1 == len(lost(text))


def test_a_plan_moves_with_the_comment_above_it() -> None:
    def second_first(document: dict[str, Any]) -> None:
        plans = document["pricing"]["returnCoverage"]
        plans.insert(0, plans.pop(1))

    text = after(second_first)

    assert not lost(text)
    vip = "# Return coverage for members of our VIP programme: one low price, whatever the cart.\n"
    assert text.index("# Furniture comes back on a pallet.") < text.index(vip)
    assert f"{vip}[[pricing.returnCoverage]]\nwhen = '\"vip\" in customer.groups'" in text


def test_a_rule_goes_with_what_is_said_about_it_and_nothing_else() -> None:
    text = after(lambda document: document["rules"].pop(1))

    assert "freight" not in text
    assert "# With drop_mode the rule removes one mode" not in text
    assert "# A rule that names no reason answers eligibility_rule_not_met." in text
    assert '[[rules]]\nname = "very large carts are handled by the sales team"' in text


def test_a_new_plan_stands_behind_the_others_of_its_mode_under_its_own_heading() -> None:
    plan = {"base": {"USD": 1_00}, "tiers": {"USD": [{"amount": 1_00}]}}

    text = after(lambda document: document["pricing"]["returnCoverage"].append(plan))

    assert not lost(text)
    assert (
        'direction = "half_up"\n\n[[pricing.returnCoverage]]\nbase = { USD = 100 }\n\n'
        "[[pricing.returnCoverage.tiers.USD]]\namount = 100\n\n"
        "# Shipping protection for VIP members, at half the rate.\n" in text
    )


def test_a_new_setting_goes_above_the_comment_of_what_follows() -> None:
    text = after(lambda document: document.update(terms={"returnCoverage": {"days": 14}}))

    assert not lost(text)
    assert "]\nterms = { returnCoverage = { days = 14 } }\n\n\n# The smallest" in text


def test_limits_of_another_currency_get_a_heading_beside_the_others() -> None:
    text = after(lambda document: document["limits"].update(AUD={"subtotal_minimum": 10_00}))

    assert not lost(text)
    assert "\n\n[limits.AUD]\nsubtotal_minimum = 1000\n\n[[rules]]" in text


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["rules"].append({"name": "new", "reject_when": 'a == "b"\n  && c'}),
        lambda d: d["rules"].insert(0, d["rules"].pop()),
        lambda d: d["exclusions"].append({"sku": "x-*"}),
        lambda d: d["exclusions"].insert(0, d["exclusions"].pop(1)),
        lambda d: d["experiments"][0]["arms"].append({"name": "c", "weight": 1}),
        lambda d: d["experiments"].append({"key": "b", "status": "draft", "arms": []}),
        lambda d: d["pricing"]["returnCoverage"][1]["tiers"]["EUR"].reverse(),
        lambda d: d["pricing"]["returnCoverage"][0].update(rounding={"step": {"USD": 5}}),
        lambda d: d.update(charge_method="product_line_item", charge_product={"id": "1"}),
    ],
)
def test_whatever_is_added_or_moved_no_comment_is_lost(change: Change) -> None:
    text = after(change)

    assert [] == [line for line in lost(text) if line.lstrip().startswith("#")]


def test_conditions_are_written_as_people_write_them() -> None:
    rule = {"name": "new", "reject_when": 'a == "b"\n  && c\n'}

    text = after(lambda document: document["rules"].append(rule))

    assert "reject_when = '''\na == \"b\"\n  && c\n'''" in text


def test_an_empty_list_makes_room_for_tables() -> None:
    source = '# Ours.\nrules = []  # none yet\n# Sold in dollars.\ncurrencies = ["USD"]\n'

    text = after(lambda d: d.update(rules=[{"name": "n", "reject_when": "true"}]), source)

    assert text.startswith("# Ours.\n# Sold in dollars.\n")
    assert text.endswith('[[rules]]\nname = "n"\nreject_when = "true"\n')


def test_headings_within_values_are_no_headings() -> None:
    source = (
        "[[rules]]\nname = 'a'\nreject_when = '''\n[[rules]]\n# not a comment\n'''\n"
        'note = """\n[x]\\"""" # [[y]]\n[[rules]]\nname = "b"\nlist = [\n  [1],\n  "]", # [\n]\n'
    )

    text = after(lambda document: document["rules"].reverse(), source)

    assert '[[rules]]\nname = "b"\nlist = [' in text.partition("name = 'a'")[0]


def test_a_text_that_cannot_be_changed_in_place_is_written_anew() -> None:
    # Tables of one list, with another list between them.
    source = "[[a]]\nx = 1\n[[b]]\nx = 1\n[[a]]\nx = 2\n"

    text = after(lambda document: document["a"].reverse(), source)

    assert "x" in text


def test_one_is_not_true() -> None:
    assert "enabled = true\n" == rewritten("enabled = 1\n", {"enabled": True})


def test_json_stays_json() -> None:
    source = '{"modes": ["returnCoverage"], "enabled": true}'

    same, changed = (
        rewritten(source, {"modes": ["returnCoverage"], "enabled": enabled})
        for enabled in (True, False)
    )

    assert source == same
    assert {"modes": ["returnCoverage"], "enabled": False} == json.loads(changed)


VALUES = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["base", "limits", "USD", "rules", "x y"]), inner)
        | st.lists(st.dictionaries(st.sampled_from(["a", "arms", "tiers"]), inner), max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200)
@given(
    key=st.sampled_from(["rules", "limits", "pricing", "exclusions", "new", "experiments"]),
    value=VALUES,
    drop=st.sampled_from(["", "rules", "limits", "modes"]),
)
def test_the_text_says_exactly_the_document_whatever_that_is(
    key: str, value: Any, drop: str
) -> None:
    document = deepcopy(tomllib.loads(DEMO))
    document[key] = value
    document.pop(drop, None)

    assert document == tomllib.loads(rewritten(DEMO, document))
