"""Carts and offers come back from their rows as they went in."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.cart import Cart, CartLine, Customer, DeliveryMethod, Presentation
from orderguard.domain.configuration.configuration import ChargeMethod, ChargeProduct
from orderguard.domain.configuration.pricing import ComponentKind, ModePrice, PriceComponent
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import EUR, JPY, KWD, USD, Money
from orderguard.domain.offers.offer import ChargeInstructions, Offer
from orderguard.domain.region import Region
from orderguard.storage.rows import cart_from_row, cart_to_row, offer_from_row, offer_to_row
from tests.support.builders import a_cart

texts = st.text(max_size=20)
amounts = st.integers(0, 10**12)
currencies = st.sampled_from([USD, EUR, JPY, KWD])
words = st.lists(texts, max_size=3).map(tuple)
lines = st.builds(
    CartLine,
    id=texts,
    product_id=texts,
    quantity=st.integers(1, 10**6),
    total_price=amounts,
    original_total_price=amounts,
    title=texts,
    unit_price=st.none() | amounts,
    variant_id=st.none() | texts,
    sku=st.none() | texts,
    product_type=st.none() | texts,
    vendor=st.none() | texts,
    tags=words,
    collections=words,
    requires_shipping=st.none() | st.booleans(),
)
carts = st.builds(
    Cart,
    platform=texts,
    region=st.builds(Region, st.sampled_from(["US", "DE"]), st.none() | st.just("OH")),
    currency=currencies,
    lines=st.lists(lines, max_size=4).map(tuple),
    subtotal_amount=amounts,
    total_discount_amount=amounts,
    discounted_subtotal_amount=amounts,
    total_tax_amount=amounts,
    total_amount=amounts,
    item_count=st.integers(0, 10**9),
    id=st.none() | texts,
    customer=st.builds(Customer, st.booleans(), words),
    locale=st.none() | texts,
    delivery_methods=st.lists(st.sampled_from(DeliveryMethod), max_size=3).map(tuple),
    presentation=st.builds(Presentation, texts, texts, texts),
)
components = st.builds(
    PriceComponent,
    st.sampled_from(ComponentKind),
    st.integers(-(10**12), 10**12),
    rate_bps=st.none() | st.integers(0, 10**6),
    basis=st.none() | amounts,
    item_count=st.none() | st.integers(0, 10**6),
    amount_per_item=st.none() | amounts,
)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    cohort = draw(st.none() | texts)
    if draw(st.booleans()):
        return Offer(draw(st.sampled_from(EligibilityReason)), cohort=cohort)
    currency = draw(currencies)
    prices = tuple(
        ModePrice(
            mode, Money(draw(amounts), currency), tuple(draw(st.lists(components, max_size=4)))
        )
        for mode in draw(st.lists(st.sampled_from(CoverageMode), min_size=1, unique=True))
    )
    charge = ChargeInstructions(
        Money(sum(price.price.amount for price in prices), currency),
        draw(st.sampled_from(ChargeMethod)),
        draw(st.none() | st.builds(ChargeProduct, texts, texts)),
    )
    return Offer(EligibilityReason.ELIGIBLE, charge, prices, cohort)


@given(carts)
def test_a_cart_comes_back_as_it_went_in(cart: Cart) -> None:
    assert cart == cart_from_row(cart_to_row(cart))


@given(offers())
def test_an_offer_comes_back_as_it_went_in(offer: Offer) -> None:
    assert offer == offer_from_row(offer_to_row(offer))


def test_members_that_a_later_release_added_are_ignored() -> None:
    cart, offer = a_cart(), Offer(EligibilityReason.EMPTY_CART)
    later_cart = json.dumps(json.loads(cart_to_row(cart)) | {"later": 1}).encode()
    later_offer = json.dumps(json.loads(offer_to_row(offer)) | {"later": 1}).encode()

    assert cart == cart_from_row(later_cart)
    assert offer == offer_from_row(later_offer)


def test_members_that_an_earlier_release_did_not_have_are_at_their_defaults() -> None:
    row = json.loads(cart_to_row(a_cart()))
    for later in ("presentation", "customer", "locale", "delivery_methods"):
        del row[later]

    assert a_cart() == cart_from_row(json.dumps(row).encode())
