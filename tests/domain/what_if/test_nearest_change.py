"""The nearest change that would flip an answer is one that does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from orderguard.domain.cart import Cart, Customer, DeliveryMethod
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.configuration.rule import RuleFacts
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.money import JPY
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.region import Region
from orderguard.domain.what_if.nearest_change import TRIES_AT_MOST, nearest_changes
from tests.support.builders import (
    Phrase,
    a_cart,
    a_configuration,
    a_document,
    a_line,
    an_empty_cart,
)

V1 = ConfigurationVersion(1)


def found(cart: Cart, **configuration: Any) -> list[str]:
    return [str(change) for change in nearest_changes(cart, a_configuration(**configuration))]


def test_a_cart_below_the_minimum_needs_exactly_what_is_missing() -> None:
    cart = a_cart(a_line(17_80))

    assert ["with goods for 7.20 USD more"] == found(
        cart, limits={"USD": {"subtotal_minimum": 25_00}}
    )


def test_a_cart_above_the_maximum_needs_to_be_exactly_so_much_cheaper() -> None:
    cart = a_cart(a_line(300_00, title="Bed"), a_line(1_00, id="line-2", product_id="p-2"))

    words = found(cart, limits={"USD": {"subtotal_maximum": 299_00}})

    assert "with goods for 2.00 USD less" == words[0]
    assert "without “Bed”" in words


def test_a_narrow_range_between_the_limits_is_not_missed() -> None:
    limits = {"USD": {"subtotal_minimum": 25_00, "subtotal_maximum": 25_00}}

    assert ["with goods for 7.23 USD more"] == found(a_cart(a_line(17_77)), limits=limits)


def test_the_amount_at_which_a_rule_changes_its_mind_is_found_to_the_cent() -> None:
    rules = [{"name": "not the costly ones", "reject_when": "costly"}]

    assert ["with goods for 50.00 USD more"] == found(a_cart(a_line(50_00)), rules=rules)


def test_an_empty_cart_needs_goods() -> None:
    assert ["with goods for 0.01 USD more"] == found(an_empty_cart())


def test_a_cart_with_an_excluded_line_needs_to_be_without_it() -> None:
    cart = a_cart(a_line(), a_line(5_00, id="line-2", product_id="p-2", sku="GIFT-1"))

    words = found(cart, exclusions=[{"sku": "GIFT-*"}], excluded_item_policy="reject_cart")

    assert ["without SKU GIFT-1"] == words


def test_several_excluded_lines_have_to_go_together() -> None:
    gifts = [
        a_line(5_00, id=f"line-{number}", product_id=f"p-{number}", sku=f"GIFT-{number}")
        for number in range(2, 7)
    ]

    words = found(
        a_cart(a_line(), *gifts),
        exclusions=[{"sku": "GIFT-*"}],
        excluded_item_policy="reject_cart",
    )

    assert ["without SKU GIFT-2, SKU GIFT-3, SKU GIFT-4 and 2 more"] == words


def test_a_cart_to_be_picked_up_needs_to_be_shipped() -> None:
    cart = a_cart(delivery_methods=(DeliveryMethod.PICKUP, DeliveryMethod.SHIPPING))

    assert ["if all of it were shipped"] == found(cart, pickup_policy="reject_cart")


def test_a_business_needs_to_be_a_private_customer() -> None:
    assert ["for a private customer"] == found(
        a_cart(customer=Customer(is_b2b=True)), exclude_b2b=True
    )


def test_a_locale_that_is_not_supported_needs_to_be_one_that_is() -> None:
    assert ["in the locale en"] == found(a_cart(locale="fr"), locales=["en"])


def test_a_currency_that_is_not_supported_needs_to_be_one_that_is() -> None:
    assert ["with the same minor units in USD"] == found(a_cart(currency=JPY))


def test_a_cart_that_is_offered_protection_may_lose_it() -> None:
    words = found(
        a_cart(a_line(60_00)), limits={"USD": {"subtotal_minimum": 25_00}}, exclude_b2b=True
    )

    assert ["with goods for 35.01 USD less", "for a business customer"] == words


def test_a_cart_with_two_defects_needs_two_changes() -> None:
    cart = a_cart(a_line(20_00), locale="fr")

    words = found(cart, limits={"USD": {"subtotal_minimum": 25_00}}, locales=["en"])

    assert ["with goods for 5.00 USD more, in the locale en"] == words


def test_a_cart_with_four_defects_is_beyond_repair() -> None:
    cart = a_cart(a_line(20_00), locale="fr", currency=JPY, customer=Customer(is_b2b=True))

    words = found(
        cart,
        limits={"USD": {"subtotal_minimum": 25_00}},
        locales=["en"],
        exclude_b2b=True,
    )

    assert [] == words


def test_nothing_about_the_cart_helps_while_the_offer_is_switched_off() -> None:
    assert [] == found(a_cart(), enabled=False)


def test_nothing_about_the_cart_helps_in_a_control_group() -> None:
    control = Arm("control", 1, suppress=True)

    assert () == nearest_changes(a_cart(), a_configuration(), control)


def test_nothing_helps_against_a_rule_that_always_fails() -> None:
    rules = [{"name": "broken", "reject_when": "fails"}]

    assert [] == found(a_cart(), rules=rules)


class _Asks(Phrase):
    """A condition that looks at the place or the groups."""

    def holds(self, facts: RuleFacts) -> bool:
        if self.source == "wholesale":
            return "wholesale" in facts.cart.customer.groups
        if self.source.endswith('== "AK"'):
            return facts.cart.region == Region("US", "AK")
        if self.source == "region.country != 'NZ'":
            return facts.cart.region.country != "NZ"
        return facts.cart.region != Region("US", "OH")


class _Conditions:
    def rule_condition(self, source: str) -> Phrase:
        return _Asks(source)

    plan_condition = rule_condition


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("region.country != 'NZ'", ["in NZ"]),
        ('region.country != "US" || region.subdivision != "OH"', ["in US-OH"]),
        ("wholesale", ["for a customer in no group"]),
    ],
)
def test_the_places_and_groups_that_rules_ask_for_are_tried(
    condition: str, words: list[str]
) -> None:
    document = a_document(rules=[{"name": "ours", "reject_when": condition}])
    cart = a_cart(customer=Customer(groups=("wholesale",)))

    changes = nearest_changes(
        cart, configuration_from_document(document, _Conditions(), version=V1)
    )

    assert words == [str(change) for change in changes]


def test_a_country_is_no_part_of_itself() -> None:
    condition = 'region.country == "US" && region.subdivision == "AK"'
    document = a_document(rules=[{"name": "none to Alaska", "reject_when": condition}])
    cart = a_cart(region=Region("US", "AK"))

    changes = nearest_changes(
        cart, configuration_from_document(document, _Conditions(), version=V1)
    )

    assert ["in US"] == [str(change) for change in changes]


@given(
    price=some.integers(0, 500_00),
    discount=some.integers(0, 50_00),
    minimum=some.integers(1, 200_00),
    width=some.integers(0, 200_00),
)
def test_whatever_is_told_does_flip_the_answer(
    price: int, discount: int, minimum: int, width: int
) -> None:
    line = a_line(price, original_total_price=price + discount)
    configuration = a_configuration(
        limits={"USD": {"subtotal_minimum": minimum, "subtotal_maximum": minimum + width}}
    )
    cart = a_cart(line)

    for change in nearest_changes(cart, configuration):
        assert make_offer(cart, configuration).eligible != change.offer.eligible
        assert change.offer == make_offer(change.changes[-1].cart, configuration)


def test_a_changed_cart_is_one_that_a_platform_could_send() -> None:
    cart = a_cart(
        a_line(30_00, original_total_price=35_00),
        a_line(20_00, id="line-2", product_id="p-2", quantity=2),
    )
    configuration = a_configuration(limits={"USD": {"subtotal_minimum": 51_00}})

    for change in nearest_changes(cart, configuration):
        changed = change.changes[-1].cart
        total = sum(line.total_price for line in changed.lines)
        assert total == changed.discounted_subtotal_amount == changed.total_amount
        assert sum(line.quantity for line in changed.lines) == changed.item_count


class _Counting(Phrase):
    asked = 0

    def holds(self, facts: RuleFacts) -> bool:
        _Counting.asked += 1
        return facts.cart.item_count % 2 == 0 and facts.cart.subtotal_amount % 97 != 3


class _CountingConditions:
    def rule_condition(self, source: str) -> Phrase:
        return _Counting(source)

    plan_condition = rule_condition


def test_a_question_costs_a_bounded_number_of_decisions() -> None:
    lines = [
        a_line(10_00 + number, id=f"line-{number}", product_id=f"p-{number}")
        for number in range(60)
    ]
    document = a_document(
        rules=[
            {"name": f"rule {number}", "reject_when": f"'A{number % 10}' 'B{number}'"}
            for number in range(8)
        ],
        locales=["en"],
        currencies=["USD", "JPY", "EUR"],
        exclude_b2b=True,
    )
    _Counting.asked = 0

    nearest_changes(
        a_cart(*lines, locale="fr", customer=Customer(is_b2b=True)),
        configuration_from_document(document, _CountingConditions(), version=V1),
    )

    assert 0 < _Counting.asked <= TRIES_AT_MOST * 8


def test_no_more_is_tried_when_there_is_no_time_left() -> None:
    configuration = a_configuration(limits={"USD": {"subtotal_minimum": 25_00}})
    for tries in (0, 1, 3):
        left = iter([True] * tries)

        assert () == nearest_changes(
            a_cart(a_line(1_00)), configuration, goes_on=lambda left=left: next(left, False)
        )


def test_the_tries_are_used_up_rather_than_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderguard.domain.what_if.nearest_change.TRIES_AT_MOST", 0)

    assert [] == found(a_cart(a_line(1_00)), limits={"USD": {"subtotal_minimum": 25_00}})
