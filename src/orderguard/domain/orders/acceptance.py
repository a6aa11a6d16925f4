"""Recognize, from an order alone, that the shopper accepted the offer (contract §9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import OrderId, SessionId
from orderguard.domain.money import Money, exponent, to_major_units
from orderguard.domain.orders.fee_verdict import Charge, FeeVerdict, Quote, judge_fee
from orderguard.domain.orders.order import Order


class AcceptanceOutcome(StrEnum):
    """Whether the shopper accepted the offer, declined it, or did not see one."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    NOT_SHOWN = "not_shown"


class WarningCode(StrEnum):
    """A fact about an order that a person should know; it never blocks the order."""

    SESSION_MISSING = "session_missing"
    SESSION_UNKNOWN = "session_unknown"
    SESSION_LINKED_ELSEWHERE = "session_linked_elsewhere"
    SESSION_CHANGED = "session_changed"
    SEVERAL_FEES = "several_fees"
    FEE_STALE = "fee_stale"
    FEE_MODE_MISMATCH = "fee_mode_mismatch"
    FEE_CURRENCY_MISMATCH = "fee_currency_mismatch"
    FEE_ALTERED = "fee_altered"
    REFUND_EXCEEDS_ORDER = "refund_exceeds_order"
    REFUND_CONFLICT = "refund_conflict"
    REFUND_NOT_UNDERSTOOD = "refund_not_understood"
    FEE_UNRECOGNISED = "fee_unrecognised"
    FEE_AMOUNT_AMBIGUOUS = "fee_amount_ambiguous"
    NOTHING_COVERED = "nothing_covered"
    MEMBERS_NOT_KEPT = "members_not_kept"
    OUTDATED_PUSH = "outdated_push"


@dataclass(frozen=True, slots=True)
class OrderWarning:
    """One warning, with advice."""

    code: WarningCode
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvidence:
    """The stored evidence about the session that an order names, which belongs to this merchant.

    `linked_order` is another order that the session belongs to already.
    """

    id: SessionId
    analysis_count: int
    quotes: Sequence[Quote]
    linked_order: OrderId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The outcome, and the evidence for it.

    `session` is the session the order is linked to, None when there is none or it is another
    order's. `verdict` and `charged` are there exactly when the outcome is accepted. `quote` is
    what the charge was compared with.
    """

    outcome: AcceptanceOutcome
    session: SessionId | None = None
    modes: tuple[CoverageMode, ...] = ()
    charged: tuple[Money, ...] = ()
    verdict: FeeVerdict | None = None
    quote: Quote | None = None
    warnings: tuple[OrderWarning, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return self.outcome is AcceptanceOutcome.ACCEPTED


_VERDICT_WARNINGS: dict[FeeVerdict, tuple[WarningCode, str]] = {
    FeeVerdict.STALE: (
        WarningCode.FEE_STALE,
        "The fee is one quoted earlier in this session. Analyse again whenever the cart changes.",
    ),
    FeeVerdict.MODE_MISMATCH: (
        WarningCode.FEE_MODE_MISMATCH,
        "The fee names other modes than were quoted. Pass the mode array through verbatim.",
    ),
    FeeVerdict.CURRENCY_MISMATCH: (
        WarningCode.FEE_CURRENCY_MISMATCH,
        "The fee is in another currency than the quote.",
    ),
    FeeVerdict.ALTERED: (
        WarningCode.FEE_ALTERED,
        "The fee was never quoted in this session. Charge the amount of the charge instructions.",
    ),
}


def recognise_acceptance(
    order: Order, session: SessionEvidence | None, previous: Acceptance | None = None
) -> Acceptance:
    """Recognize whether this order accepted the offer: the decision table of contract §9.

    The fee decides. A shopper who paid is covered, also when the session is missing, unknown or
    another merchant's; the order is then accepted without a link. `session` is the session that the
    order names, None when this merchant has no such session. `previous` is the acceptance of an
    earlier revision of this order.
    """
    linked = session if session and session.linked_order is None else None
    warnings = _session_warnings(order, session, previous)
    if not order.accepted_fees:
        return Acceptance(
            outcome=_outcome_without_fee(order, linked, previous),
            session=linked.id if linked else None,
            warnings=warnings,
        )
    charge = Charge(order.accepted_modes, tuple(fee.amount for fee in order.accepted_fees))
    verdict, quote = _judge(order, charge, linked, previous)
    if verdict in _VERDICT_WARNINGS:
        warning = OrderWarning(*_VERDICT_WARNINGS[verdict])
        if verdict is FeeVerdict.ALTERED and quote and (factor := _factor(charge, quote)):
            warning = replace(warning, message=f"{warning.message} {factor}")
        warnings = (*warnings, warning)
    return Acceptance(
        outcome=AcceptanceOutcome.ACCEPTED,
        session=linked.id if linked else None,
        modes=charge.modes,
        charged=charge.amounts,
        verdict=verdict,
        quote=quote,
        warnings=warnings,
    )


def _outcome_without_fee(
    order: Order, linked: SessionEvidence | None, previous: Acceptance | None
) -> AcceptanceOutcome:
    """The outcome without a fee: not accepted; the session tells whether there was an offer."""
    if linked is None and previous and not order.stands and not previous.is_accepted:
        return previous.outcome  # the order's session may be another order's by now
    if linked is not None and not linked.quotes:
        return AcceptanceOutcome.NOT_SHOWN
    return AcceptanceOutcome.DECLINED


def _judge(
    order: Order,
    charge: Charge,
    linked: SessionEvidence | None,
    previous: Acceptance | None,
) -> tuple[FeeVerdict, Quote | None]:
    if linked is None:
        if previous and previous.verdict and not order.stands and _has_charged(previous, charge):
            # An order that has ended loses its session, but keeps its verdict and its quote.
            return previous.verdict, previous.quote
        return FeeVerdict.UNLINKED, None
    if previous and previous.verdict and _is_same_charge(previous, charge, linked):
        # Keep the verdict from the order's first push: later analyses of the session are about
        # another cart, and must not turn an exact fee into a stale one.
        return previous.verdict, previous.quote
    return judge_fee(charge, linked.quotes, analysis_count=linked.analysis_count)


def _factor(charge: Charge, quote: Quote) -> str | None:
    """The remedy for a fee in the wrong unit; None when it is no factor of the minor unit."""
    quoted, factor = quote.amount, int(10 ** exponent(quote.amount.currency))
    if factor == 1:
        return None
    if abs(charge.total * factor - quoted.amount) < factor:
        what = f"{charge.total} looks like major units, or like a part of them"
    elif charge.total == quoted.amount * factor:
        what = f"It is {factor} times the quote"
    else:
        return None
    return (
        f"{what}: an integer is minor units, a text is major units. "
        f'Send {quoted.amount}, or "{to_major_units(quoted)}".'
    )


def _about_unknown(text: str) -> str:
    """What to do about a session id that is not known."""
    try:
        SessionId.parse(text)
    except Malformed:
        return "Send the sessionId of the analysis as it is: lop_ and 20 letters or digits."
    return (
        "Analyse the cart before the order is placed, for the same merchant: a sandbox has "
        "sessions of its own."
    )


def _is_same_charge(previous: Acceptance, charge: Charge, linked: SessionEvidence) -> bool:
    return previous.session == linked.id and _has_charged(previous, charge)


def _has_charged(previous: Acceptance, charge: Charge) -> bool:
    return (previous.modes, previous.charged) == (charge.modes, charge.amounts)


def _session_warnings(
    order: Order, session: SessionEvidence | None, previous: Acceptance | None
) -> tuple[OrderWarning, ...]:
    found: list[OrderWarning] = []
    if order.misplaced_session:
        found.append(
            OrderWarning(
                WarningCode.SESSION_MISSING,
                f"{order.misplaced_session} has a session id, which is not read there. Send it in "
                'the metadata of the order, as {"key": "session_id", "value": "lop_…"}.',
            )
        )
    elif order.accepted_fees and order.session_text is None:
        found.append(
            OrderWarning(
                WarningCode.SESSION_MISSING,
                "The order has the fee but no session_id in its metadata. "
                "Send the sessionId of the analysis, so that the fee can be compared.",
            )
        )
    if order.session_text is not None and session is None:
        found.append(
            OrderWarning(
                WarningCode.SESSION_UNKNOWN,
                "The session_id in the metadata is not one of this merchant's sessions. "
                + _about_unknown(order.session_text),
            )
        )
    if session and session.linked_order is not None and order.stands:
        found.append(
            OrderWarning(
                WarningCode.SESSION_LINKED_ELSEWHERE,
                f"Session {session.id} belongs to order {session.linked_order} already. "
                "Start a new session for a new cart.",
            )
        )
    if previous and previous.session and (session is None or session.id != previous.session):
        found.append(
            OrderWarning(
                WarningCode.SESSION_CHANGED,
                f"An earlier push of this order named session {previous.session}.",
            )
        )
    if len(order.accepted_fees) > 1:
        found.append(
            OrderWarning(
                WarningCode.SEVERAL_FEES,
                "Several fees name accepted modes; their modes and amounts were put together.",
            )
        )
    return tuple(found)
