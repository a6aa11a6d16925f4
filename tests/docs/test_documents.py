"""The documents agree with the code, with each other, and with themselves."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.http.app import ORDER_VERSIONS
from orderguard.http.metrics import Metrics
from orderguard.settings import PREFIX, Settings
from tests.docs.snippets import DOCUMENTS, ROOT

SOURCE = ROOT / "src/orderguard"
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
FIRST_WITH_WHAT_WAS_REJECTED = "0043"

_LINK = re.compile(r"\[[^\]]*\]\((?!https?://)(?P<target>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
_EVENT = re.compile(
    r"\b(?:log\.(?:debug|info|warning|error|exception)|log_info)\((?P<arguments>[^)]*)", re.DOTALL
)
_NAME_OF_EVENT = re.compile(r'"([a-z_]+(?:\.[a-z_]+)*)"')


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def table_under(path: str, header: str) -> list[list[str]]:
    """The rows of the table whose header begins with these words, cell by cell."""
    lines = text_of(path).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {header} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def names_in(cells: list[str]) -> list[str]:
    """What stands between backticks."""
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_reasons_an_integrator_reads_are_those_that_exist_in_order_of_precedence() -> None:
    # The table begins with the good news; in the code it is what remains at the end.
    *disqualifications, eligible = EligibilityReason

    documented = names_in([row[0] for row in table_under("docs/integrate.md", "reason")])

    assert [eligible, *disqualifications] == documented


def test_the_settings_an_operator_reads_are_those_that_exist_with_their_defaults() -> None:
    rows = table_under("docs/operating.md", "variable")

    documented = {names_in(row[:1])[0]: names_in(row[1:2])[0] for row in rows}

    existing = {
        PREFIX + field.name.upper(): as_written(field.default) for field in fields(Settings)
    }
    assert existing == documented


def test_the_order_versions_are_those_that_are_served_with_what_they_require() -> None:
    rows = table_under("docs/versions.md", "route")

    documented = {names_in(row[:1])[0].split("/")[2]: row[1].startswith("required") for row in rows}

    assert ORDER_VERSIONS == documented


def as_written(default: object) -> str:
    """A default as people would set it in the environment."""
    if default == "":
        return "empty"
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_the_metrics_an_operator_watches_are_those_that_exist() -> None:
    documented = names_in([row[0] for row in table_under("docs/operating.md", "metric")])

    exposed = {
        line.split()[2]
        for line in Metrics().exposition().decode().splitlines()
        if line.startswith("# TYPE") and not line.split()[2].endswith("_created")
    }
    assert exposed == set(documented)


def test_the_events_an_operator_looks_for_are_those_that_are_logged() -> None:
    documented = names_in([row[0] for row in table_under("docs/operating.md", "event")])

    logged = {
        name
        for module in SOURCE.rglob("*.py")
        for call in _EVENT.finditer(module.read_text(encoding="utf-8"))
        for name in _NAME_OF_EVENT.findall(call["arguments"].split("=")[0])
    }
    assert logged == set(documented)


@pytest.mark.parametrize("row", table_under("docs/glossary.md", "say"), ids=lambda row: row[0])
def test_a_term_of_the_glossary_is_defined_where_the_glossary_says(row: list[str]) -> None:
    for place in names_in(row[4:5]):
        file, name = place.split(": ")

        definition = rf"(?m)^\s*(class {name}\b|def {name}\b|{name}(: [^=\n]+)?( =|$))"
        assert re.search(definition, (SOURCE / file).read_text(encoding="utf-8")), place


@pytest.mark.parametrize("row", table_under("docs/glossary.md", "say"), ids=lambda row: row[0])
def test_a_word_of_the_glossary_for_screens_is_on_a_screen(row: list[str]) -> None:
    files = [*(SOURCE / "admin").rglob("*.j2"), *(SOURCE / "admin").rglob("*.py")]
    labels = [SOURCE / "domain/coverage_mode.py", *(SOURCE / "domain/configuration").glob("*.py")]
    screens = "\n".join(file.read_text(encoding="utf-8") for file in [*files, *labels]).lower()

    assert [] == [word for word in row[3].split(", ") if word.lower() not in screens]


def test_no_class_or_module_is_called_by_a_word_that_the_glossary_avoids() -> None:
    avoided = ("basket", "checkoutsession", "evaluation", "surcharge", "purchase", "quoteid")

    names = [
        name.lower().replace("_", "")
        for module in SOURCE.rglob("*.py")
        for name in (module.stem, *re.findall(r"^class (\w+)", module.read_text(), re.MULTILINE))
    ]

    assert [] == [name for name in names if any(word in name for word in avoided)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for link in _LINK.finditer(document.read_text(encoding="utf-8")):
        target = (document.parent / link["target"]).resolve() if link["target"] else document

        assert target.exists(), link[0]
        if link["anchor"]:
            assert link["anchor"] in anchors_of(target), link[0]


def anchors_of(document: Path) -> set[str]:
    """The headings of a document as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`([\w/]+\.(?:py|toml))`", text_of("ARCHITECTURE.md"))))
)
def test_a_file_that_the_architecture_names_exists(path: str) -> None:
    assert (SOURCE / path).exists() or (ROOT / path).exists()


def test_decisions_are_numbered_from_one_without_a_gap() -> None:
    numbers = [int(decision.name[:4]) for decision in DECISIONS]

    assert list(range(1, len(DECISIONS) + 1)) == numbers


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_its_parts_and_a_place_in_the_list(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    number = decision.name[:4]

    assert text.startswith(f"# {number} ")
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert ["Context", "Decision", "Consequences"] == [each for each in parts if each != "Rejected"]
    title = text.splitlines()[0].removeprefix(f"# {number} ")
    entry = f"| [{number}]({decision.name}) | {title} |"
    assert entry in text_of("docs/decisions/README.md")


@pytest.mark.parametrize(
    "decision",
    [each for each in DECISIONS if each.name >= FIRST_WITH_WHAT_WAS_REJECTED],
    ids=lambda path: path.stem,
)
def test_a_decision_says_what_was_rejected(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")

    assert re.search(r"^(## )?Rejected\b", text, re.MULTILINE), "see docs/decisions/template.md"


def test_the_changelog_has_a_place_for_what_is_not_released_yet() -> None:
    assert "\n## [Unreleased]\n" in text_of("CHANGELOG.md")


def test_the_readme_says_what_we_are_to_loop() -> None:
    assert "Compatible with, and not affiliated to, Loop's Checkout+." in text_of("README.md")
