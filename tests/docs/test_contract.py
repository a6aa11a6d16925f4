"""What the code cites is in the repository, and the contract says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from tests.docs.snippets import ROOT

CONTRACT = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
SECTIONS = re.findall(r"^## (\d+) ", CONTRACT, re.MULTILINE)
SOURCES = [
    path
    for folder in ("src", "tests", "tools", "bench", "widget/src", "widget/test", "recipes")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".ts", ".mjs", ".php") and path != Path(__file__)
]
ELSEWHERE = re.compile(r"[(;] ?(?:the )?brief\b|\bthe brief\b|[(,;] ?issue \d", re.IGNORECASE)
"""Papers that the repository does not have."""


def cited_in(text: str) -> set[str]:
    return {
        number
        for citation in re.findall(r"contract((?:,? (?:and |to )?§\d+)+)", text)
        for number in re.findall(r"\d+", citation)
    }


def test_sections_are_numbered_from_one() -> None:
    assert [str(number) for number in range(1, len(SECTIONS) + 1)] == SECTIONS


def test_every_section_that_is_cited_is_there() -> None:
    cited = {number: path for path in SOURCES for number in cited_in(path.read_text())}

    assert "9" in cited
    assert set() == set(cited) - set(SECTIONS)


@pytest.mark.parametrize("folder", ["src", "tests", "widget"])
def test_nothing_cites_what_is_not_in_the_repository(folder: str) -> None:
    places = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in SOURCES
        if path.is_relative_to(ROOT / folder)
        for found in ELSEWHERE.finditer(path.read_text(encoding="utf-8"))
    ]

    assert [] == places


def test_the_reasons_stand_in_their_order_of_precedence() -> None:
    documented = re.findall(r"^\| \d+ \| `(\w+)` \|", CONTRACT, re.MULTILINE)

    others = {EligibilityReason.ELIGIBLE, EligibilityReason.SYSTEM_ERROR}
    assert [each.value for each in EligibilityReason if each not in others] == documented
