"""What an order says about the offer: `fees[]` and `metadata[]` (contract §9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard.client.offer import Offer
from orderguard.domain.ids import SessionId

FEE_NAME = "Order protection"


def protection_fee(accepted: Offer, *, name: str = FEE_NAME) -> dict[str, Any]:
    """The entry of `fees[]`. The modes are verbatim, and the amount an integer of minor units."""
    amount = accepted.charge.amount
    return {
        "name": name,
        "amount": {"amount": amount.amount, "currency_code": str(amount.currency)},
        "accepted_offer_mode": [str(mode) for mode in accepted.mode],
    }


def session_entry(session_id: SessionId) -> dict[str, str]:
    """The entry of `metadata[]`. It belongs on declined orders, too."""
    return {"key": "session_id", "value": str(session_id)}


def with_protection(
    order: Mapping[str, Any],
    accepted: Offer | None,
    *,
    session_id: SessionId | None = None,
    fee_name: str = FEE_NAME,
) -> dict[str, Any]:
    """The order, saying that this offer was accepted, or with None that none was.

    What the order said about an offer before is replaced; other fees and metadata stay. Both lists
    are always there, because an upsert that leaves them out keeps what was pushed before.
    """
    session = accepted.session_id if accepted else session_id
    fees = [fee for fee in order.get("fees") or [] if not fee.get("accepted_offer_mode")]
    metadata = [each for each in order.get("metadata") or [] if each.get("key") != "session_id"]
    return {
        **order,
        "fees": fees + ([protection_fee(accepted, name=fee_name)] if accepted else []),
        "metadata": metadata + ([session_entry(session)] if session else []),
    }
