"""Find members of an order that are probably wrong (contract §9); warns, and never refuses.

They detect integration mistakes that would cost money without an error: a price in a member that is
not read, a fee without its modes, a refund in an unknown spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orderguard.domain.orders.acceptance import OrderWarning, SessionEvidence, WarningCode
from orderguard.domain.orders.order import Fee, Order, OrderLine

DOUBTS_TO_REVIEW = frozenset(
    {
        WarningCode.FEE_AMOUNT_AMBIGUOUS,
        WarningCode.FEE_UNRECOGNISED,
        WarningCode.NOTHING_COVERED,
        WarningCode.REFUND_EXCEEDS_ORDER,
        WarningCode.REFUND_NOT_UNDERSTOOD,
    }
)
"""Warnings for which a person should look at the order, whatever the verdict on its fee."""

_NAMED_AT_MOST = 3

_OUR_NAMES = (
    "checkout+",
    "checkout plus",
    "delivery protection",
    "order protection",
    "package protection",
    "protection fee",
    "purchase protection",
    "return coverage",
    "shipping protection",
)
"""Names that shops give to the fee; a fee whose name contains one of these is probably ours."""


def doubts_about_fees(
    order: Order, session: SessionEvidence | None, *, is_ambiguous: bool
) -> Iterator[OrderWarning]:
    """Fees that look like ours and are not recognised, or whose amount can be read in two ways."""
    if is_ambiguous:
        yield OrderWarning(
            WarningCode.FEE_AMOUNT_AMBIGUOUS,
            "The fee's amount is a text of digits alone, which no quote confirms. "
            'Send an integer for minor units (498) or a decimal text for major units ("4.98").',
        )
    misspelt = next((fee for fee in order.fees if fee.likely_member), None)
    if misspelt is not None:
        yield OrderWarning(
            WarningCode.FEE_UNRECOGNISED,
            f"A fee has {misspelt.likely_member}, which is not read; it probably should be "
            "accepted_offer_mode. Without it the fee covers nothing.",
        )
    elif not order.accepted_fees and any(_looks_like_ours(fee, session) for fee in order.fees):
        yield OrderWarning(
            WarningCode.FEE_UNRECOGNISED,
            "A fee has the name or the amount of our offer, but no accepted_offer_mode, so it "
            "covers nothing. Send the mode array of the analysis as accepted_offer_mode.",
        )


def _looks_like_ours(fee: Fee, session: SessionEvidence | None) -> bool:
    if fee.amount.amount <= 0:
        return False
    quotes = session.quotes if session else ()
    name = fee.name.casefold()
    return any(fee.amount == quote.amount for quote in quotes) or any(
        ours in name for ours in _OUR_NAMES
    )


def doubts_about_refunds(order: Order) -> Iterator[OrderWarning]:
    """Refunds without usable content, and refunds whose sum contradicts the order."""
    if not all(order.understands(refund) for refund in order.refunds):
        yield OrderWarning(
            WarningCode.REFUND_NOT_UNDERSTOOD,
            "A refund names neither an amount, nor a line of this order, nor the fee, so it "
            "changed nothing. Send amount, or line_items with the lines' external_id and quantity.",
        )
    total, refunded = order.total_price.amount, order.refunded_total
    if refunded > order.value:
        yield OrderWarning(
            WarningCode.REFUND_EXCEEDS_ORDER,
            "The refunds are larger than the order. Check for refunds that were pushed twice "
            "under different ids.",
        )
    elif order.refunds and 0 < total <= refunded and not order.is_refunded_in_full:
        yield OrderWarning(
            WarningCode.REFUND_EXCEEDS_ORDER,
            "The refunds come to total_price, but do not say that the fee and all goods came "
            "back, so what is left stays covered. Send status refunded, or refund the fee, too.",
        )


def doubts_about_scope(order: Order, covered: Sequence[OrderLine]) -> Iterator[OrderWarning]:
    """A coverage without goods. `covered` are the lines that may be covered, before refunds."""
    unread = [line for line in covered if line.unread_prices and line.quantity]
    is_nothing = not any(line.value for line in covered)
    if not unread and (not is_nothing or not order.value):
        return
    what = "The coverage is worth 0" if is_nothing else "Some lines are covered for 0"
    if unread:
        names = list(dict.fromkeys(name for line in unread for name in line.unread_prices))
        lines = ", ".join(line.id[:40] for line in unread[:_NAMED_AT_MOST])
        because = (
            f"line {lines} has {' and '.join(names[:_NAMED_AT_MOST])}, which is not read. "
            "Send unit_price on every line."
        )
    elif covered:
        because = "no line has a price. Send unit_price on every line."
    else:
        because = "the order has no line that the offer was about."
    yield OrderWarning(WarningCode.NOTHING_COVERED, f"{what}, because {because}")
