"""Labels for outcomes, fee verdicts, warnings and coverages on screens."""

from __future__ import annotations

from collections.abc import Mapping

from orderguard.domain.orders.acceptance import AcceptanceOutcome
from orderguard.domain.orders.fee_verdict import FeeVerdict

OUTCOME_WORDS: Mapping[str, str] = {
    AcceptanceOutcome.ACCEPTED: "The customer bought protection.",
    AcceptanceOutcome.DECLINED: "The customer did not buy protection.",
    AcceptanceOutcome.NOT_SHOWN: "No protection was offered.",
}

VERDICT_LABELS: Mapping[str, str] = {
    FeeVerdict.EXACT: "As quoted",
    FeeVerdict.ROUNDING: "Rounded",
    FeeVerdict.STALE: "Outdated quote",
    FeeVerdict.MODE_MISMATCH: "Wrong coverage",
    FeeVerdict.CURRENCY_MISMATCH: "Wrong currency",
    FeeVerdict.ALTERED: "Wrong amount",
    FeeVerdict.UNLINKED: "No quote found",
}

VERDICT_ADVICE: Mapping[str, str] = {
    FeeVerdict.STALE: "Your shop should ask for an offer after every change of the cart.",
    FeeVerdict.MODE_MISMATCH: "Your shop should put the offered coverage on the fee, unchanged.",
    FeeVerdict.CURRENCY_MISMATCH: "Your shop should ask and charge in the order's currency.",
    FeeVerdict.ALTERED: "Your shop should charge the quoted amount, without markup or conversion.",
    FeeVerdict.UNLINKED: "Your shop should send the id of the offer session with the order.",
}
"""What a merchant does about a verdict to review."""

_WARNING_LABELS: Mapping[str, str] = {
    "session_missing": "Session id missing",
    "session_unknown": "Session unknown",
    "session_linked_elsewhere": "Session of another order",
    "session_changed": "Session changed",
    "several_fees": "Several fees",
    "fee_stale": "Outdated quote",
    "fee_mode_mismatch": "Wrong coverage",
    "fee_currency_mismatch": "Wrong currency",
    "fee_altered": "Wrong amount",
    "fee_unrecognised": "Fee not recognized",
    "fee_amount_ambiguous": "Fee amount unclear",
    "nothing_covered": "Nothing covered",
    "members_not_kept": "Too much to keep",
    "refund_exceeds_order": "Refund larger than the order",
    "refund_conflict": "Refund changed",
    "refund_not_understood": "Refund not understood",
    "outdated_push": "Outdated update",
}


def warning_label(code: str) -> str:
    """The label of a warning, in two or three words."""
    return _WARNING_LABELS.get(code, in_words(code))


def in_words(code: str) -> str:
    """A code as a phrase: `fee_revenue` becomes `Fee revenue`."""
    return code.replace("_", " ").capitalize()


_AUDITED: Mapping[str, str] = {
    "member.link_made": "sign-in link created",
    "draft.started": "draft created",
    "account.begun_anew": "account reset",
    "account.password_chosen": "password set",
    "account.password_forgotten": "password removed by a sign-in link",
}


def audited(action: str) -> str:
    """The label of an action in the audit trail."""
    return _AUDITED.get(action, action.replace(".", " ").replace("_", " "))
