"""The parts of an order about the offer: `fees[]`, `metadata[]` and line prices (contract §9)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from orderguard.client.offer import Offer
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import SessionId
from orderguard.domain.money import exponent, parse_currency, shortened

FEE_NAME = "Order protection"


def protection_fee(accepted: Offer, *, name: str = FEE_NAME) -> dict[str, Any]:
    """The entry of `fees[]` for an accepted offer: modes verbatim, amount in minor units."""
    amount = accepted.charge.amount
    return {
        "name": name,
        "amount": {"amount": amount.amount, "currency_code": str(amount.currency)},
        "accepted_offer_mode": [str(mode) for mode in accepted.mode],
    }


def unit_price(line_total: int, quantity: int | Decimal, currency_code: str) -> dict[str, str]:
    """The `unit_price` of an order line that costs so many minor units in all.

    A third of 10.00 has no finite decimals, but a unit price may have eight, and the server rounds
    only the line's total: the result is `line_total` again. Raises `Malformed`.
    """
    currency = parse_currency(currency_code)
    if type(line_total) is not int or quantity <= 0:
        raise Malformed(
            f"A line has a total in whole minor units and some pieces; found "
            f"{shortened(line_total)} and {shortened(quantity)}."
        )
    each = Decimal(line_total).scaleb(-exponent(currency)) / quantity
    rate = each.quantize(Decimal("1E-8"), rounding=ROUND_HALF_UP)
    return {"amount": f"{rate:f}", "currency_code": str(currency)}


def session_entry(session_id: SessionId) -> dict[str, str]:
    """The entry of `metadata[]` with the session id. Declined orders need it, too."""
    return {"key": "session_id", "value": str(session_id)}


def with_protection(
    order: Mapping[str, Any],
    accepted: Offer | None,
    *,
    session_id: SessionId | None = None,
    fee_name: str = FEE_NAME,
) -> dict[str, Any]:
    """The order with the fee and metadata of the accepted offer; with None, of a declined one.

    Earlier entries about an offer are replaced; other fees and metadata stay. Both lists are always
    present, because an upsert without them keeps the lists pushed before.
    """
    session = accepted.session_id if accepted else session_id
    fees = [fee for fee in order.get("fees") or [] if not fee.get("accepted_offer_mode")]
    metadata = [each for each in order.get("metadata") or [] if each.get("key") != "session_id"]
    return {
        **order,
        "fees": fees + ([protection_fee(accepted, name=fee_name)] if accepted else []),
        "metadata": metadata + ([session_entry(session)] if session else []),
    }
