"""From a decoded request to a `Cart`. All tolerance of contract §2 lives here and in `amounts`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from orderguard.actions.analyze_cart import AnalysisRequest
from orderguard.domain.cart import Cart, CartLine, Customer, Presentation
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.ids import SessionId
from orderguard.domain.locale import parse_locale
from orderguard.domain.money import USD, Currency, parse_currency_of_cart
from orderguard.domain.region import Region
from orderguard.http.json_body import json_object, may_repeat_keys
from orderguard.http.wire.amounts import (
    AMOUNT_MAXIMUM,
    Number,
    WireMoney,
    minor_units,
    signed_minor_units,
)
from orderguard.http.wire.analyze_request import (
    AnalyzeRequest,
    WireCart,
    WireCartLine,
    WireRegion,
)
from orderguard.http.wire.legible import without_problems
from orderguard.http.wire.problems import PROBLEMS_AT_MOST, collect_problems
from orderguard.http.wire.whole import id_text

T = TypeVar("T")

ID_LENGTH = 255
"""Characters; the types of the wire say the same of ids that are strings."""


@dataclass(slots=True)
class _Reading:
    """What has been noticed so far: problems, and oddities that were tolerated."""

    currency: Currency = USD
    problems: list[Problem] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)

    def attempt(self, path: str, parse: Callable[[], T], otherwise: T) -> T:
        """What `parse` makes of it; a `Malformed` is noted as the problem of this path."""
        try:
            return parse()
        except Malformed as error:
            self.problems.append(Problem(path, str(error)))
            return otherwise

    def id(self, value: str | float | None, field: str, line: int | None = None) -> str | None:
        """An id as text: platforms send numbers, too. Those have the same limit as texts."""
        if value is None or isinstance(value, str):
            return value
        if abs(value) >= 10**ID_LENGTH:
            message = f"has more than {ID_LENGTH} digits."
            self.problems.append(Problem(_path(field, line), message))
            return None
        return id_text(value)

    def amount(self, amount: Number | WireMoney, field: str, line: int | None = None) -> int:
        # Nearly every amount is a plain integer; the rest takes the long way.
        if type(amount) is int and 0 <= amount <= AMOUNT_MAXIMUM:
            return amount
        return self.attempt(
            _path(field, line),
            lambda: minor_units(amount, self.currency, notes=self.notes),
            0,
        )


def _path(field: str, line: int | None) -> str:
    """Where a member of the request, or of one of the lines, stands. Made only for problems."""
    return field if line is None else f"cart.lines[{line}].{field}"


_decode = msgspec.json.Decoder(AnalyzeRequest).decode


def analysis_request_from_body(
    body: bytes, *, request_id: str
) -> tuple[AnalysisRequest, frozenset[str]]:
    """As `analysis_request_from_wire`, of the JSON in a body.

    Most bodies are right, and say no more than we document: those are decoded in one step. What is
    wrong with another one, if anything is, comes out the long way.
    """
    try:
        wire = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        wire = None
    if wire is None or may_repeat_keys(body, wire):
        return analysis_request_from_wire(json_object(body), request_id=request_id)
    return _checked(wire, request_id)


def analysis_request_from_wire(
    document: dict[str, Any], *, request_id: str
) -> tuple[AnalysisRequest, frozenset[str]]:
    """The request, and notes on what had to be tolerated.

    Raises `InvalidDocument` with up to twenty problems.
    """
    try:
        wire = msgspec.convert(document, AnalyzeRequest)
    except msgspec.ValidationError as error:
        raise InvalidDocument(_all_problems(document)) from error
    return _checked(wire, request_id)


def _checked(wire: AnalyzeRequest, request_id: str) -> tuple[AnalysisRequest, frozenset[str]]:
    reading = _Reading()
    request = _request(wire, reading, request_id)
    if reading.problems:
        raise InvalidDocument(reading.problems[:PROBLEMS_AT_MOST])
    return request, frozenset(reading.notes)


def _all_problems(document: dict[str, Any]) -> list[Problem]:
    """What is wrong with the shape of a document, and with the values in the rest of it."""
    problems = collect_problems(document, AnalyzeRequest)
    paths = [problem.path for problem in problems]
    if len(paths) == PROBLEMS_AT_MOST or not {"cart", "cart.currencyCode"}.isdisjoint(paths):
        # There may be more than these; or, without its currency, the rest cannot be judged.
        return problems
    reading = _Reading()
    _request(msgspec.convert(without_problems(document, problems), AnalyzeRequest), reading, "")
    for found in reading.problems:
        if not any(_overlap(found.path, path) for path in paths):
            problems.append(found)
    return problems[:PROBLEMS_AT_MOST]


def _overlap(one: str, other: str) -> bool:
    """Whether one path is the other, or leads into it: then it is about the same mistake."""
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def _request(wire: AnalyzeRequest, reading: _Reading, request_id: str) -> AnalysisRequest:
    return AnalysisRequest(
        cart=_cart(wire, reading),
        request_id=request_id,
        session=_session(wire.sessionId, reading),
        cart_id=_cart_id(wire.cartId, reading),
        experimentation_consent=bool(wire.experimentationConsent),
        debug=bool(wire.debug),
    )


def _cart(wire: AnalyzeRequest, reading: _Reading) -> Cart:
    cart = wire.cart
    reading.currency = reading.attempt(
        "cart.currencyCode", lambda: parse_currency_of_cart(cart.currencyCode), USD
    )
    groups = wire.deliveryGroups if wire.deliveryGroups is not None else cart.deliveryGroups
    return Cart(
        platform=wire.platform,
        region=_region(wire, reading),
        currency=reading.currency,
        lines=tuple([_line(line, index, reading) for index, line in enumerate(cart.lines)]),
        subtotal_amount=reading.amount(cart.subtotalAmount, "cart.subtotalAmount"),
        total_discount_amount=_discount(cart, reading),
        discounted_subtotal_amount=reading.amount(
            cart.discountedSubtotalAmount, "cart.discountedSubtotalAmount"
        ),
        total_tax_amount=reading.amount(cart.totalTaxAmount, "cart.totalTaxAmount"),
        total_amount=reading.amount(cart.totalAmount, "cart.totalAmount"),
        item_count=int(cart.itemCount),
        id=reading.id(cart.id, "cart.id"),
        customer=_customer(wire),
        locale=_locale(wire, reading),
        delivery_methods=tuple(group.deliveryMethod for group in groups or ()),
        presentation=Presentation(
            wire.offerOrigin or "custom", wire.mountTarget or "custom", wire.cartExperience or "api"
        ),
    )


def _line(line: WireCartLine, index: int, reading: _Reading) -> CartLine:
    if line.currencyCode is not None and line.currencyCode != reading.currency:
        _check_line_currency(line.currencyCode, index, reading)
    unit = line.unitPrice
    return CartLine(
        reading.id(line.id, "id", index) or "",
        reading.id(line.productId, "productId", index) or "",
        int(line.quantity),
        reading.amount(line.totalPrice, "totalPrice", index),
        reading.amount(line.originalTotalPrice, "originalTotalPrice", index),
        line.title,
        None if unit is None else reading.amount(unit, "unitPrice", index),
        reading.id(line.variantId, "variantId", index),
        reading.id(line.sku, "sku", index),
        line.productType,
        line.vendor,
        tuple(line.tags) if line.tags else (),
        tuple(line.collections) if line.collections else (),
        line.requiresShipping,
    )


def _check_line_currency(code: str, index: int, reading: _Reading) -> None:
    if code.upper() != reading.currency:
        path = f"cart.lines[{index}].currencyCode"
        reading.problems.append(
            Problem(path, f"is {code[:10]!r}, but the cart is in {reading.currency}.")
        )


def _discount(cart: WireCart, reading: _Reading) -> int:
    """The discount without its sign: platforms send -5 and 5 for the same thing."""
    amount = cart.totalDiscountAmount
    if type(amount) is int and -AMOUNT_MAXIMUM <= amount <= AMOUNT_MAXIMUM:
        return abs(amount)

    def parse() -> int:
        if isinstance(amount, WireMoney):
            zero = WireMoney(0, amount.currencyCode)
            minor_units(zero, reading.currency, notes=reading.notes)
            return abs(signed_minor_units(amount.amount, notes=reading.notes))
        return abs(signed_minor_units(amount, notes=reading.notes))

    return reading.attempt("cart.totalDiscountAmount", parse, 0)


def _region(wire: AnalyzeRequest, reading: _Reading) -> Region:
    path, region = "region", wire.region
    if region is None and wire.cart.region is not None:
        path, region = "cart.region", wire.cart.region
    if region is None:
        expected = 'expected a region such as "US", "US-OH" or {"country": "US"}.'
        reading.problems.append(Problem("region", f"is missing; {expected}"))
        return Region("US")
    if isinstance(region, WireRegion):
        country, subdivision = region.country, region.subdivision
        return reading.attempt(path, lambda: Region.of(country, subdivision), Region("US"))
    text = region
    return reading.attempt(path, lambda: Region.parse(text), Region("US"))


def _customer(wire: AnalyzeRequest) -> Customer:
    customer = wire.customer or wire.cart.customer
    if customer is None:
        return Customer()
    return Customer(bool(customer.isB2B), tuple(customer.groups or ()))


def _locale(wire: AnalyzeRequest, reading: _Reading) -> str | None:
    """The first that is present: at the top, of the customer, of the cart."""
    customer = wire.customer or wire.cart.customer
    candidates = (
        ("locale", wire.locale),
        ("customer.locale", customer.locale if customer else None),
        ("cart.locale", wire.cart.locale),
    )
    path, text = next((each for each in candidates if each[1] is not None), ("", None))
    return None if text is None else reading.attempt(path, lambda: parse_locale(text), None)


def _session(text: str | None, reading: _Reading) -> SessionId | None:
    if text is None:
        return None
    return reading.attempt("sessionId", lambda: SessionId.parse(text), None)


def _cart_id(value: str | float | None, reading: _Reading) -> str | None:
    text = reading.id(value, "cartId")
    if text is None:
        return None
    if any(unicodedata.category(character) == "Cc" for character in text):
        reading.problems.append(Problem("cartId", "must not contain control characters."))
    return text
