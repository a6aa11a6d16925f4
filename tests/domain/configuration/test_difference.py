"""What changed from one configuration to another, in words."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.configuration.difference import TEXT_LIMIT, configuration_difference
from tests.support.builders import a_document


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str | None, str | None]]:
    return [
        (each.subject, each.before, each.after) for each in configuration_difference(before, after)
    ]


def told_of(**changes: Any) -> list[tuple[str, str | None, str | None]]:
    """What is told of these changes to an ordinary document."""
    return told(a_document(), a_document(**changes))


def plans(*of_returns: dict[str, Any]) -> dict[str, Any]:
    return {"pricing": {"returnCoverage": [*of_returns]}}


def test_the_same_document_has_no_difference() -> None:
    assert () == configuration_difference(a_document(), a_document())


def test_a_default_that_is_written_out_is_no_difference() -> None:
    assert [] == told_of(
        enabled=True, locales=[], charge_method="fee", provider_share_bps=0, rules=[]
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"enabled": False}, ("enabled", "yes", "no")),
        ({"currencies": ["USD", "EUR"]}, ("currencies", "USD", "USD, EUR")),
        ({"locales": ["en"]}, ("locales", None, "en")),
        ({"provider_share_bps": 2_550}, ("provider share", "0 %", "25.5 %")),
        ({"provider_share_bps": -5}, ("provider share", "0 %", "-0.05 %")),
        (
            {"limits": {"usd": {"subtotal_minimum": 10_00}}},
            ("subtotal minimum in USD", None, "10.00 USD"),
        ),
        ({"limits": {"XAU": {"subtotal_minimum": 5}}}, ("subtotal minimum in XAU", None, "5")),
        ({"limits": {"USD": {"subtotal": 5}}}, ("subtotal in USD", None, "5")),
        ({"limits": {"JPY": {"subtotal_maximum": "5"}}}, ("subtotal maximum in JPY", None, "5")),
        (
            {"terms": {"returnCoverage": {"days": 14}}},
            ("terms, returnCoverage, days", None, "14 days"),
        ),
        (
            {"charge_product": {"id": "gid-1"}},
            ("charge product, id", None, "gid-1"),
        ),
        ({"surprise": [1, {"a": None}]}, ("surprise", None, '[1, {"a": null}]')),
    ],
)  # fmt: skip
def test_a_setting_is_told_with_what_it_was_and_is(
    changes: dict[str, Any], expected: tuple[str, str | None, str | None]
) -> None:
    assert [expected] == told_of(**changes)


def test_a_setting_that_went_is_told() -> None:
    assert [("locales", "en", None)] == told(a_document(locales=["en"]), a_document())


def test_a_change_names_its_place_as_problems_do() -> None:
    [change] = configuration_difference(
        a_document(), a_document(**plans({"base": {"USD": 3_98}}) | {"pricing": {
            "returnCoverage": [{"base": {"USD": 3_98}}],
            "shippingProtection": [{"base": {"USD": 2_00}}],
        }})
    )  # fmt: skip

    assert "pricing.returnCoverage[0].base.USD" == change.path
    assert "returnCoverage price: base in USD" == change.subject
    assert ("2.98 USD", "3.98 USD") == (change.before, change.after)


def test_exclusions_that_came_and_went_are_told_whatever_their_order() -> None:
    before = {"exclusions": [{"sku": "A"}, {"tag": "b"}, {"vendor": "c", "sku": "D-*"}]}
    after = {
        "exclusions": [{"vendor": "c", "sku": "D-*"}, {"sku": "A"}, {"product_type": "Gift"}, 7]
    }

    assert [
        ("exclusions", "tag b", None),
        ("exclusions", None, "product type Gift"),
        ("exclusions", None, "7"),
    ] == told(before, after)


def a_rule(name: str, reject_when: str = "true", **more: Any) -> dict[str, Any]:
    return {"name": name, "reject_when": reject_when} | more


def test_rules_are_known_by_their_names() -> None:
    before = {"rules": [a_rule("a"), a_rule("b"), a_rule("c")]}
    after = {"rules": [a_rule("new"), a_rule("a"), a_rule("c", "false", drop_mode="x")]}

    assert [
        ("rule new", None, "name: new; reject when: true"),
        ("rule c: reject when", "true", "false"),
        ("rule c: drop mode", None, "x"),
        ("rule b", "name: b; reject when: true", None),
    ] == told(before, after)


def test_an_order_that_changed_is_told_because_the_first_that_applies_counts() -> None:
    before, after = ({"rules": [a_rule(name) for name in names]} for names in ("abc", "cab"))

    assert [("order of rules", "a; b; c", "c; a; b")] == told(before, after)


def test_rules_without_a_name_or_with_the_same_one_are_told_by_their_places() -> None:
    after = {"rules": [{}, a_rule("a"), a_rule("a"), "x"]}

    assert ["rule 1", "rule a", "rule a (3)", "rule 4"] == [each[0] for each in told({}, after)]


def test_price_plans_are_known_by_their_conditions() -> None:
    vip = {"when": "vip", "base": {"USD": 1}}
    before = plans(vip, {"rate_bps": 150})
    after = plans({"when": "nordic", "base": {"USD": 7}}, vip, {"rate_bps": 175})

    assert [
        ("returnCoverage plan when 'nordic'", None, "when: nordic; base in USD: 0.07 USD"),
        ("returnCoverage plan otherwise: rate", "1.5 %", "1.75 %"),
    ] == told(before, after)


def test_a_plan_whose_condition_was_rewritten_is_the_same_plan() -> None:
    before = plans({"when": "a", "base": {"USD": 1}}, {"base": {"USD": 2}})
    after = plans({"when": "b", "base": {"USD": 1}}, {"base": {"USD": 2}})

    assert [("returnCoverage plan 1: when", "a", "b")] == told(before, after)


def test_tiers_are_told_as_a_whole() -> None:
    tiers = [{"up_to": 50_00, "amount": 1_98}, {"rate_bps": 150}]
    before = plans({"tiers": {"USD": tiers}})
    after = plans({"tiers": {"USD": [tiers[0], {"amount": 5, "rate_bps": 1}, {}, "x"]}})

    assert [
        (
            "returnCoverage price: tiers in USD",
            "to 50.00 USD: 1.98 USD; above: 1.5 %",
            "to 50.00 USD: 1.98 USD; above: 0.05 USD and 0.01 %; above: nothing; above: nothing",
        )
    ] == told(before, after)
    assert "tiers in USD: 7" in str(told({}, plans({"tiers": {"USD": 7}})))


def test_rounding_is_told_currency_by_currency() -> None:
    rounding = {"rounding": {"ending": {"USD": 98}, "direction": "up"}}

    assert [
        ("returnCoverage price: rounding, ending in USD", None, "0.98 USD"),
        ("returnCoverage price: rounding, direction", "half up".replace(" ", "_"), "up"),
    ] == told(plans({}), plans(rounding))


def test_experiments_are_known_by_their_keys() -> None:
    def holdout(status: str, weight: int) -> dict[str, Any]:
        arms = [{"name": "control", "weight": weight, "suppress": True}, {"name": "b", "weight": 9}]
        return {"experiments": [{"key": "holdout", "status": status, "arms": arms}]}

    assert [
        ("experiment holdout: status", "draft", "running"),
        (
            "experiment holdout: arms",
            "control, 1 parts, sees no offer; b, 9 parts",
            "control, 2 parts, sees no offer; b, 9 parts",
        ),
    ] == told(holdout("draft", 1), holdout("running", 2))


def test_a_mode_that_is_priced_no_more_is_told() -> None:
    assert [("returnCoverage price", "base in USD: 0.01 USD", None)] == told(
        plans({"base": {"USD": 1}}), {}
    )


@pytest.mark.parametrize(
    "document",
    [
        {"limits": 3, "rules": {"a": 1}, "pricing": [1], "modes": 4, "experiments": [3, None]},
        {
            "pricing": {"x": [1, {"base": 3, "tiers": {"USD": 4}, "arms": [1]}]},
            "limits": {"USD": 4},
        },
        {"rules": [{"name": ["x"], "reject_when": {"a": {"b": None}}}], "terms": {"days": "x"}},
        {"exclusions": {"a": 1}, "coverage_products": "x", "provider_share_bps": "x", "arms": "y"},
    ],
)
def test_a_document_with_problems_can_be_compared_too(document: dict[str, Any]) -> None:
    assert () == configuration_difference(document, document)
    assert isinstance(configuration_difference(document, a_document()), tuple)
    assert isinstance(configuration_difference(a_document(), document), tuple)


def test_what_is_long_is_cut() -> None:
    [(_, _, after)] = told({}, {"modes": "x" * 5_000})

    assert after
    assert TEXT_LIMIT == len(after)
    assert after.endswith("…")


def test_a_price_with_conditions_is_told_by_them_once_there_is_another() -> None:
    nordic = {"when": "nordic", "base": {"USD": 1}}

    assert [("returnCoverage price: when", "nordic", "europe")] == told(
        plans(nordic), plans(nordic | {"when": "europe"})
    )
    assert ["returnCoverage plan otherwise"] == [
        each[0] for each in told(plans(nordic), plans(nordic, {"base": {"USD": 2}}))
    ]
