"""Descriptions of outcomes, fee verdicts and warnings, for OpenAPI (contract §9)."""

from __future__ import annotations

from orderguard.domain.orders.acceptance import AcceptanceOutcome as Outcome
from orderguard.domain.orders.acceptance import WarningCode as Warn
from orderguard.domain.orders.fee_verdict import ROUNDING_TOLERANCE
from orderguard.domain.orders.fee_verdict import FeeVerdict as Verdict

_NOTHING = "Nothing."

OF_OUTCOMES = "What the order says about the offer. The fee decides: whoever paid is covered."
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.ACCEPTED: (
        "A fee names accepted modes. Coverage is active for exactly those, also when the session "
        "is missing, unknown or another merchant's.",
        "Honour the coverages of the order.",
    ),
    Outcome.DECLINED: (
        "No fee names accepted modes, so nothing was bought.",
        _NOTHING,
    ),
    Outcome.NOT_SHOWN: (
        "No fee names accepted modes, and the session was never eligible.",
        _NOTHING,
    ),
}

OF_VERDICTS = (
    "How the fee compares with what the session quoted; null when nothing was accepted. No "
    "verdict refuses an order or ends a coverage."
)
VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.EXACT: ("The fee is the session's last quote: same modes, same amount.", _NOTHING),
    Verdict.ROUNDING: (
        f"The fee is within {ROUNDING_TOLERANCE} minor unit of the last quote.",
        "Nothing, or charge `chargeInstructions.amount` as it is.",
    ),
    Verdict.STALE: (
        "The fee is an earlier quote of the session, not its last.",
        "Analyse the cart after every change, before the order is placed.",
    ),
    Verdict.MODE_MISMATCH: (
        "The fee names other modes than were quoted.",
        "Put the `mode` array on the fee as it came.",
    ),
    Verdict.CURRENCY_MISMATCH: (
        "The fee is in another currency than the quote.",
        "Analyse and charge in the currency of the order.",
    ),
    Verdict.ALTERED: (
        "The amount was never quoted in the session.",
        "Charge `chargeInstructions.amount`, without markup or conversion.",
    ),
    Verdict.UNLINKED: (
        "There is no session to compare with.",
        "Send the `sessionId` of the analysis in `metadata` under `session_id`.",
    ),
}

OF_WARNINGS = "Something about the order that a person should know. It never stopped the order."
WARNINGS: dict[Warn, tuple[str, str]] = {
    Warn.SESSION_MISSING: (
        "The order has the fee, but no `session_id` in its metadata.",
        "Send the `sessionId` of the analysis along.",
    ),
    Warn.SESSION_UNKNOWN: (
        "The `session_id` is not one of this merchant's sessions.",
        "Check that cart and order use keys of the same merchant.",
    ),
    Warn.SESSION_LINKED_ELSEWHERE: (
        "The session belongs to another order already, which keeps it.",
        "Forget the session when an order is placed; a new cart starts a new one.",
    ),
    Warn.SESSION_CHANGED: (
        "An earlier push of this order named another session.",
        "Keep the `session_id` that the order was placed with.",
    ),
    Warn.SEVERAL_FEES: (
        "Several fees name accepted modes; modes and amounts were put together.",
        "Charge one fee for the whole offer.",
    ),
    Warn.FEE_STALE: ("The verdict is `stale`.", "See there."),
    Warn.FEE_MODE_MISMATCH: ("The verdict is `mode_mismatch`.", "See there."),
    Warn.FEE_CURRENCY_MISMATCH: ("The verdict is `currency_mismatch`.", "See there."),
    Warn.FEE_ALTERED: ("The verdict is `altered`.", "See there."),
    Warn.REFUND_EXCEEDS_ORDER: (
        "The refunds come to the total or more, without saying that the fee and all goods came "
        "back, or to more than the order is worth.",
        "Send `status` `refunded`, or refund the fee, too. Check for refunds that were pushed "
        "twice under different ids.",
    ),
    Warn.REFUND_NOT_UNDERSTOOD: (
        "A refund names neither an amount, nor a line of the order, nor the fee; it changed "
        "nothing.",
        "Send `amount`, or `line_items` with `external_id` and `quantity`.",
    ),
    Warn.REFUND_CONFLICT: (
        "A refund with a known `external_id` differs from the one on record, which stands.",
        "Give another refund another `external_id`.",
    ),
    Warn.FEE_UNRECOGNISED: (
        "A fee has the name or the amount of the offer, but no `accepted_offer_mode`, or a "
        "misspelt one. It covers nothing.",
        "Put the `mode` array of the analysis on the fee as `accepted_offer_mode`.",
    ),
    Warn.FEE_AMOUNT_AMBIGUOUS: (
        "The fee's amount is a text of digits alone, which may be major or minor units, and no "
        "quote confirms either.",
        'Send an integer for minor units (`498`), or a decimal text for major ones (`"4.98"`).',
    ),
    Warn.NOTHING_COVERED: (
        "The coverage is worth 0, or some lines are, because they have no price that is read.",
        "Send `unit_price` on every line.",
    ),
    Warn.MEMBERS_NOT_KEPT: (
        "The order carries more than is kept: members that are not documented take over 64 kB "
        "together, or a documented one takes more than its own bound. The largest is named.",
        "Nothing, unless you read it back from here. Else leave out what is not needed.",
    ),
    Warn.OUTDATED_PUSH: (
        "By its `updated_at` the push is older than what is on record, so it changed nothing.",
        "Nothing, when pushes can overtake each other. Else check the clock.",
    ),
}
