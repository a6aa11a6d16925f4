"""Every variable and field of contract §10, as a rule reads it."""

from __future__ import annotations

from typing import Any

import pytest

from orderguard.domain.cart import Customer, DeliveryMethod
from orderguard.domain.configuration.rule import RuleFacts
from orderguard.domain.region import Region
from orderguard.rules.vocabulary import LIST_LIMIT, MESSAGES, PLAN_VARIABLES, TEXT_LIMIT
from tests.rules.conditions import holds, rule
from tests.support.builders import a_cart, a_line

FULL_LINE = a_line(
    40_00,
    id="line-7",
    product_id="lamp",
    variant_id="lamp-red",
    sku="LAMP-7",
    title="Red lamp",
    product_type="Lamps",
    vendor="Lumen",
    tags=("lithium", "new"),
    collections=("home",),
    requires_shipping=True,
    quantity=2,
    unit_price=25_00,
    original_total_price=50_00,
)

FULL_CART = a_cart(
    FULL_LINE,
    platform="shopify",
    region=Region("US", "AK"),
    locale="en",
    customer=Customer(is_b2b=True, groups=("vip", "staff")),
    delivery_methods=(DeliveryMethod.SHIPPING, DeliveryMethod.PICKUP),
    id="cart-9",
    total_discount_amount=10_00,
    discounted_subtotal_amount=39_00,
    total_tax_amount=3_00,
    total_amount=43_00,
)

READINGS = {
    "platform": 'platform == "shopify"',
    "locale": 'locale == "en"',
    "delivery": '"PICKUP" in delivery && delivery.size() == 2',
    "basis": "basis == 3900",
    "cohort": 'cohort == "offered"',
    "region.country": 'region.country == "US"',
    "region.subdivision": 'region.subdivision == "AK"',
    "customer.isB2B": "customer.isB2B",
    "customer.locale": 'customer.locale == "en"',
    "customer.groups": 'customer.groups.exists(g, g == "vip")',
    "cart.id": 'cart.id == "cart-9"',
    "cart.lines": "cart.lines.size() == 1",
    "cart.currencyCode": 'cart.currencyCode == "USD"',
    "cart.subtotalAmount": "cart.subtotalAmount == 5000",
    "cart.totalDiscountAmount": "cart.totalDiscountAmount == 1000",
    "cart.discountedSubtotalAmount": "cart.discountedSubtotalAmount == 3900",
    "cart.totalTaxAmount": "cart.totalTaxAmount == 300",
    "cart.totalAmount": "cart.totalAmount == 4300",
    "cart.itemCount": "cart.itemCount == 2",
    "line.id": 'cart.lines.exists(l, l.id == "line-7")',
    "line.productId": 'cart.lines.exists(l, l.productId == "lamp")',
    "line.variantId": 'cart.lines.exists(l, l.variantId == "lamp-red")',
    "line.sku": 'cart.lines.exists(l, l.sku.startsWith("LAMP-"))',
    "line.title": 'cart.lines.exists(l, l.title.contains("lamp"))',
    "line.productType": 'cart.lines.exists(l, l.productType == "Lamps")',
    "line.vendor": 'cart.lines.exists(l, l.vendor == "Lumen")',
    "line.tags": 'cart.lines.exists(l, "lithium" in l.tags)',
    "line.collections": 'cart.lines.exists(l, "home" in l.collections)',
    "line.requiresShipping": "cart.lines.all(l, l.requiresShipping)",
    "line.quantity": "cart.lines[0].quantity == 2",
    "line.unitPrice": "cart.lines[0].unitPrice == 2500",
    "line.totalPrice": "cart.lines[0].totalPrice == 4000",
    "line.originalTotalPrice": "cart.lines[0].originalTotalPrice == 5000",
}


@pytest.mark.parametrize("name", READINGS)
def test_a_rule_can_read(name: str) -> None:
    assert holds(READINGS[name], FULL_CART, basis=39_00, cohort="offered")


def test_there_is_a_reading_of_every_variable_and_field() -> None:
    plain = {name for name, type_ in PLAN_VARIABLES.items() if type_ not in MESSAGES}
    fields = {f"{name.lower()}.{field}" for name in MESSAGES for field in MESSAGES[name]}

    assert set(READINGS) == plain | fields


@pytest.mark.parametrize(
    "reading",
    [
        'locale == ""',
        'cohort == ""',
        'region.subdivision == ""',
        'cart.id == ""',
        'cart.lines[0].sku == ""',
        "cart.lines[0].unitPrice == 0",
        "!cart.lines[0].requiresShipping",
        "cart.lines[0].tags.size() == 0",
        "!customer.isB2B",
        "delivery.size() == 0",
    ],
)
def test_what_was_not_sent_reads_as_empty_zero_or_false(reading: str) -> None:
    assert holds(reading)


@pytest.mark.parametrize(
    ("region", "expected"),
    [(Region("US", "AK"), True), (Region("US", "OH"), False), (Region("CA", "AK"), False)],
)
def test_the_rule_of_the_contract_bars_lithium_from_alaska_only(
    region: Region, expected: bool
) -> None:
    cart = a_cart(a_line(), a_line(tags=("lithium",)), region=region)

    answer = holds(
        'region.country == "US" && region.subdivision == "AK" '
        '&& cart.lines.exists(l, "lithium" in l.tags)',
        cart,
    )

    assert expected is answer


def test_amounts_are_whole_minor_units_of_any_size_the_wire_admits() -> None:
    cart = a_cart(a_line(10**12))

    assert holds("cart.subtotalAmount * 2 == 2000000000000", cart)


def test_a_rule_sees_the_first_part_of_a_long_title() -> None:
    cart = a_cart(a_line(title="a" * TEXT_LIMIT + "b"))

    assert holds('!cart.lines[0].title.contains("b")', cart)
    assert holds(f"cart.lines[0].title.size() == {TEXT_LIMIT}", cart)


@pytest.mark.parametrize("field", ["tags", "collections"])
def test_a_rule_sees_the_first_part_of_a_long_list(field: str) -> None:
    words: Any = tuple(str(number) for number in range(LIST_LIMIT + 1))

    cart = a_cart(a_line(**{field: words}))

    assert holds(f'"{LIST_LIMIT - 1}" in cart.lines[0].{field}', cart)
    assert holds(f'!("{LIST_LIMIT}" in cart.lines[0].{field})', cart)


def test_a_rule_sees_the_first_groups_and_deliveries_of_many() -> None:
    cart = a_cart(
        customer=Customer(groups=("vip",) * 300),
        delivery_methods=(DeliveryMethod.SHIPPING,) * 300,
    )

    assert holds(f"customer.groups.size() == {LIST_LIMIT} && delivery.size() == {LIST_LIMIT}", cart)


def test_one_cart_is_put_into_the_language_once_for_all_its_rules() -> None:
    facts = RuleFacts(a_cart())
    rule("cart.itemCount == 1").holds(facts)
    bound = facts.bound(lambda _facts: None)

    rule("cart.itemCount == 2").holds(facts)

    assert bound is facts.bound(lambda _facts: None)
