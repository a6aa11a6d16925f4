"""What carts of a few sizes would pay, by a draft and by what is published."""

from __future__ import annotations

from typing import Any

from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import EUR, JPY, KWD, USD, Money
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.region import Region
from orderguard.domain.what_if.price_preview import PreviewRow, Shopper, price_preview
from tests.support.builders import a_cart, a_configuration, a_line

R = EligibilityReason
ANYBODY = Shopper(Region("US"))


def returns_only(*plans: dict[str, Any], **changes: Any) -> MerchantConfiguration:
    return a_configuration(
        modes=["returnCoverage"], pricing={"returnCoverage": list(plans)}, **changes
    )


def usd(
    draft: MerchantConfiguration,
    published: MerchantConfiguration | None = None,
    shopper: Shopper = ANYBODY,
) -> tuple[PreviewRow, ...]:
    [dollars] = price_preview(draft, published, shopper)
    assert USD == dollars.currency
    return dollars.rows


def test_every_currency_of_either_configuration_is_previewed() -> None:
    rate = {"rate_bps": 100}
    draft = returns_only(rate, currencies=["USD", "JPY"])
    published = returns_only(rate, currencies=["USD", "EUR"])

    preview = price_preview(draft, published, ANYBODY)

    assert [EUR, JPY, USD] == [each.currency for each in preview]
    assert R.CURRENCY_NOT_SUPPORTED == preview[0].rows[0].draft.reason


def test_currencies_for_which_no_time_is_left_have_no_carts() -> None:
    draft = returns_only({"rate_bps": 100}, currencies=["EUR", "JPY", "USD"])
    left = iter([True, False, False])

    preview = price_preview(draft, None, ANYBODY, lambda: next(left))

    assert [(EUR, 4), (JPY, 0), (USD, 0)] == [(each.currency, len(each.rows)) for each in preview]


def test_carts_are_of_a_size_that_people_buy_in_their_currency() -> None:
    draft = returns_only({"rate_bps": 100}, currencies=["USD", "JPY", "KWD"])

    goods = {
        each.currency: [str(row.goods) for row in each.rows]
        for each in price_preview(draft, None, ANYBODY)
    }

    assert ["20.00 USD", "50.00 USD", "100.00 USD", "500.00 USD"] == goods[USD]
    assert ["2000 JPY", "5000 JPY", "10000 JPY", "50000 JPY"] == goods[JPY]
    assert "20.000 KWD" == goods[KWD][0]


def test_a_previewed_price_is_the_price_of_such_a_cart() -> None:
    draft = a_configuration()

    row = usd(draft)[1]

    offer = make_offer(a_cart(a_line(50_00)), draft)
    assert offer.charge
    assert offer.charge.amount == row.draft.charge
    assert offer.prices == tuple(each.price for each in row.draft.modes)


def test_the_change_is_what_the_draft_asks_for_on_top() -> None:
    draft = returns_only({"base": {"USD": 2_98}})
    published = returns_only({"base": {"USD": 3_48}})

    row = usd(draft, published)[0]

    assert Money(-50, USD) == row.change
    assert row.is_changed


def test_the_same_configuration_changes_nothing() -> None:
    row = usd(a_configuration(), a_configuration())[0]

    assert Money(0, USD) == row.change
    assert not row.is_changed


def test_the_plan_that_applied_is_told_by_its_place_and_its_condition() -> None:
    draft = returns_only({"when": "costly", "base": {"USD": 9}}, {"base": {"USD": 5}})

    rows = usd(draft)

    small, large = (rows[index].draft.of(RETURN_COVERAGE) for index in (0, 2))
    assert small
    assert large
    assert (2, None) == (small.plan, small.when)
    assert (1, "costly") == (large.plan, large.when)
    assert rows[0].draft.of(SHIPPING_PROTECTION) is None


def test_of_two_plans_that_say_the_same_the_first_is_told() -> None:
    [mode] = usd(returns_only({"base": {"USD": 5}}, {"base": {"USD": 5}}))[0].draft.modes

    assert 1 == mode.plan


def test_without_anything_published_there_is_no_change_to_tell() -> None:
    row = usd(a_configuration())[0]

    assert R.CONFIGURATION_MISSING == row.published.reason
    assert row.change is None


def test_a_hidden_offer_tells_why() -> None:
    draft = a_configuration(limits={"USD": {"subtotal_minimum": 30_00}})

    rows = usd(draft)

    assert (R.CART_TOTAL_TOO_LOW, "") == (rows[0].draft.reason, rows[0].draft.because)
    assert rows[0].draft.charge is None
    assert rows[1].draft.charge is not None


def test_the_rule_that_hides_the_offer_is_named() -> None:
    rule = {"name": "not now", "reject_when": "always"}
    with_reason = rule | {"reason": "cart_too_valuable"}

    assert "Rule 'not now'" == usd(a_configuration(rules=[rule]))[0].draft.because
    assert "Rule 'not now'" == usd(a_configuration(rules=[with_reason]))[0].draft.because


def test_a_rule_is_not_blamed_for_what_comes_before_it() -> None:
    draft = a_configuration(enabled=False, rules=[{"name": "not now", "reject_when": "always"}])

    answer = usd(draft)[0].draft

    assert (R.ORDER_PROTECTION_DISABLED, "") == (answer.reason, answer.because)


def test_a_rule_that_fails_says_how() -> None:
    draft = a_configuration(rules=[{"name": "broken", "reject_when": "fails"}])

    assert "Rule 'broken' failed: as it was told to" == usd(draft)[0].draft.because


def test_a_shopper_may_be_in_an_arm_of_the_running_experiment() -> None:
    arms = [
        {"name": "control", "weight": 1},
        {"name": "held back", "weight": 1, "suppress": True},
    ]
    draft = returns_only(
        {"when": "in control", "base": {"USD": 9_98}},
        {"base": {"USD": 5_98}},
        experiments=[{"key": "prices", "status": "running", "arms": arms}],
    )

    reasons, charges = zip(
        *[
            (answer.reason, answer.charge and answer.charge.amount)
            for arm in ("control", "held back", "somewhere else", None)
            for answer in [usd(draft, None, Shopper(Region("US"), arm=arm))[0].draft]
        ],
        strict=True,
    )

    assert (R.ELIGIBLE, R.AB_TEST_CONTROL_GROUP, R.ELIGIBLE, R.ELIGIBLE) == reasons
    assert (9_98, None, 5_98, 5_98) == charges


def test_the_shopper_is_as_rules_and_plans_see_them() -> None:
    draft = a_configuration(locales=["en"])

    [german, anybody] = (
        usd(draft, None, Shopper(Region("DE"), ("vip",), locale))[0].draft.reason
        for locale in ("de-DE", None)
    )

    assert R.LOCALE_NOT_SUPPORTED == german
    assert R.ELIGIBLE == anybody
