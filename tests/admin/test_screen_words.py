"""Screens speak of what merchants know: no name of the wire stands in a template as a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderguard.admin.console.order_words import VERDICT_ADVICE, VERDICT_LABELS, audited
from orderguard.admin.console.wire_names import as_shown, plain
from orderguard.domain.orders.fee_verdict import VERDICTS_TO_REVIEW, FeeVerdict
from tests.docs.snippets import ROOT

TEMPLATES = sorted((ROOT / "src/orderguard/admin/console/templates").glob("*.j2"))
NO_WORDS = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(code|pre|script)\b.*?</\1>|<[^>]*>", re.DOTALL
)
WIRE_NAME = re.compile(r"\b[a-z]+(?:[A-Z][a-z0-9]*|_[a-z0-9]+)+\b")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_no_template_shows_a_name_of_the_wire(template: Path) -> None:
    assert [] == WIRE_NAME.findall(NO_WORDS.sub(" ", template.read_text()))


def test_modes_and_codes_are_shown_in_words_and_conditions_as_code() -> None:
    assert "return coverage, fee ignore items" == plain("returnCoverage, fee ignore_items")
    assert "1.5 % of shipping protection" == as_shown("1.5 % of shippingProtection")
    assert "<code>cart.isB2B &amp;&amp; true</code>" == as_shown("cart.isB2B && true")
    assert "a &lt;b&gt;" == as_shown("a <b>")


def test_every_verdict_to_review_has_a_label_and_says_what_to_do() -> None:
    assert set(FeeVerdict) == set(VERDICT_LABELS)
    assert set(VERDICTS_TO_REVIEW) <= set(VERDICT_ADVICE)
    assert [] == [each for each in VERDICT_ADVICE.values() if WIRE_NAME.search(each)]


ACTS = {
    "added", "cancelled", "changed", "closed", "created", "deleted", "disabled", "enabled",
    "failed", "imported",
    "issued", "joined", "registered", "removed", "renamed", "replayed", "reset", "revoked", "saved",
    "scheduled", "set", "started", "stopped", "rescheduled", "published", "opened", "moved",
}  # fmt: skip
"""The verbs of audited actions, in the past; each is the verb of a command or button."""


def audited_actions() -> set[str]:
    recorded = re.compile(r'action=f?"([a-z_]+\.[a-z_]+)"|record_with_all\([^"]*"([a-z_.]+)"')
    return {
        found[1] or found[2]
        for file in (ROOT / "src/orderguard/actions").glob("*.py")
        for found in recorded.finditer(file.read_text())
    }


@pytest.mark.parametrize("action", sorted(audited_actions()))
def test_the_console_names_an_audited_act_by_one_of_our_verbs(action: str) -> None:
    words = audited(action)

    assert not WIRE_NAME.search(words)
    assert ACTS & set(words.split()) or words.endswith("rolled back"), words
