"""Carts and how they reach the shopper."""

from __future__ import annotations

import pytest

from orderguard.domain.cart import CartLine, Customer, DeliveryMethod, Presentation
from tests.support.builders import a_cart


@pytest.mark.parametrize("method", [DeliveryMethod.PICKUP, DeliveryMethod.LOCAL_DELIVERY])
def test_pickup_and_local_delivery_have_no_carrier(method: DeliveryMethod) -> None:
    assert a_cart(delivery_methods=(method,)).is_not_shipped_by_carrier


@pytest.mark.parametrize("method", [DeliveryMethod.SHIPPING, DeliveryMethod.DIGITAL])
def test_shipping_and_digital_delivery_leave_the_cart_as_it_is(method: DeliveryMethod) -> None:
    assert not a_cart(delivery_methods=(method,)).is_not_shipped_by_carrier


def test_one_group_that_is_picked_up_counts_for_the_whole_cart() -> None:
    cart = a_cart(delivery_methods=(DeliveryMethod.SHIPPING, DeliveryMethod.PICKUP))

    assert cart.is_not_shipped_by_carrier


def test_a_cart_without_delivery_groups_is_taken_as_shipped() -> None:
    assert not a_cart().is_not_shipped_by_carrier


def test_what_was_not_sent_about_a_cart_is_unknown_or_the_usual() -> None:
    cart = a_cart()

    assert cart.id is None
    assert cart.locale is None
    assert Customer(is_b2b=False, groups=()) == cart.customer
    assert Presentation("custom", "custom", "api") == cart.presentation


def test_what_was_not_sent_about_a_line_is_unknown() -> None:
    line = CartLine("1", "p", 1, 50_00, 50_00, "Lamp")

    optional = (line.unit_price, line.variant_id, line.sku, line.product_type, line.vendor)
    assert (None,) * 5 == optional
    assert ((), ()) == (line.tags, line.collections)
    assert line.requires_shipping is None
