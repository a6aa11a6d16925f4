"""Convert a decoded request to a `Cart`: the types are valid, the values are checked (contract §2).

Tolerated values are here and in `amounts`; tolerated types are in `optional_members`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from orderguard.actions.analyze_cart import AnalysisRequest
from orderguard.domain.cart import Cart, CartLine, Customer, Presentation
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.ids import SessionId
from orderguard.domain.locale import parse_locale
from orderguard.domain.money import USD, parse_currency_of_cart
from orderguard.domain.region import MalformedSubdivision, Region
from orderguard.http.json_body import json_object, may_repeat_keys
from orderguard.http.wire.amounts import (
    AMOUNT_MAXIMUM,
    WireMoney,
    has_fraction,
    minor_units_expected,
    number_in,
    signed_minor_units,
)
from orderguard.http.wire.analyze_request import (
    AnalyzeRequest,
    WireCart,
    WireCartLine,
    WireRegion,
)
from orderguard.http.wire.cart_limits import TITLE_KEPT
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.optional_members import without_meaningless_members
from orderguard.http.wire.problems import PROBLEMS_AT_MOST, collect_problems
from orderguard.http.wire.reading import Reading, path_of
from orderguard.http.wire.usual_request import CONTROL_CHARACTERS, usual_request_from_body
from orderguard.http.wire.validation import without_problems

_decode = msgspec.json.Decoder(AnalyzeRequest).decode


def analysis_request_from_body(body: bytes, *, request_id: str) -> tuple[AnalysisRequest, Notes]:
    """Decode the JSON body of `POST analyze`; the result is that of `analysis_request_from_wire`.

    Nearly every body has the usual form. Of the others, a valid one with only documented members is
    decoded in one step; the rest is plain JSON first, which tolerates more and finds all problems.
    """
    usual = usual_request_from_body(body, request_id=request_id)
    if usual is not None:
        return usual, Notes()
    try:
        wire = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        wire = None
    if wire is not None and not may_repeat_keys(body, wire):
        try:
            return _checked(wire, Notes(), request_id)
        except InvalidDocument:
            pass  # the problems may be in members that can be left out
    notes = Notes()
    document = json_object(body, note=lambda what: notes.add("The body", what))
    return _from_wire(document, notes, request_id)


def analysis_request_from_wire(
    document: dict[str, Any], *, request_id: str
) -> tuple[AnalysisRequest, Notes]:
    """The request, and notes on the deviations that were tolerated.

    Raises `InvalidDocument` with up to twenty problems.
    """
    return _from_wire(document, Notes(), request_id)


def _from_wire(
    document: dict[str, Any], notes: Notes, request_id: str
) -> tuple[AnalysisRequest, Notes]:
    try:
        wire = msgspec.convert(document, AnalyzeRequest)
        return _checked(wire, Notes(other=[*notes.other]), request_id)
    except (msgspec.ValidationError, InvalidDocument):
        document = without_meaningless_members(document, notes)
    try:
        wire = msgspec.convert(document, AnalyzeRequest)
    except msgspec.ValidationError as error:
        raise InvalidDocument(_all_problems(document)) from error
    return _checked(wire, notes, request_id)


def _checked(wire: AnalyzeRequest, notes: Notes, request_id: str) -> tuple[AnalysisRequest, Notes]:
    reading = Reading(notes=notes)
    request = _request(wire, reading, request_id)
    if reading.problems:
        raise InvalidDocument(reading.problems[:PROBLEMS_AT_MOST])
    return request, notes


def _all_problems(document: dict[str, Any]) -> list[Problem]:
    """The type errors of a document, and the invalid values in the rest of it."""
    problems = collect_problems(document, AnalyzeRequest)
    paths = [problem.path for problem in problems]
    if len(paths) == PROBLEMS_AT_MOST or not {"cart", "cart.currencyCode"}.isdisjoint(paths):
        # The list is full, or amounts cannot be validated without the currency of the cart.
        return problems
    reading = Reading()
    _request(
        msgspec.convert(without_problems(document, problems, AnalyzeRequest), AnalyzeRequest),
        reading,
        "",
    )
    for found in reading.problems:
        if not any(_overlap(found.path, path) for path in paths):
            problems.append(found)
    return problems[:PROBLEMS_AT_MOST]


def _overlap(one: str, other: str) -> bool:
    """Whether one path equals or contains the other: then both are about the same mistake."""
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def _request(wire: AnalyzeRequest, reading: Reading, request_id: str) -> AnalysisRequest:
    return AnalysisRequest(
        cart=_cart(wire, reading),
        request_id=request_id,
        session=_session(wire.sessionId, reading),
        cart_id=_cart_id(wire.cartId, reading),
        experimentation_consent=bool(wire.experimentationConsent),
        debug=bool(wire.debug),
    )


def _cart(wire: AnalyzeRequest, reading: Reading) -> Cart:
    cart = wire.cart
    reading.currency = reading.attempt(
        "cart.currencyCode", lambda: parse_currency_of_cart(cart.currencyCode), USD
    )
    count = cart.itemCount
    lines = tuple([_line(line, index, reading) for index, line in enumerate(cart.lines)])
    if reading.rounded:
        _settle_rounding(cart, reading)
    groups = wire.deliveryGroups if wire.deliveryGroups is not None else cart.deliveryGroups
    return Cart(
        platform=wire.platform,
        region=_region(wire, reading),
        currency=reading.currency,
        lines=lines,
        subtotal_amount=reading.amount(cart.subtotalAmount, "cart.subtotalAmount"),
        total_discount_amount=_discount(cart, reading),
        discounted_subtotal_amount=reading.amount(
            cart.discountedSubtotalAmount, "cart.discountedSubtotalAmount"
        ),
        total_tax_amount=reading.amount(cart.totalTaxAmount, "cart.totalTaxAmount"),
        total_amount=reading.amount(cart.totalAmount, "cart.totalAmount"),
        item_count=count if type(count) is int else reading.pieces(count, "cart.itemCount"),
        id=reading.optional_id(cart.id, "cart.id"),
        customer=_customer(wire),
        locale=_locale(wire, reading),
        delivery_methods=tuple(group.deliveryMethod for group in groups or ()),
        presentation=Presentation(
            wire.offerOrigin or "custom", wire.mountTarget or "custom", wire.cartExperience or "api"
        ),
    )


def _line(line: WireCartLine, index: int, reading: Reading) -> CartLine:
    if line.currencyCode is not None and line.currencyCode != reading.currency:
        _check_line_currency(line.currencyCode, index, reading)
    unit, quantity = line.unitPrice, line.quantity
    return CartLine(
        reading.id(line.id, "id", index) or "",
        reading.id(line.productId, "productId", index) or "",
        quantity if type(quantity) is int else reading.pieces(quantity, path_of("quantity", index)),
        reading.line_total(line.totalPrice, "totalPrice", index),
        reading.line_total(line.originalTotalPrice, "originalTotalPrice", index),
        line.title[:TITLE_KEPT],
        None if unit is None else reading.unit_price(unit, index),
        reading.optional_id(line.variantId, "variantId", index),
        reading.optional_id(line.sku, "sku", index),
        line.productType,
        line.vendor,
        tuple(line.tags) if line.tags else (),
        tuple(line.collections) if line.collections else (),
        line.requiresShipping,
    )


def _settle_rounding(cart: WireCart, reading: Reading) -> None:
    """Note rounded line totals, or refuse them when cart totals have fractions, too.

    Fractions in both mean that the cart is in major units.
    """
    totals = (
        cart.subtotalAmount,
        cart.totalDiscountAmount,
        cart.discountedSubtotalAmount,
        cart.totalTaxAmount,
        cart.totalAmount,
    )
    if any(map(has_fraction, totals)):
        for path, number in reading.rounded.items():
            reading.problems.append(Problem(path, minor_units_expected(number)))
    else:
        reading.notes.money.add("line totals sent with a fraction of a minor unit, rounded half up")


def _check_line_currency(code: str, index: int, reading: Reading) -> None:
    if code.upper() != reading.currency:
        path = f"cart.lines[{index}].currencyCode"
        reading.problems.append(
            Problem(path, f"is {code[:10]!r}, but the cart is in {reading.currency}.")
        )


def _discount(cart: WireCart, reading: Reading) -> int:
    """The discount without its sign: platforms send -5 and 5 for the same thing."""
    amount = cart.totalDiscountAmount
    if type(amount) is int and -AMOUNT_MAXIMUM <= amount <= AMOUNT_MAXIMUM:
        return abs(amount)

    def parse() -> int:
        if isinstance(amount, WireMoney):
            number = number_in(amount, reading.currency, notes=reading.notes.money)
            return abs(signed_minor_units(number, notes=reading.notes.money))
        return abs(signed_minor_units(amount, notes=reading.notes.money))

    return reading.attempt("cart.totalDiscountAmount", parse, 0)


def _region(wire: AnalyzeRequest, reading: Reading) -> Region:
    path, region = "region", wire.region
    if region is None and wire.cart.region is not None:
        path, region = "cart.region", wire.cart.region
    if region is None:
        expected = 'expected a region such as "US", "US-OH" or {"country": "US"}.'
        reading.problems.append(Problem("region", f"is missing; {expected}"))
        return Region("US")
    return reading.attempt(path, lambda: _read_region(region, path, reading), Region("US"))


def _read_region(region: str | WireRegion, path: str, reading: Reading) -> Region:
    """The region; an invalid subdivision is left out, and the country decides."""
    try:
        if isinstance(region, WireRegion):
            return Region.of(region.country, region.subdivision)
        return Region.parse(region)
    except MalformedSubdivision as error:
        reading.notes.add(f"{path}.subdivision", f"was left out: {error}")
        country = region.country if isinstance(region, WireRegion) else region.partition("-")[0]
        return Region.of(country)


def _customer(wire: AnalyzeRequest) -> Customer:
    customer = wire.customer or wire.cart.customer
    if customer is None:
        return Customer()
    return Customer(bool(customer.isB2B), tuple(customer.groups or ()))


def _locale(wire: AnalyzeRequest, reading: Reading) -> str | None:
    """The first that is a language tag: at the top, of the customer, of the cart."""
    customer = wire.customer or wire.cart.customer
    candidates = (
        ("locale", wire.locale),
        ("customer.locale", customer.locale if customer else None),
        ("cart.locale", wire.cart.locale),
    )
    for path, text in candidates:
        if text is not None:
            locale = reading.attempt_optional(path, partial(parse_locale, text))
            if locale is not None:
                return locale
    return None


def _session(text: str | None, reading: Reading) -> SessionId | None:
    if text is None:
        return None
    return reading.attempt("sessionId", lambda: SessionId.parse(text), None)


def _cart_id(value: str | float | None, reading: Reading) -> str | None:
    text = reading.id(value, "cartId")
    if text is None:
        return None
    if not text.strip():
        reading.notes.add("cartId", "was left out: it is empty.")
        return None
    if CONTROL_CHARACTERS.search(text):
        reading.problems.append(Problem("cartId", "must not contain control characters."))
    return text
