"""Carts and offers as the journal keeps them: compact JSON, straight from the domain's own shapes.

Reading is lenient towards members that were added later, because old rows outlive old code.
"""

from __future__ import annotations

import msgspec

from orderguard.domain.cart import Cart
from orderguard.domain.configuration import ChargeMethod, ChargeProduct
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.offer import ChargeInstructions, Offer
from orderguard.domain.pricing import ModePrice

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
    amount = kept.prices[0].price
    for price in kept.prices[1:]:
        amount += price.price
    charge = ChargeInstructions(amount, kept.method, kept.product)
    return Offer(kept.reason, charge, kept.prices, kept.cohort)
