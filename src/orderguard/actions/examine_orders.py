"""Check a merchant's orders for `orderguard doctor`: integration mistakes that cost money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.analytics.diagnosis import Finding, Severity
from orderguard.domain.ids import MerchantId
from orderguard.domain.orders.acceptance import WarningCode
from orderguard.domain.orders.order_doubts import DOUBTS_TO_REVIEW

OF_LATE = timedelta(days=7)
ORDERS_LOOKED_AT = 500

_FOUND = {
    WarningCode.NOTHING_COVERED: "are covered for nothing, or some of their lines are",
    WarningCode.FEE_UNRECOGNISED: "have a fee that looks like the protection fee, but covers "
    "nothing",
    WarningCode.FEE_AMOUNT_AMBIGUOUS: "have a fee whose amount can be read in two ways",
    WarningCode.REFUND_NOT_UNDERSTOOD: "have a refund that does not say what came back",
    WarningCode.REFUND_EXCEEDS_ORDER: "were refunded their total or more without saying for what",
}
_ADVICE = {
    WarningCode.NOTHING_COVERED: "Send unit_price on every line of an order.",
    WarningCode.FEE_UNRECOGNISED: "Send the mode array of the analysis as accepted_offer_mode.",
    WarningCode.FEE_AMOUNT_AMBIGUOUS: 'Send 498 or "4.98" as the amount of the fee, not "498".',
    WarningCode.REFUND_NOT_UNDERSTOOD: "Send amount, or line_items with external_id and quantity.",
    WarningCode.REFUND_EXCEEDS_ORDER: "Send status refunded, or refunds of the fee and of lines.",
}


def examine_orders(work: UnitOfWork, merchant: MerchantId, *, at: datetime) -> Iterator[Finding]:
    """Count the doubts about orders of the last seven days, by kind."""
    records = [
        record
        for record in work.orders.to_review(merchant, limit=ORDERS_LOOKED_AT)
        if at - record.changed_at < OF_LATE
    ]
    counts = Counter(
        code
        for record in records
        for code in {warning.code for warning in record.acceptance.warnings}
        if code in DOUBTS_TO_REVIEW
    )
    for code, number in counts.most_common():
        more = "+" if len(records) == ORDERS_LOOKED_AT else ""
        yield Finding(
            check="orders",
            severity=Severity.WARNING,
            found=f"{number}{more} orders of the last 7 days {_FOUND[code]} ({code}).",
            advice=f"{_ADVICE[code]} The orders: orderguard orders review {merchant}",
        )
    if not counts:
        yield Finding(
            check="orders",
            severity=Severity.OK,
            found="The orders of the last 7 days say what was bought, charged and given back.",
        )
