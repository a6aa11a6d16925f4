"""The output of `orderguard sessions explain`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from orderguard.actions.explain_session import ExplainedSession
from orderguard.cli.output import console, print_table
from orderguard.domain.what_if.explanation import Explanation
from orderguard.domain.what_if.explanation_words import (
    compared_in_words,
    differences_in_words,
    price_steps,
)


def print_explanation(told: ExplainedSession) -> None:
    """Print the answer, checks, prices, differences, and changes to the cart that reverse it."""
    offer = told.analysis.offer
    charge = f", {offer.charge.amount}" if offer.charge else ""
    _say(
        f"{told.session.id}, analysis {told.ordinal} of {told.session.analysis_count}, "
        f"{told.analysis.at:%Y-%m-%d %H:%M:%S} UTC: {offer.reason}{charge}"
    )
    _say(f"Request {told.analysis.request_id}, {_configuration(told)}; session {told.outcome}.")
    if not told.analysis.cart_has_lines:
        _say("It cannot be explained: the lines of its cart were not kept (see the limits).")
    elif told.explanation is None:
        _say("It cannot be explained: its configuration cannot be read any more, or it failed.")
    else:
        _print_checks(told.explanation)
        _print_prices(told.explanation)
    for change in told.nearest:
        _say(f"{'Hidden' if offer.eligible else 'Offered'} {change}.")
    if told.against is not None:
        print_table(
            (f"CHANGED SINCE {told.against}", "BEFORE", "AFTER"),
            differences_in_words(told.differences, told.analysis.cart.currency),
            empty=f"Nothing changed since analysis {told.against}.",
        )
        if told.more_differences:
            _say(f"And {told.more_differences} more.")


def explanation_document(told: ExplainedSession) -> dict[str, Any]:
    """The explanation as JSON, for programs."""
    offer = told.analysis.offer
    return {
        "id": told.session.id,
        "outcome": told.outcome,
        "order": told.order,
        "analysis_count": told.session.analysis_count,
        "analysis": told.ordinal,
        "at": told.analysis.at,
        "request_id": told.analysis.request_id,
        "configuration_version": told.analysis.configuration_version,
        "reason": offer.reason,
        "amount": offer.charge.amount.amount if offer.charge else None,
        "currency": told.analysis.cart.currency,
        "checks": [asdict(each) for each in told.explanation.checks] if told.explanation else None,
        "nearest_changes": [str(each) for each in told.nearest],
        "against": told.against,
        "differences": [asdict(each) for each in told.differences],
        "more_differences": told.more_differences,
    }


def _configuration(told: ExplainedSession) -> str:
    version = told.analysis.configuration_version
    return "no configuration" if version is None else f"configuration version {version}"


def _print_checks(explanation: Explanation) -> None:
    print_table(
        ("CHECK", "", "COMPARED"),
        [
            (each.reason, "passed" if each.passed else "FAILED", compared_in_words(each.compared))
            for each in explanation.checks
        ],
        empty="",
    )
    for line in (*explanation.excluded_lines, *explanation.coverage_lines):
        _say(f"Line {line.line_id} is not covered, because {line.because}.")


def _print_prices(explanation: Explanation) -> None:
    for mode, price, steps in price_steps(explanation):
        print_table((mode, price), steps, empty="")


def _say(text: str) -> None:
    console().print(text, markup=False)
