"""What may be published, and costs the merchant offers or fees all the same."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.configuration.warnings import survives_floating_point, warnings_of
from orderguard.domain.errors import Problem
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.money import JPY, KWD, USD
from tests.support.builders import Phrases

SAFE = [{"base": {"USD": 2_50}}]


def warnings(**members: Any) -> list[Problem]:
    document = {"modes": ["returnCoverage"], "currencies": ["USD"]} | members
    document.setdefault("pricing", {"returnCoverage": SAFE})
    configuration = configuration_from_document(
        document, Phrases(), version=ConfigurationVersion(1)
    )
    return warnings_of(document, configuration)


def of_plans(*plans: dict[str, Any], **members: Any) -> list[str]:
    """What is said about the prices of return coverage."""
    found = warnings(pricing={"returnCoverage": list(plans)}, **members)
    assert {"pricing"} >= {each.path for each in found}
    return [each.message for each in found]


def of_both(returns: dict[str, Any], shipping: dict[str, Any], **members: Any) -> list[str]:
    found = warnings(
        modes=["returnCoverage", "shippingProtection"],
        pricing={"returnCoverage": [returns], "shippingProtection": [shipping]},
        **members,
    )
    return [each.message for each in found]


def amounts_in(messages: list[str]) -> str:
    """The amounts that a warning names."""
    (message,) = messages
    return message.removeprefix("A charge in USD can be ").partition(".  ")[0].split(". In")[0]


def test_a_configuration_of_safe_prices_has_no_warning() -> None:
    assert [] == warnings()


def test_the_amounts_that_do_not_survive_are_one_in_nine() -> None:
    lost = [amount for amount in range(1, 50_00) if not survives_floating_point(amount, USD)]

    assert (573, True) == (len(lost), 4_98 in lost)
    assert [4_98, *range(32_98, 40_00, 100)] == [a for a in lost if a % 100 == 98]
    assert not [amount for amount in lost if amount % 25 == 0]
    assert all(survives_floating_point(amount, JPY) for amount in range(1, 5_000))
    assert all(survives_floating_point(amount, KWD) for amount in range(0, 50_000, 250))


def test_a_constant_that_does_not_survive_is_named_with_what_becomes_of_it() -> None:
    (message,) = of_plans({"base": {"USD": 4_98}})

    assert message == (
        "A charge in USD can be 4.98. In floating point 4.98 * 100 is 498.00000000000006: a client "
        "that compares this with the amount takes the fee off. Amounts that end in 00, 25, 50 or "
        "75 are safe, and in 98 up to 100.00, but for 4.98 and 32.98 to 39.98."
    )


def test_the_sum_of_the_modes_is_what_is_charged() -> None:
    assert "4.98" == amounts_in(of_both({"base": {"USD": 2_98}}, {"base": {"USD": 2_00}}))
    assert [] == of_both({"base": {"USD": 2_98}}, {"base": {"USD": 1_00}})


def test_what_a_pickup_or_a_rule_leaves_is_charged_alone() -> None:
    two = {"base": {"USD": 2_00}}
    lost = {"base": {"USD": 4_98}}
    drop = {"name": "r", "reject_when": "never", "drop_mode": "returnCoverage"}

    assert "4.98" == amounts_in(of_both(lost, two))
    assert [] == of_both(lost, two, pickup_policy="reject_cart")
    assert [] == of_both(two, lost)
    assert "4.98" == amounts_in(of_both(two, lost, rules=[drop]))


def test_tiers_of_both_modes_are_those_of_one_cart() -> None:
    def tiers(*amounts: int) -> dict[str, Any]:
        bounds = [{"up_to": 50_00 * number} for number in range(1, len(amounts))]
        rows = [*bounds, {}]
        return {"tiers": {"USD": [r | {"amount": a} for r, a in zip(rows, amounts, strict=True)]}}

    # 2.98 is only ever charged beside 1.00, and 2.00 beside 5.00.
    assert [] == of_both(tiers(2_98, 5_00), tiers(1_00, 2_00))
    assert "4.98" == amounts_in(of_both(tiers(2_98, 5_00), tiers(2_00, 1_00)))


def test_the_first_plan_of_which_the_condition_holds_counts() -> None:
    vip = {"when": "costly", "base": {"USD": 4_98}}

    assert "4.98" == amounts_in(of_plans(vip, *SAFE))
    assert [] == of_plans(*SAFE, vip)
    assert [] == of_plans({"when": "costly", "base": {"USD": 2_50}})


def test_minimum_and_maximum_of_a_percentage_are_constants() -> None:
    plan = {"rate_bps": 150, "rounding": {"step": {"USD": 25}}}

    assert "4.98" == amounts_in(
        of_plans(plan | {"minimum": {"USD": 4_98}, "rounding": {"ending": {"USD": 98}},
                         "maximum": {"USD": 5_98}})
    )  # fmt: skip
    assert [] == of_plans(plan | {"minimum": {"USD": 2_50}, "maximum": {"USD": 40_00}})
    assert [] == of_plans(plan)


def test_a_percentage_with_an_ending_is_listed_up_to_its_maximum() -> None:
    plan = {"rate_bps": 150, "rounding": {"ending": {"USD": 98}}}

    assert "4.98, 32.98, 33.98, 34.98, 35.98 and 4 more" == amounts_in(of_plans(plan))
    assert "4.98" == amounts_in(of_plans(plan | {"maximum": {"USD": 20_00}}))
    assert [] == of_plans(plan | {"rounding": {"ending": {"USD": 50}}})


@pytest.mark.parametrize(
    "plan",
    [
        {"rate_bps": 150},
        {"per_item": {"USD": 50}},
        {"tiers": {"USD": [{"up_to": 50_00, "amount": 1_00}, {"rate_bps": 100}]}},
        {"rate_bps": 150, "rounding": {"step": {"USD": 5}}},
    ],
)
def test_a_price_that_depends_on_the_cart_can_be_any_amount(plan: dict[str, Any]) -> None:
    (message,) = of_plans(plan)

    assert message.startswith("A charge in USD can be any amount, and about one in nine")
    assert "Round every mode to a step of 25, or to an ending." in message


def test_a_share_beside_a_constant_is_safe_only_when_both_are() -> None:
    share = {"rate_bps": 150, "rounding": {"step": {"USD": 25}}}

    assert [] == of_both({"base": {"USD": 2_00}, "rounding": {"step": {"USD": 25}}}, share)
    (message,) = of_both({"base": {"USD": 2_98}}, share)
    assert "any amount" in message


def test_three_decimals_have_endings_of_their_own_and_yen_need_none() -> None:
    (message,) = of_plans({"rate_bps": 150}, currencies=["JPY", "KWD"])

    assert "step of 250" in message
    assert message.endswith("Amounts that end in 000, 250, 500 or 750 are safe.")


def test_a_withdrawn_currency_is_named_where_it_stands() -> None:
    base = {"USD": 2_50, "BGN": 4_98}

    found = warnings(currencies=["USD", "BGN"], pricing={"returnCoverage": [{"base": base}]})

    message = "ISO 4217 has withdrawn BGN, so nothing is offered in it. Remove it."
    assert [Problem("currencies[1]", message)] == found


def test_a_currency_that_is_priced_and_not_named_is_found_once() -> None:
    plan = {
        "base": {"USD": 2_50, "EUR": 2_50},
        "minimum": {"EUR": 1_00, "JPY": 100},
        "maximum": {"CHF": 1_00},
        "rounding": {"step": {"GBP": 1}, "ending": {"SEK": 0}},
    }

    found = warnings(
        limits={"EUR": {"subtotal_minimum": 1}}, pricing={"returnCoverage": [*SAFE, plan]}
    )

    assert [
        "pricing.returnCoverage[1].maximum.CHF",
        "limits.EUR",
        "pricing.returnCoverage[1].rounding.step.GBP",
        "pricing.returnCoverage[1].minimum.JPY",
        "pricing.returnCoverage[1].rounding.ending.SEK",
    ] == [each.path for each in found]
    assert found[1].message == (
        "EUR is not among currencies, so nothing is offered in it. Add it there, or remove its "
        "prices and limits."
    )
