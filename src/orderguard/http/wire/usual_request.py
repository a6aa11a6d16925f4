"""The usual form of `POST analyze`, decoded straight into the lines that the rules read.

Nearly every cart has it: whole minor units, texts as ids, each member in its documented place. Any
other body goes the tolerant way of `cart`, which gives the same request for a usual one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.actions.analyze_cart import AnalysisRequest
from orderguard.domain.cart import Cart, CartLine, Customer, Presentation
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import SessionId
from orderguard.domain.locale import parse_locale
from orderguard.domain.money import Currency, parse_currency_of_cart
from orderguard.domain.region import Region
from orderguard.http.json_body import may_repeat_keys
from orderguard.http.wire.amounts import AMOUNT_MAXIMUM
from orderguard.http.wire.analyze_request import Label, WireDeliveryGroup, Word
from orderguard.http.wire.cart_limits import TITLE_KEPT

Text = Annotated[str, Meta(min_length=1, max_length=255)]
MinorUnits = Annotated[int, Meta(ge=0, le=AMOUNT_MAXIMUM)]
SignedMinorUnits = Annotated[int, Meta(ge=-AMOUNT_MAXIMUM, le=AMOUNT_MAXIMUM)]

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


# Members that may be left out are None by default: the encoder leaves defaults out, and a member
# that was there and is not encoded again would look like a key that was sent twice.
class _Line(msgspec.Struct, omit_defaults=True):
    id: Text
    productId: Text
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    totalPrice: MinorUnits
    originalTotalPrice: MinorUnits
    title: Annotated[str, Meta(max_length=TITLE_KEPT)]
    unitPrice: MinorUnits | None = None
    currencyCode: str | None = None
    variantId: Text | None = None
    sku: Word | None = None
    productType: Word | None = None
    vendor: Word | None = None
    tags: tuple[Word, ...] | None = None
    collections: tuple[Word, ...] | None = None
    requiresShipping: bool | None = None


class _Cart(msgspec.Struct, omit_defaults=True):
    lines: list[_Line]
    currencyCode: str
    subtotalAmount: MinorUnits
    totalDiscountAmount: SignedMinorUnits
    discountedSubtotalAmount: MinorUnits
    totalTaxAmount: MinorUnits
    totalAmount: MinorUnits
    itemCount: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    id: Text | None = None


class _Customer(msgspec.Struct, omit_defaults=True):
    isB2B: bool | None = None
    locale: Word | None = None
    groups: tuple[Word, ...] | None = None


class _Request(msgspec.Struct, omit_defaults=True):
    platform: Annotated[str, Meta(min_length=1, max_length=64)]
    cart: _Cart
    region: Annotated[str, Meta(max_length=64)]
    cartId: Text | None = None
    sessionId: str | None = None
    customer: _Customer | None = None
    locale: Word | None = None
    deliveryGroups: list[WireDeliveryGroup] | None = None
    debug: bool | None = None
    experimentationConsent: bool | None = None
    offerOrigin: Label | None = None
    mountTarget: Label | None = None
    cartExperience: Label | None = None


_decode = msgspec.json.Decoder(_Request).decode

_members = attrgetter(
    "id",
    "productId",
    "quantity",
    "totalPrice",
    "originalTotalPrice",
    "title",
    "unitPrice",
    "variantId",
    "sku",
    "productType",
    "vendor",
    "tags",
    "collections",
    "requiresShipping",
)
"""The members of a line in the order of `CartLine`."""

_new = tuple.__new__
_NOBODY = Customer()
_PRESENTATION = Presentation()


class _Unusual(Exception):  # it is no error
    """The tolerant way has to read the body."""


def usual_request_from_body(body: bytes, *, request_id: str) -> AnalysisRequest | None:
    """The request of a body in the usual form; None for any other body, right or wrong."""
    try:
        wire = _decode(body)
        if may_repeat_keys(body, wire):
            return None
        return _request(wire, request_id)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Malformed, _Unusual):
        return None


def _request(wire: _Request, request_id: str) -> AnalysisRequest:
    cart_id = wire.cartId
    if cart_id is not None and (CONTROL_CHARACTERS.search(cart_id) or cart_id.isspace()):
        raise _Unusual
    return AnalysisRequest(
        cart=_cart(wire),
        request_id=request_id,
        session=None if wire.sessionId is None else SessionId.parse(wire.sessionId),
        cart_id=cart_id,
        experimentation_consent=wire.experimentationConsent is True,
        debug=wire.debug is True,
    )


def _cart(wire: _Request) -> Cart:
    cart, customer = wire.cart, wire.customer
    currency = parse_currency_of_cart(cart.currencyCode)
    locale = wire.locale
    if locale is None and customer is not None:
        locale = customer.locale
    return Cart(
        platform=wire.platform,
        region=Region.parse(wire.region),
        currency=currency,
        lines=_lines(cart.lines, currency),
        subtotal_amount=cart.subtotalAmount,
        total_discount_amount=abs(cart.totalDiscountAmount),
        discounted_subtotal_amount=cart.discountedSubtotalAmount,
        total_tax_amount=cart.totalTaxAmount,
        total_amount=cart.totalAmount,
        item_count=cart.itemCount,
        id=cart.id,
        customer=_NOBODY
        if customer is None
        else Customer(customer.isB2B is True, customer.groups or ()),
        locale=None if locale is None else parse_locale(locale),
        delivery_methods=tuple([each.deliveryMethod for each in wire.deliveryGroups or ()]),
        presentation=_presentation(wire),
    )


def _lines(lines: Sequence[_Line], currency: Currency) -> tuple[CartLine, ...]:
    found = []
    for line in lines:
        if line.currencyCode is not None and line.currencyCode != currency:
            raise _Unusual
        values: tuple[Any, ...] = _members(line)
        if line.tags is None or line.collections is None:
            *head, tags, collections, ships = values
            values = (*head, tags or (), collections or (), ships)
        found.append(_new(CartLine, values))
    return tuple(found)


def _presentation(wire: _Request) -> Presentation:
    origin, target, experience = wire.offerOrigin, wire.mountTarget, wire.cartExperience
    if origin is target is experience is None:
        return _PRESENTATION
    return Presentation(
        origin or _PRESENTATION.offer_origin,
        target or _PRESENTATION.mount_target,
        experience or _PRESENTATION.cart_experience,
    )
