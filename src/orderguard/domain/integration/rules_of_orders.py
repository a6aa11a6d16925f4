"""Rules of the integration check that are judged by pushed orders."""

from __future__ import annotations

from datetime import timedelta

from orderguard.domain.integration.judgement import Evidence, Judgement, by_order, by_request
from orderguard.domain.integration.traffic import FailedAnswer, SeenOrder, Traffic
from orderguard.domain.orders.acceptance import AcceptanceOutcome, WarningCode
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.order import OrderStatus

ORDERS_TO_JUDGE_BY = 3
"""Orders that all lack something, before that is called a mistake."""

SALES_TO_JUDGE_BY = 20
"""Protected orders without a single declined one, before that is called a mistake."""

FAILURES_TO_JUDGE_BY = 20
"""Failed analyses without an order after any of them, before that is called a mistake. Most carts
are left without an order anyway."""

PATIENCE = timedelta(hours=1)
"""How long after a failed analysis the shop's order may come."""

_UNPAID = frozenset({"authorized", "failed", "on-hold", "pending", "unpaid", "voided"})
_STATES_OF_PAYMENT = ("financial_status", "payment_status")
_UNLIKE_QUOTE = (
    WarningCode.FEE_STALE,
    WarningCode.FEE_ALTERED,
    WarningCode.FEE_CURRENCY_MISMATCH,
)
_GIVEN_BACK = (OrderStatus.CANCELLED, OrderStatus.REFUNDED)


def _warned(traffic: Traffic, *codes: WarningCode) -> list[Evidence]:
    """The stored warnings of orders with these codes, which say what is wrong and what to do."""
    return [by_order(order, note) for order in traffic.orders for note in order.warnings(*codes)]


def new_session_per_order(traffic: Traffic) -> Judgement:
    """Judge the rule: after an order, the next cart gets a new session."""
    broken = [
        by_order(order, f"names session {order.external_session} of another order")
        for order in _linked_elsewhere(traffic)
        if not _is_same_order(order, _owner(traffic, order))
    ]
    linked = list(traffic.order_of_session.values())
    held = [by_order(order, f"session {order.record.acceptance.session}") for order in linked]
    return Judgement(held if len(held) > 1 else (), broken)


def same_order_once(traffic: Traffic) -> Judgement:
    """Judge the rule: repeated pushes of an order have the same `external_id`."""
    broken = [
        by_order(order, "is another order of this session once more, under another external_id")
        for order in _linked_elsewhere(traffic)
        if _is_same_order(order, _owner(traffic, order))
    ]
    broken += [
        by_order(order, "has no external_id, so a repeated push makes a second order")
        for order in traffic.orders
        if order.record.external_id is None
    ]
    held = [
        by_order(order, f"revision {order.record.revision} under one external_id")
        for order in traffic.orders
        if order.record.revision > 1 and order.record.external_id
    ]
    return Judgement(held, broken)


def _linked_elsewhere(traffic: Traffic) -> list[SeenOrder]:
    return [o for o in traffic.orders if o.warnings(WarningCode.SESSION_LINKED_ELSEWHERE)]


def _owner(traffic: Traffic, order: SeenOrder) -> SeenOrder | None:
    return traffic.order_of_session.get(order.external_session or "")


def _is_same_order(order: SeenOrder, other: SeenOrder | None) -> bool:
    """Whether both were pushed with the same goods and total."""
    members = ("line_items", "total_price")
    return other is not None and all(
        order.record.document.get(name) == other.record.document.get(name) for name in members
    )


def analysed_before(traffic: Traffic) -> Judgement:
    """Judge the rule: the cart is analysed before the order is placed."""
    broken = [
        by_order(order, "came before any cart had been analysed")
        for order in traffic.orders
        if order.came_first
    ]
    held = [
        by_order(order, f"follows session {session}")
        for session, order in traffic.order_of_session.items()
    ]
    return Judgement(held, broken)


def session_on_order(traffic: Traffic) -> Judgement:
    """Judge the rule: the order carries the session's id, whether the offer was accepted or not."""
    broken = _warned(traffic, WarningCode.SESSION_MISSING, WarningCode.SESSION_UNKNOWN)
    unlinked = [
        order
        for order in traffic.orders
        if order.record.acceptance.session is None
        and not order.warnings(WarningCode.SESSION_LINKED_ELSEWHERE)
    ]
    named = traffic.order_of_session
    if not broken and not named and len(unlinked) >= ORDERS_TO_JUDGE_BY:
        broken = [by_order(order, "names no session") for order in unlinked]
    held = [by_order(order, f"session {session}") for session, order in named.items()]
    return Judgement(held, broken)


def mode_verbatim(traffic: Traffic) -> Judgement:
    """Judge the rule: the fee's `accepted_offer_mode` is exactly the `mode` of the offer."""
    held: list[Evidence] = []
    broken = _warned(traffic, WarningCode.FEE_UNRECOGNISED)
    for order in traffic.orders:
        acceptance = order.record.acceptance
        if acceptance.verdict is FeeVerdict.MODE_MISMATCH:
            quoted = " and ".join(acceptance.quote.modes) if acceptance.quote else "nothing"
            sent = " and ".join(acceptance.modes)
            broken.append(by_order(order, f"accepts {sent}, and {quoted} was quoted"))
        elif acceptance.quote is not None and acceptance.modes == acceptance.quote.modes:
            held.append(by_order(order, " and ".join(acceptance.modes)))
    return Judgement(held, broken)


def fee_as_quoted(traffic: Traffic) -> Judgement:
    """Judge the rule: the fee equals the price quoted by the last analysis."""
    held: list[Evidence] = []
    broken: list[Evidence] = []
    for order in traffic.orders:
        acceptance = order.record.acceptance
        charged = " + ".join(str(amount) for amount in acceptance.charged)
        ambiguous = order.warnings(WarningCode.FEE_AMOUNT_AMBIGUOUS)
        if acceptance.quote is None:
            broken += [by_order(order, f"charges {charged}: {note}") for note in ambiguous]
        elif messages := order.warnings(*_UNLIKE_QUOTE) + ambiguous:
            note = f"charges {charged}, and {acceptance.quote.amount} was quoted: "
            broken.append(by_order(order, note + " ".join(messages)))
        elif acceptance.verdict in (FeeVerdict.EXACT, FeeVerdict.ROUNDING):
            held.append(by_order(order, f"charges {charged} as quoted"))
    return Judgement(held, broken)


def no_fee_when_hidden(traffic: Traffic) -> Judgement:
    """Judge the rule: no fee is charged after an ineligible answer."""
    linked = traffic.order_of_session.values()
    broken = [
        by_order(order, f"has a fee, and session {order.record.acceptance.session} had no offer")
        for order in linked
        if order.record.acceptance.is_accepted and order.record.acceptance.quote is None
    ]
    held = [
        by_order(order, "has no fee, and its session had no offer")
        for order in linked
        if order.record.acceptance.outcome is AcceptanceOutcome.NOT_SHOWN
    ]
    return Judgement(held, broken)


def declined_pushed(traffic: Traffic) -> Judgement:
    """Judge the rule: orders of shoppers who declined the offer are pushed, too."""
    linked = [order for order in traffic.orders if order.record.acceptance.session]
    declined = [o for o in linked if o.record.acceptance.outcome is AcceptanceOutcome.DECLINED]
    accepted = [o for o in linked if o.record.acceptance.is_accepted]
    held = [by_order(order, "declined") for order in declined]
    if not declined and len(accepted) >= SALES_TO_JUDGE_BY:
        note = f"protected, as are all {len(accepted)} orders; none was declined"
        return Judgement(broken=[by_order(order, note) for order in accepted])
    return Judgement(held)


def unpaid_not_active(traffic: Traffic) -> Judgement:
    """Judge the rule: unpaid orders are not pushed, or are pushed as `pending`."""
    broken = [
        by_order(order, f"is active, and its {name} is {order.record.document[name]}")
        for order in traffic.orders
        if order.record.status is OrderStatus.ACTIVE
        for name in _STATES_OF_PAYMENT
        if str(order.record.document.get(name)).casefold() in _UNPAID
    ]
    held = [
        by_order(order, "is pending: covers and bills nothing yet")
        for order in traffic.orders
        if order.record.status is OrderStatus.PENDING
    ]
    return Judgement(held, broken)


def given_back(traffic: Traffic) -> Judgement:
    """Judge the rule: cancellations and refunds are pushed, and the refunds can be read."""
    bad = (
        WarningCode.REFUND_NOT_UNDERSTOOD,
        WarningCode.REFUND_EXCEEDS_ORDER,
        WarningCode.REFUND_CONFLICT,
    )
    held = [
        by_order(order, "was cancelled or refunded")
        for order in traffic.orders
        if order.record.status in _GIVEN_BACK or order.record.document.get("refunds")
        if not order.warnings(*bad)
    ]
    return Judgement(held, _warned(traffic, *bad))


def sells_without_us(traffic: Traffic) -> Judgement:
    """Judge the rule: the shop still takes orders while our answers fail or are missing."""
    sold = {failure: _order_after(traffic, failure) for failure in traffic.failures}
    held = [
        by_order(order, f"came without a fee after request {failure.request_id} ({failure.what})")
        for failure, order in sold.items()
        if order is not None
    ]
    over = [each for each in traffic.failures if traffic.at - each.at > PATIENCE]
    if held or len(over) < FAILURES_TO_JUDGE_BY:
        return Judgement(held)
    return Judgement(
        broken=[by_request(each, f"failed ({each.what}), and no order followed") for each in over]
    )


def _order_after(traffic: Traffic, failure: FailedAnswer) -> SeenOrder | None:
    """An order without a fee that came within the patience after a failed analysis."""
    found = (
        order
        for order in traffic.orders
        if not order.record.acceptance.is_accepted
        and timedelta() <= order.record.received_at - failure.at <= PATIENCE
    )
    return next(found, None)
