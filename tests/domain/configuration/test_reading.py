"""A merchant's document: what it means, and what is said when it means nothing (contract §10)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from orderguard.domain.configuration.configuration import (
    ChargeMethod,
    ChargeProduct,
    ExcludedItemPolicy,
    Limits,
    LimitsBasis,
    MerchantConfiguration,
    PickupPolicy,
)
from orderguard.domain.configuration.experiment import Arm, Experiment, ExperimentStatus
from orderguard.domain.configuration.pricing import RoundingPolicy, Tier
from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.eligibility_reason import REASONS_A_RULE_MAY_GIVE, EligibilityReason
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.money import EUR, JPY, USD, Rounding
from tests.support.builders import BOTH, Phrases, a_configuration, a_document, a_line

ARMS = [{"name": "control", "weight": 10, "suppress": True}, {"name": "offered", "weight": 90}]
EXPERIMENT = {"key": "holdout", "status": "running", "arms": ARMS}
RULE = {"name": "no lamps", "reject_when": "always"}


def published(document: Mapping[str, Any]) -> MerchantConfiguration:
    return configuration_from_document(document, Phrases(), version=ConfigurationVersion(7))


def problems(**changes: Any) -> list[str]:
    """Everything that is wrong with the usual document after these changes."""
    with pytest.raises(InvalidDocument) as refusal:
        a_configuration(**changes)
    return [str(problem) for problem in refusal.value.problems]


def problem(**changes: Any) -> str:
    """The one thing that is wrong."""
    found = problems(**changes)
    assert 1 == len(found), found
    return found[0]


def pricing_problem(*plans: dict[str, Any]) -> str:
    shipping = [{"base": {"USD": 2_00}}]
    return problem(pricing={"returnCoverage": list(plans), "shippingProtection": shipping})


def a_plan(**plan: Any) -> Any:
    configuration = a_configuration(
        modes=["returnCoverage"], pricing={"returnCoverage": [plan], "shippingProtection": []}
    )
    return configuration.pricing[RETURN_COVERAGE][0]


CONTRACT_EXAMPLE = """
enabled = true
modes = ["returnCoverage", "shippingProtection"]
currencies = ["USD", "EUR", "JPY"]
locales = []
charge_method = "fee"
limits_basis = "subtotal"
excluded_item_policy = "ignore_items"
pickup_policy = "drop_shipping_protection"
exclude_b2b = false
coverage_products = [{ product_id = "cov-1" }, { sku = "ORDER-PROTECTION" }]
exclusions = [{ tag = "final-sale" }, { product_type = "Gift Card" }, { sku = "GC-*" },
  { vendor = "v" }, { collection = "c" }, { product_id = "p" }, { variant_id = "v" }]

[limits.USD]
subtotal_minimum = 1000
subtotal_maximum = 500000

[[rules]]
name = "no lithium to Alaska"
reject_when = "never"

[[pricing.returnCoverage]]
when = "costly"
base = { USD = 98, EUR = 95, JPY = 120 }

[[pricing.returnCoverage]]
base = { USD = 198, EUR = 185, JPY = 280 }

[[pricing.shippingProtection]]
rate_bps = 150
minimum = { USD = 98, EUR = 95, JPY = 120 }
maximum = { USD = 4998, EUR = 4998, JPY = 7000 }
rounding = { step = { USD = 1 }, direction = "half_up" }

[[experiments]]
key = "holdout-2026q1"
status = "running"
arms = [{ name = "control", weight = 10, suppress = true }, { name = "offered", weight = 90 }]
"""


def test_the_example_of_the_contract_can_be_published() -> None:
    configuration = published(tomllib.loads(CONTRACT_EXAMPLE))

    assert 7 == configuration.version
    assert configuration.enabled
    assert BOTH == configuration.modes
    assert {USD, EUR, JPY} == configuration.currencies
    assert Limits(10_00, 5_000_00) == configuration.limits_in(USD)
    assert ["no lithium to Alaska"] == [rule.name for rule in configuration.rules]
    assert [2, 1] == [len(configuration.pricing[mode]) for mode in BOTH]
    assert configuration.running_experiment is not None


def test_a_short_document_gets_the_usual_defaults() -> None:
    configuration = a_configuration()

    assert configuration.enabled
    assert configuration.exclude_b2b is False
    assert () == configuration.locales
    assert (ChargeMethod.FEE, None) == (configuration.charge_method, configuration.charge_product)
    assert LimitsBasis.SUBTOTAL is configuration.limits_basis
    assert ExcludedItemPolicy.IGNORE_ITEMS is configuration.excluded_item_policy
    assert PickupPolicy.DROP_SHIPPING_PROTECTION is configuration.pickup_policy
    assert not configuration.coverage_products.match(a_line())
    assert not configuration.exclusions.match(a_line())
    assert ((), (), {}) == (configuration.rules, configuration.experiments, configuration.limits)


def test_every_choice_is_taken_as_written() -> None:
    configuration = a_configuration(
        enabled=False,
        exclude_b2b=True,
        currencies=["usd", "eur"],
        locales=["en_gb"],
        limits_basis="discounted_subtotal",
        excluded_item_policy="reject_cart",
        pickup_policy="reject_cart",
        charge_method="product_line_item",
        charge_product={"id": "7", "handle": "protection"},
    )

    assert not configuration.enabled
    assert configuration.exclude_b2b
    assert {USD, EUR} == configuration.currencies
    assert configuration.supports_locale("en-GB")
    assert not configuration.supports_locale("en")
    assert LimitsBasis.DISCOUNTED_SUBTOTAL is configuration.limits_basis
    assert ExcludedItemPolicy.REJECT_CART is configuration.excluded_item_policy
    assert PickupPolicy.REJECT_CART is configuration.pickup_policy
    assert ChargeMethod.PRODUCT_LINE_ITEM is configuration.charge_method
    assert ChargeProduct("7", "protection") == configuration.charge_product


def test_a_withdrawn_currency_costs_the_others_nothing() -> None:
    base = {"USD": 98, "BGN": 195, "HRK": 750}

    configuration = a_configuration(
        currencies=["BGN", "USD", "HRK"],
        limits={"BGN": {"subtotal_minimum": 1}},
        pricing={"returnCoverage": [{"base": base}], "shippingProtection": [{"base": base}]},
    )

    assert {USD} == configuration.currencies
    assert configuration.can_price(RETURN_COVERAGE, USD)


def test_an_empty_document_is_told_what_it_needs() -> None:
    with pytest.raises(InvalidDocument) as refusal:
        published({})

    expected = "modes: is missing.; currencies: is missing."
    assert expected == str(refusal.value)


def test_all_problems_are_told_at_once() -> None:
    found = problems(enabled="yes", exclude_b2b=1, locales=["?"], currency="USD")

    assert [
        "enabled: expected true or false, found 'yes'.",
        "locales[0]: '?' is not a BCP 47 language tag such as en-GB.",
        "exclude_b2b: expected true or false, found 1.",
        "currency: is not a setting; did you mean currencies?",
    ] == found


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"modes": []}, "modes: expected at least one coverage mode; "
            "to stop offering, set enabled = false."),
        ({"modes": None}, "modes: is missing."),
        ({"modes": ["retunCoverage"]}, "modes[0]: expected one of returnCoverage, "
            "shippingProtection, found 'retunCoverage'. Did you mean 'returnCoverage'?"),
        ({"modes": ["warranty", "returnCoverage"]}, "modes[0]: expected one of returnCoverage, "
            "shippingProtection, found 'warranty'."),
        ({"modes": ["returnCoverage"] * 3}, "modes: expected at most 2 entries, found 3."),
        ({"currencies": []}, 'currencies: expected at least one currency, such as ["USD"].'),
        ({"currencies": None}, "currencies: is missing."),
        ({"currencies": ["DOLLAR"]}, "currencies[0]: 'DOLLAR' is not an ISO 4217 currency code; "
            "expected one such as USD."),
        ({"charge_method": "product"}, "charge_method: expected one of fee, product_line_item, "
            "found 'product'."),
        ({"charge_method": "product_line_item"}, "charge_product: is missing; "
            "product_line_item needs its id and handle."),
        ({"charge_product": {"id": "7", "handle": "h"}}, "charge_product: is only for "
            'charge_method = "product_line_item".'),
        ({"charge_method": "product_line_item", "charge_product": {"id": "7"}},
            "charge_product.handle: is missing."),
        ({"charge_method": "product_line_item", "charge_product": {"id": None, "handle": "h"}},
            "charge_product.id: is missing."),
        ({"limits_basis": "total"}, "limits_basis: expected one of subtotal, "
            "discounted_subtotal, found 'total'. Did you mean 'subtotal'?"),
        ({"excluded_item_policy": "ignore_item"}, "excluded_item_policy: expected one of "
            "ignore_items, reject_cart, found 'ignore_item'. Did you mean 'ignore_items'?"),
        ({"pickup_policy": "drop"}, "pickup_policy: expected one of drop_shipping_protection, "
            "reject_cart, found 'drop'."),
        ({"locales": ["de", "e"]}, "locales[1]: 'e' is not a BCP 47 language tag such as en-GB."),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_told_with_the_remedy(changes: dict[str, Any], complaint: str) -> None:
    assert complaint == problem(**changes)


@pytest.mark.parametrize("name", ["exclusions", "coverage_products"])
@pytest.mark.parametrize(
    ("matcher", "complaint"),
    [
        ({}, "{0}[0]: expected one of product_id, variant_id, sku, product_type, vendor, tag, "
            "collection."),
        ({"tag": None}, "{0}[0]: expected one of product_id, variant_id, sku, product_type, "
            "vendor, tag, collection."),
        ({"sku": "*"}, "{0}[0].sku: a lone * matches every line; "
            "to stop offering, set enabled = false."),
        ({"sku": "a*b*c*d*e*f*"}, "{0}[0].sku: expected at most 5 wildcards, found 6."),
        ({"sku": 5}, "{0}[0].sku: expected a string of 1 to 255 characters, found 5."),
        ({"sku": "GC", "tags": "x"}, "{0}[0].tags: is not a setting; did you mean tag?"),
    ],
)  # fmt: skip
def test_a_matcher_that_names_nothing_definite_is_told(
    name: str, matcher: dict[str, Any], complaint: str
) -> None:
    assert complaint.format(name) == problem(**{name: [matcher]})


def test_matchers_are_taken_as_written() -> None:
    configuration = a_configuration(
        exclusions=[{"sku": "*a*b*c*d*"}, {"sku": "X*"}, {"vendor": "lumen", "tag": "used"}],
        coverage_products=[{"product_id": "cov-1"}],
    )

    assert configuration.exclusions.match(a_line(sku="-a-b-c-d-"))
    assert configuration.exclusions.match(a_line(sku="X-1"))
    assert configuration.exclusions.match(a_line(vendor="Lumen", tags=("used",)))
    assert not configuration.exclusions.match(a_line(vendor="Lumen"))
    assert configuration.coverage_products.match(a_line(product_id="cov-1"))


def test_5000_exclusions_are_enough_for_anybody() -> None:
    many = [{"sku": str(number)} for number in range(5_001)]

    assert 5_000 == len(a_configuration(exclusions=many[:5_000]).exclusions.matchers)
    assert "exclusions: expected at most 5000 entries, found 5001." == problem(exclusions=many)


@pytest.mark.parametrize(
    ("limits", "complaint"),
    [
        ({"USD": {"subtotal_minimun": 5}}, "limits.USD.subtotal_minimun: is not a setting; "
            "did you mean subtotal_minimum?"),
        ({"USD": {"subtotal_minimum": 10.00}}, "limits.USD.subtotal_minimum: expected a whole "
            "number of minor units from 0 to 1000000000000, found 10.0. Write 998 for 9.98."),
        ({"USD": {"subtotal_maximum": -1}}, "limits.USD.subtotal_maximum: expected a whole "
            "number of minor units from 0 to 1000000000000, found -1."),
        ({"USD": {"subtotal_maximum": 10**12 + 1}}, "limits.USD.subtotal_maximum: expected a "
            "whole number of minor units from 0 to 1000000000000, found 1000000000001."),
        ({"USD": {"subtotal_minimum": 11, "subtotal_maximum": 10}}, "limits.USD.subtotal_maximum: "
            "is 10, below the minimum of 11."),
        ({"USD": 5}, "limits.USD: expected a table, found 5."),
        ({"usd": {}, "USD": {}}, "limits.USD: names USD a second time; expected it only once."),
        ({"US": {}}, "limits.US: 'US' is not an ISO 4217 currency code; "
            "expected one such as USD."),
        ([], "limits: expected a table, found []."),
    ],
)  # fmt: skip
def test_wrong_limits_are_told(limits: Any, complaint: str) -> None:
    assert complaint == problem(limits=limits)


def test_wrong_limits_of_two_currencies_are_told_together() -> None:
    found = problems(limits={"USD": 5, "EUR": 6})

    expected = ["limits.USD: expected a table, found 5.", "limits.EUR: expected a table, found 6."]
    assert expected == found


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, Limits()),
        ({"subtotal_minimum": 0}, Limits(0, None)),
        ({"subtotal_maximum": 10**12}, Limits(None, 10**12)),
        ({"subtotal_minimum": 10, "subtotal_maximum": 10}, Limits(10, 10)),
    ],
)
def test_limits_may_be_open_on_either_side(limits: dict[str, int], expected: Limits) -> None:
    assert expected == a_configuration(limits={"USD": limits}).limits_in(USD)


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"name": "x"}, "rules[0].reject_when: is missing."),
        ({"reject_when": "always"}, "rules[0].name: is missing."),
        ({"name": "x", "reject_when": None}, "rules[0].reject_when: is missing."),
        (RULE | {"rejects_when": "always"}, "rules[0].rejects_when: is not a setting; "
            "did you mean reject_when?"),
        (RULE | {"drop_mode": "warranty"}, "rules[0].drop_mode: expected one of returnCoverage, "
            "shippingProtection, found 'warranty'."),
        (RULE | {"name": "a" * 101}, "rules[0].name: expected a string of 1 to 100 characters, "
            f"found '{'a' * 38}…."),
        (RULE | {"reject_when": "a" * 1_001}, "rules[0].reject_when: expected a string of 1 to "
            f"1000 characters, found '{'a' * 38}…."),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_told(rule: dict[str, Any], complaint: str) -> None:
    assert complaint == problem(rules=[rule])


def test_a_typo_in_the_reason_of_a_rule_is_told_with_the_nearest() -> None:
    found = problem(rules=[RULE | {"reason": "cart_too_valuabel"}])

    assert found.endswith("found 'cart_too_valuabel'. Did you mean 'cart_too_valuable'?")


@pytest.mark.parametrize("claimed", sorted(set(EligibilityReason) - set(REASONS_A_RULE_MAY_GIVE)))
def test_a_rule_cannot_claim_what_is_not_its_to_say(claimed: str) -> None:
    allowed = ", ".join(REASONS_A_RULE_MAY_GIVE)

    expected = f"rules[0].reason: a rule cannot claim {claimed}; expected one of {allowed}."
    assert expected == problem(rules=[RULE | {"reason": claimed}])


def test_a_rule_cannot_drop_a_mode_that_is_not_offered() -> None:
    expected = "rules[0].drop_mode: shippingProtection is not among the configured modes."

    assert expected == problem(
        modes=["returnCoverage"], rules=[RULE | {"drop_mode": "shippingProtection"}]
    )


def test_rules_have_different_names() -> None:
    expected = "rules: two entries are called 'no lamps'; names must differ."

    assert expected == problem(rules=[RULE, RULE, RULE | {"name": "another"}])


def test_a_rule_is_taken_as_written() -> None:
    configuration = a_configuration(
        rules=[
            RULE | {"reason": "cart_too_valuable"},
            RULE | {"name": "b", "drop_mode": "shippingProtection"},
        ]
    )

    first, second = configuration.rules
    assert ("no lamps", "always") == (first.name, first.reject_when.source)
    assert (EligibilityReason.CART_TOO_VALUABLE, None) == (first.reason, first.drop_mode)
    assert (None, SHIPPING_PROTECTION) == (second.reason, second.drop_mode)


def test_100_rules_are_enough_for_anybody() -> None:
    many = [RULE | {"name": str(number)} for number in range(101)]

    assert 100 == len(a_configuration(rules=many[:100]).rules)
    assert "rules: expected at most 100 entries, found 101." == problem(rules=many)


AMOUNT = "expected a whole number of minor units from 0 to 1000000000000"
RATE = "expected a whole number of basis points from 0 to 10000"
LAST = "the last tier must have no up_to, so that every cart has a price."


@pytest.mark.parametrize(
    ("plan", "complaint"),
    [
        ({}, ": has no price; expected base, rate_bps, tiers or per_item."),
        ({"minimum": {"USD": 5}}, ": has no price; expected base, rate_bps, tiers or per_item."),
        ({"base": {}}, ": has no price; expected base, rate_bps, tiers or per_item."),
        ({"base": None}, ": has no price; expected base, rate_bps, tiers or per_item."),
        ({"tiers": {}}, ": has no price; expected base, rate_bps, tiers or per_item."),
        ({"per_item": {}, "base": {}}, ": has no price; expected base, rate_bps, tiers or "
            "per_item."),
        ({"rate_bps": 1, "per_item": {"USD": 1}}, ": has rate_bps and per_item; expected only "
            "one of them."),
        ({"rate_bps": 1, "tiers": {"USD": [{"amount": 1}]}}, ": has rate_bps and tiers; "
            "expected only one of them."),
        ({"base": {"USD": 2.98}}, f".base.USD: {AMOUNT}, found 2.98. Write 998 for 9.98."),
        ({"base": {"USD": -1}}, f".base.USD: {AMOUNT}, found -1."),
        ({"base": {"US": 1}}, ".base.US: 'US' is not an ISO 4217 currency code; "
            "expected one such as USD."),
        ({"base": {"USD": 1}, "per_item": {"USD": "1"}}, f".per_item.USD: {AMOUNT}, found '1'."),
        ({"rate_bps": 10_001}, f".rate_bps: {RATE}, found 10001."),
        ({"rate_bps": 1.5}, f".rate_bps: {RATE}, found 1.5."),
        ({"rate_bps": -1}, f".rate_bps: {RATE}, found -1."),
        ({"rate_bps": 1, "minimum": {"USD": 5}, "maximum": {"USD": 4}}, ".maximum.USD: is 4, "
            "below the minimum of 5."),
        ({"rate_bps": 1, "minimum": {"USD": -1}}, f".minimum.USD: {AMOUNT}, found -1."),
        ({"rate_bps": 1, "maximum": 5}, ".maximum: expected a table, found 5."),
        ({"rate_bps": 1, "rounding": {"step": {"USD": 0}}}, ".rounding.step.USD: expected a "
            "whole number of minor units from 1 to 1000000000000, found 0."),
        ({"rate_bps": 1, "rounding": {"ending": {"USD": -1}}}, f".rounding.ending.USD: {AMOUNT}, "
            "found -1."),
        ({"rate_bps": 1, "rounding": {"direction": "halfup"}}, ".rounding.direction: expected "
            "one of half_up, half_even, up, down, found 'halfup'. Did you mean 'half_up'?"),
        ({"rate_bps": 1, "rounding": {"step": {"USD": 5, "EUR": 5}, "ending": {"USD": 98}}},
            ".rounding: has a step and an ending for USD; expected one of them."),
        ({"rate_bps": 1, "rounding": {"steps": {"USD": 5}}}, ".rounding.steps: is not a setting; "
            "did you mean step?"),
        ({"rate_bsp": 1, "base": {"USD": 1}}, ".rate_bsp: is not a setting; "
            "did you mean rate_bps?"),
        ({"base": {"USD": 1}, "when": ""}, ".when: expected a string of 1 to 1000 characters, "
            "found ''."),
        ({"tiers": {"USD": []}}, f".tiers.USD: {LAST}"),
        ({"tiers": {"USD": [{"up_to": 5, "amount": 1}]}}, f".tiers.USD: {LAST}"),
        ({"tiers": {"USD": [{"amount": 1}, {"amount": 1}]}}, ".tiers.USD: only the last tier may "
            "have no up_to."),
        ({"tiers": {"USD": [{"up_to": 9, "amount": 1}, {"up_to": 5, "amount": 1}, {"amount": 1}]}},
            ".tiers.USD: the tiers must be in ascending order of up_to."),
        ({"tiers": {"USD": [{"up_to": 5, "amount": 1}, {"up_to": 5, "amount": 1}, {"amount": 1}]}},
            ".tiers.USD: the tiers must be in ascending order of up_to."),
        ({"tiers": {"USD": [{}]}}, ".tiers.USD[0]: expected either amount or rate_bps."),
        ({"tiers": {"USD": [{"amount": None}]}}, ".tiers.USD[0]: expected either amount or "
            "rate_bps."),
        ({"tiers": {"USD": [{"amount": 1, "rate_bps": 1}]}}, ".tiers.USD[0]: expected either "
            "amount or rate_bps."),
        ({"tiers": {"USD": [{"amount": 1.5}]}}, f".tiers.USD[0].amount: {AMOUNT}, found 1.5. "
            "Write 998 for 9.98."),
        ({"tiers": {"USD": [{"rate_bps": 10_001}]}}, f".tiers.USD[0].rate_bps: {RATE}, "
            "found 10001."),
        ({"tiers": {"USD": [{"amount": 1, "upto": 5}]}}, ".tiers.USD[0].upto: is not a setting; "
            "did you mean up_to?"),
        ({"tiers": {"usd": [{"amount": 1}], "USD": [{"amount": 1}]}}, ".tiers.USD: names USD a "
            "second time; expected it only once."),
        ({"tiers": 5}, ".tiers: expected a table, found 5."),
    ],
)  # fmt: skip
def test_a_wrong_price_plan_is_told(plan: dict[str, Any], complaint: str) -> None:
    assert f"pricing.returnCoverage[1]{complaint}" == pricing_problem({"base": {"USD": 1}}, plan)


def test_a_wrong_bound_of_a_tier_is_told_first() -> None:
    tiers = {"USD": [{"up_to": 9.98, "amount": 1}, {"amount": 1}]}

    found = problems(modes=["returnCoverage"], pricing={"returnCoverage": [{"tiers": tiers}]})

    place = "pricing.returnCoverage[0].tiers.USD[0].up_to"
    assert f"{place}: {AMOUNT}, found 9.98. Write 998 for 9.98." == found[0]


def test_100_tiers_are_enough_for_anybody() -> None:
    tiers = [{"up_to": number, "amount": 1} for number in range(100)] + [{"amount": 1}]

    assert 100 == len(a_plan(tiers={"USD": tiers[1:]}).tiers[USD])
    with pytest.raises(InvalidDocument, match="expected at most 100 entries, found 101"):
        a_plan(tiers={"USD": tiers})


def test_50_plans_are_enough_for_anybody() -> None:
    plan = {"base": {"USD": 1}}
    shipping = {"shippingProtection": [plan]}

    assert a_configuration(pricing={"returnCoverage": [plan] * 50} | shipping)
    found = problems(pricing={"returnCoverage": [plan] * 51} | shipping)
    assert "pricing.returnCoverage: expected at most 50 entries, found 51." == found[0]


def test_a_plan_is_taken_as_written() -> None:
    plan = a_plan(
        when="costly",
        base={"USD": 1},
        rate_bps=10_000,
        minimum={"USD": 5},
        maximum={"USD": 5},
        rounding={"direction": "down", "step": {"USD": 5}, "ending": {"EUR": 98}},
    )

    assert plan.when.source == "costly"
    assert ({USD: 1}, 10_000) == (plan.base, plan.rate_bps)
    assert ({USD: 5}, {USD: 5}) == (plan.minimum, plan.maximum)
    assert RoundingPolicy(Rounding.DOWN, {USD: 5}, {EUR: 98}) == plan.rounding


def test_a_plan_for_all_carts_has_no_condition() -> None:
    plan = a_plan(per_item={"USD": 5})

    assert plan.when is None
    assert {USD: 5} == plan.per_item
    assert RoundingPolicy(Rounding.HALF_UP, {}, {}) == plan.rounding


def test_tiers_are_taken_as_written() -> None:
    plan = a_plan(
        tiers={"USD": [{"up_to": 0, "amount": 5}, {"up_to": 50_00, "rate_bps": 7}, {"amount": 9}]}
    )

    expected = (Tier(0, amount=5), Tier(50_00, rate_bps=7), Tier(None, amount=9))
    assert expected == plan.tiers[USD]


def test_every_mode_has_a_price() -> None:
    expected = "pricing.shippingProtection: has no price plan, but is among the modes."

    assert expected == problem(pricing={"returnCoverage": [{"base": {"USD": 1}}]})


def test_a_document_without_prices_is_told_how_to_begin() -> None:
    expected = "pricing: is missing; expected [[pricing.shippingProtection]]."

    assert expected == problem(modes=["shippingProtection"], pricing=None)


def test_a_price_of_an_unknown_mode_is_a_typo() -> None:
    pricing = a_document()["pricing"] | {"returncoverage": []}

    expected = "pricing.returncoverage: is not a setting; did you mean returnCoverage?"
    assert expected == problem(pricing=pricing)


def test_a_price_of_a_mode_that_is_not_offered_is_kept_for_later() -> None:
    configuration = a_configuration(modes=["returnCoverage"])

    assert (RETURN_COVERAGE,) == configuration.modes
    assert configuration.can_price(SHIPPING_PROTECTION, USD)


@pytest.mark.parametrize(
    ("experiment", "complaint"),
    [
        ({"status": "draft", "arms": ARMS}, "experiments[0].key: is missing."),
        ({"key": "a", "arms": ARMS}, "experiments[0].status: is missing."),
        ({"key": "a", "status": None, "arms": ARMS}, "experiments[0].status: is missing."),
        ({"key": "a", "status": "draft"}, "experiments[0].arms: is missing."),
        (EXPERIMENT | {"status": "runing"}, "experiments[0].status: expected one of draft, "
            "running, stopped, found 'runing'. Did you mean 'running'?"),
        (EXPERIMENT | {"arms": ARMS[:1]}, "experiments[0].arms: expected at least two arms to "
            "compare, found 1."),
        (EXPERIMENT | {"arms": []}, "experiments[0].arms: expected at least two arms to "
            "compare, found 0."),
        (EXPERIMENT | {"arms": [*ARMS, ARMS[0]]}, "experiments[0].arms: two entries are called "
            "'control'; names must differ."),
        (EXPERIMENT | {"arms": [*ARMS, {"name": "x", "weight": 0}]}, "experiments[0].arms[2]."
            "weight: expected a whole number of parts from 1 to 1000000, found 0."),
        (EXPERIMENT | {"arms": [*ARMS, {"name": "x", "weight": 10**6 + 1}]}, "experiments[0]."
            "arms[2].weight: expected a whole number of parts from 1 to 1000000, found 1000001."),
        (EXPERIMENT | {"arms": [*ARMS, {"name": "x"}]}, "experiments[0].arms[2].weight: "
            "is missing."),
        (EXPERIMENT | {"arms": [*ARMS, {"weight": 1}]}, "experiments[0].arms[2].name: "
            "is missing."),
        (EXPERIMENT | {"arms": [*ARMS, {"name": "x", "weight": 1, "supress": True}]},
            "experiments[0].arms[2].supress: is not a setting; did you mean suppress?"),
        (EXPERIMENT | {"arms": [*ARMS, {"name": "a" * 65, "weight": 1}]}, "experiments[0]."
            "arms[2].name: expected a string of 1 to 64 characters, "
            f"found '{'a' * 38}…."),
        (EXPERIMENT | {"arm": []}, "experiments[0].arm: is not a setting; did you mean arms?"),
        (EXPERIMENT | {"key": "a" * 101}, "experiments[0].key: expected a string of 1 to 100 "
            f"characters, found '{'a' * 38}…."),
    ],
)  # fmt: skip
def test_a_wrong_experiment_is_told(experiment: dict[str, Any], complaint: str) -> None:
    assert complaint == problem(experiments=[experiment])


def test_two_arms_without_a_name_are_told_once_each() -> None:
    found = problems(experiments=[EXPERIMENT | {"arms": [{"weight": 1}, {"weight": 1}]}])

    expected = [f"experiments[0].arms[{index}].name: is missing." for index in (0, 1)]
    assert expected == found


def test_one_experiment_runs_at_a_time() -> None:
    expected = "experiments: holdout and price are running; expected at most one."

    assert expected == problem(experiments=[EXPERIMENT, EXPERIMENT | {"key": "price"}])


def test_experiments_have_different_keys() -> None:
    expected = "experiments: two entries are called 'holdout'; names must differ."

    assert expected == problem(experiments=[EXPERIMENT, EXPERIMENT | {"status": "stopped"}])


def test_an_experiment_is_taken_as_written() -> None:
    configuration = a_configuration(
        experiments=[EXPERIMENT, EXPERIMENT | {"key": "next", "status": "draft"}]
    )

    arms = (Arm("control", 10, suppress=True), Arm("offered", 90))
    assert (
        Experiment("holdout", ExperimentStatus.RUNNING, arms),
        Experiment("next", ExperimentStatus.DRAFT, arms),
    ) == configuration.experiments


@pytest.mark.parametrize("weight", [1, 10**6])
def test_a_weight_may_be_anything_from_one_to_a_million(weight: int) -> None:
    arms = [ARMS[0], {"name": "offered", "weight": weight}]

    configuration = a_configuration(experiments=[EXPERIMENT | {"arms": arms}])

    assert weight == configuration.experiments[0].arms[1].weight


def test_terms_and_the_share_of_the_provider_are_taken_as_written() -> None:
    configuration = a_configuration(
        terms={"returnCoverage": {"days": 1}, "shippingProtection": {"days": 3_650}},
        provider_share_bps=10_000,
    )

    assert {RETURN_COVERAGE: 1, SHIPPING_PROTECTION: 3_650} == configuration.term_days
    assert 10_000 == configuration.provider_share_bps


def test_without_terms_and_a_provider_nothing_is_set() -> None:
    configuration = a_configuration()

    assert ({}, 0) == (configuration.term_days, configuration.provider_share_bps)


DAYS = "terms.returnCoverage.days: expected a whole number of days from 1 to 3650"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"terms": {"returnCoverage": {}}}, "terms.returnCoverage.days: is missing."),
        ({"terms": {"returnCoverage": {"days": 0}}}, f"{DAYS}, found 0."),
        ({"terms": {"returnCoverage": {"days": 3_651}}}, f"{DAYS}, found 3651."),
        ({"terms": {"returnCoverage": {"days": 1, "day": 1}}}, "terms.returnCoverage.day: "
            "is not a setting; did you mean days?"),
        ({"terms": {"shipping": {}}}, "terms.shipping: is not a setting; "
            "did you mean shippingProtection?"),
        ({"terms": 30}, "terms: expected a table, found 30."),
        ({"provider_share_bps": 10_001}, "provider_share_bps: expected a whole number of basis "
            "points from 0 to 10000, found 10001."),
    ],
)  # fmt: skip
def test_wrong_terms_are_told(changes: dict[str, Any], complaint: str) -> None:
    assert complaint == problem(**changes)


def test_the_name_of_an_arm_has_up_to_64_characters() -> None:
    arms = [ARMS[0], {"name": "a" * 64, "weight": 1}]

    configuration = a_configuration(experiments=[EXPERIMENT | {"arms": arms}])

    assert "a" * 64 == configuration.experiments[0].arms[1].name
