"""Encode carts, offers and other domain values as the compact JSON of a column.

Decoding ignores missing members that were added later, because rows outlive the code.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import msgspec

from orderguard.domain.books.statement import Statement
from orderguard.domain.cart import Cart, Customer
from orderguard.domain.configuration.configuration import ChargeMethod, ChargeProduct
from orderguard.domain.configuration.pricing import ModePrice, sum_of_prices
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import Currency, Money
from orderguard.domain.offers.offer import ChargeInstructions, Offer
from orderguard.domain.orders.acceptance import Acceptance
from orderguard.domain.orders.coverage import CoverageScope, HistoryEntry
from orderguard.domain.orders.fee_verdict import LeftOutLine, Quote

_encoder = msgspec.json.Encoder()
_cart_decoder = msgspec.json.Decoder(Cart)


class _OfferRow(msgspec.Struct, omit_defaults=True):
    """An offer as it is kept. The charge is the sum of the prices, so it is not."""

    reason: EligibilityReason
    prices: tuple[ModePrice, ...] = ()
    method: ChargeMethod | None = None
    product: ChargeProduct | None = None
    cohort: str | None = None


_offer_decoder = msgspec.json.Decoder(_OfferRow)


def cart_to_row(cart: Cart) -> bytes:
    return _encoder.encode(cart)


def cart_from_row(row: bytes) -> Cart:
    return _cart_decoder.decode(row)


def cart_without_lines_to_row(cart: Cart) -> bytes:
    """A cart without its lines, which statistics are broken down by; its size is bounded."""
    methods = tuple(dict.fromkeys(cart.delivery_methods))
    customer = Customer(cart.customer.is_b2b)
    return cart_to_row(replace(cart, lines=(), delivery_methods=methods, customer=customer))


def digest_of(row: bytes) -> bytes:
    """A 16-byte BLAKE2b hash of a row; collisions cannot be provoked."""
    return blake2b(row, digest_size=16).digest()


class _QuoteRow(msgspec.Struct, omit_defaults=True):
    """A quote as it is kept. The amount is the sum of the prices, so it is not."""

    modes: tuple[CoverageMode, ...]
    currency: Currency
    prices: tuple[int, ...]
    left_out: tuple[LeftOutLine, ...] = ()


_quote_decoder = msgspec.json.Decoder(_QuoteRow)


def quote_to_row(quote: Quote) -> bytes:
    """The quote without its ordinal, so that equal quotes make equal rows."""
    return _encoder.encode(
        _QuoteRow(quote.modes, quote.amount.currency, quote.mode_prices, quote.left_out)
    )


def fewer_left_out(quote: Quote, *, size: int) -> Quote:
    """The quote with as many lines of `left_out` as fit into `size` bytes."""
    left_out: list[LeftOutLine] = []
    for line in quote.left_out:
        size -= len(_encoder.encode(line))
        if size < 0:
            break
        left_out.append(line)
    return replace(quote, left_out=tuple(left_out))


def quote_from_row(row: bytes, ordinal: int) -> Quote:
    kept = _quote_decoder.decode(row)
    amount = Money(sum(kept.prices), kept.currency)
    return Quote(ordinal, kept.modes, amount, kept.prices, kept.left_out)


def offer_to_row(offer: Offer) -> bytes:
    charge = offer.charge
    return _encoder.encode(
        _OfferRow(
            offer.reason,
            offer.prices,
            charge.method if charge else None,
            charge.product if charge else None,
            offer.cohort,
        )
    )


def offer_from_row(row: bytes) -> Offer:
    kept = _offer_decoder.decode(row)
    if kept.method is None:
        return Offer(kept.reason, cohort=kept.cohort)
    charge = ChargeInstructions(sum_of_prices(kept.prices), kept.method, kept.product)
    return Offer(kept.reason, charge, kept.prices, kept.cohort)


def _as_text(value: Any) -> str:
    """Ids that are texts of their own type are kept as texts."""
    return str(value)


def _from_text(type_: type, value: Any) -> Any:
    return type_(value)


_typed_encoder = msgspec.json.Encoder(enc_hook=_as_text, decimal_format="number")


def to_row(value: Any) -> bytes:
    """Any domain value as JSON, for a column that is read back as a whole."""
    return _typed_encoder.encode(value)


acceptance_from_row = msgspec.json.Decoder(Acceptance, dec_hook=_from_text).decode
scope_from_row = msgspec.json.Decoder(CoverageScope).decode
history_from_row = msgspec.json.Decoder(tuple[HistoryEntry, ...]).decode
statement_from_row = msgspec.json.Decoder(Statement).decode
document_from_row = msgspec.json.Decoder(dict[str, Any]).decode
