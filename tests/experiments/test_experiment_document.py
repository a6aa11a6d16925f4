"""Experiments in the text of a configuration, which stays as it was otherwise."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files

import pytest

from orderguard.actions.configuration_source.experiments import (
    CannotEdit,
    NewArm,
    NewExperiment,
    with_experiment,
    with_status,
)
from orderguard.actions.publish_configuration import read_configuration
from orderguard.domain.configuration.experiment import ExperimentStatus
from tests.support.builders import a_document
from tests.support.shop import COMPILER

DEMO = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")
HOLDOUT = NewExperiment("hold", (NewArm("none", 10, suppress=True), NewArm("offered", 90)))
PRICE_TEST = NewExperiment("dearer", (NewArm("usual", 1), NewArm("10 % up", 1, price_bps=110_00)))

SMALL = """\
modes = ["shippingProtection"]
currencies = ["USD"]

# Parcels.
# A rate, and tiers for large ones.
[[pricing.shippingProtection]]
when = '''
basis < 100000'''
rate_bps = 155
minimum = { USD = 98 }
rounding = { step = { USD = 5 }, direction = "half_up" }

[[pricing.shippingProtection]]
per_item = { USD = 101 }

[[pricing.shippingProtection.tiers.USD]]
up_to = 100
amount = 450

[[pricing.shippingProtection.tiers.USD]]
rate_bps = 110   # above
"""


def lines_added(before: str, after: str) -> list[str]:
    """The new lines; fails if any other is gone or elsewhere."""
    old, added = iter(before.splitlines()), []
    expected = next(old, None)
    for line in after.splitlines():
        if line == expected:
            expected = next(old, None)
        else:
            added.append(line)
    assert expected is None
    return added


def test_a_holdout_is_added_at_the_end_and_nothing_else_changes() -> None:
    text = with_experiment(SMALL, HOLDOUT)

    assert [
        "",
        "[[experiments]]",
        'key = "hold"',
        'status = "draft"',
        "arms = [",
        '    { name = "none", weight = 10, suppress = true },',
        '    { name = "offered", weight = 90 },',
        "]",
    ] == lines_added(SMALL, text)


def test_an_arm_with_its_own_prices_gets_a_plan_for_every_plan() -> None:
    text = with_experiment(SMALL, PRICE_TEST)

    lines_added(SMALL, text)
    first, second, *others = tomllib.loads(text)["pricing"]["shippingProtection"]
    assert tomllib.loads(SMALL)["pricing"]["shippingProtection"] == others
    # 155 · 1.1 = 170.5, and a half is rounded up.
    assert {
        "when": 'cohort == "10 % up" && (basis < 100000)',
        "rate_bps": 171,
        "minimum": {"USD": 108},
        "rounding": {"step": {"USD": 5}, "direction": "half_up"},
    } == first
    assert {
        "when": 'cohort == "10 % up"',
        "per_item": {"USD": 111},
        "tiers": {"USD": [{"up_to": 100, "amount": 495}, {"rate_bps": 121}]},
    } == second


def test_the_comment_on_a_plan_stays_with_it() -> None:
    text = with_experiment(SMALL, PRICE_TEST)

    assert "# Price test dearer.\n[[pricing.shippingProtection]]\nwhen = 'cohort" in text
    assert "# A rate, and tiers for large ones.\n[[pricing.shippingProtection]]\nwhen = '''" in text


def test_plans_of_another_experiment_are_not_everybodys() -> None:
    once = with_experiment(SMALL, PRICE_TEST)

    twice = with_experiment(
        once, NewExperiment("again", (NewArm("usual", 1), NewArm("less", 1, price_bps=90_00)))
    )

    plans = tomllib.loads(twice)["pricing"]["shippingProtection"]
    assert ["less", "less", "10 % up", "10 % up"] == [
        plan["when"].split('"')[1] for plan in plans if "cohort" in plan.get("when", "")
    ]


def plans_of(when: str) -> list[str]:
    """The conditions of a merchant's one plan, after a price test was added."""
    source = SMALL.replace("basis < 100000", when)
    plans = tomllib.loads(with_experiment(source, PRICE_TEST))["pricing"]["shippingProtection"]
    return [plan.get("when", "") for plan in plans]


def test_a_condition_keeps_its_comment_and_its_blanks() -> None:
    when = 'customer.group == "a  b" // of the cohort\n&& basis > 1 // at last'

    assert f'cohort == "10 % up" && ({when}\n)' == plans_of(when)[0]


@pytest.mark.parametrize("when", ['"cohort-7" in cart.tags', "'cohort' in cart.tags // cohort"])
def test_a_condition_about_the_word_cohort_is_everybodys(when: str) -> None:
    assert plans_of(when)[0].startswith('cohort == "10 % up" && (')


@pytest.mark.parametrize("new", [HOLDOUT, PRICE_TEST], ids=["holdout", "price test"])
def test_the_demo_merchants_document_takes_an_experiment(new: NewExperiment) -> None:
    text = with_experiment(DEMO, new)

    lines_added(DEMO, text)
    read_configuration(text, COMPILER)


def test_a_status_is_changed_where_it_is_written() -> None:
    source = with_experiment(SMALL, HOLDOUT).replace('"draft"', '"draft"  # not yet')

    text = with_status(source, "hold", ExperimentStatus.RUNNING)

    assert ['status = "running"  # not yet'] == [
        line for line in text.splitlines() if line not in source.splitlines()
    ]


def test_json_stays_json() -> None:
    source = json.dumps(a_document())

    text = with_status(with_experiment(source, PRICE_TEST), "dearer", ExperimentStatus.RUNNING)

    document = json.loads(text)
    assert "running" == document["experiments"][0]["status"]
    assert [{"USD": 328}, {"USD": 298}] == [
        plan["base"] for plan in document["pricing"]["returnCoverage"]
    ]
    read_configuration(text, COMPILER)


INLINE = """\
modes = ["shippingProtection"]
currencies = ["USD"]
experiments = []
pricing = { shippingProtection = [{ base = { USD = 98 } }] }
"""


@pytest.mark.parametrize("new", [HOLDOUT, PRICE_TEST], ids=["holdout", "price test"])
def test_a_text_that_would_have_to_be_rewritten_is_left_alone(new: NewExperiment) -> None:
    with pytest.raises(CannotEdit, match="write it there"):
        with_experiment(INLINE, new)


def test_text_that_looks_like_a_plan_is_not_one() -> None:
    source = SMALL.replace("# Parcels.", 'locales = ["""\n[[pricing.shippingProtection]]\n"""]')

    text = with_experiment(source, PRICE_TEST)

    lines_added(source, text)
    assert tomllib.loads(source)["locales"] == tomllib.loads(text)["locales"]
