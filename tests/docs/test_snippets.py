"""What the documents tell people to type works when typed."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.docs.snippets import (
    DOCUMENTS,
    ROOT,
    Printed,
    Snippet,
    read_snippets,
    read_story,
    run_snippets,
    without_identities,
)
from tests.support.programs import find_program

WALKED = [ROOT / "README.md", ROOT / "docs/quickstart.md"]
"""test_quickstart.py executes these."""
EXECUTED = [
    document
    for document in DOCUMENTS
    if document not in WALKED and any(each.is_executed for each in read_snippets(document))
]
LANGUAGES = {"node": "nodejs", "php": "php-cli"}
MARKS = ("", "background", "answer", "prints", "pgbouncer")
MARKS_WITH_MORE = ("not executed: ", "file: ", "background: ")


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def require_tools(snippets: list[Snippet]) -> None:
    """Skip, loudly, where a document's language is missing; never where .ci/run installs it."""
    script = "\n".join(each.text for each in snippets if each.is_executed)
    for tool, package in LANGUAGES.items():
        if re.search(rf"^{tool} ", script, re.MULTILINE) and not find_program(tool):
            installed = package in (ROOT / ".ci/run").read_text(encoding="utf-8")
            assert not (os.environ.get("CI") and installed), f"{tool} is needed"
            pytest.skip(f"THE DOCUMENT WAS NOT EXECUTED: this needs {tool} (package {package})")


@pytest.fixture
def _curl() -> None:
    if not find_program("curl") or not find_program("bash"):
        assert not os.environ.get("CI"), "curl and bash are needed; .ci/run installs them"
        pytest.skip("THE DOCUMENTS WERE NOT EXECUTED: this needs curl and bash")


@pytest.mark.usefixtures("_curl")
@pytest.mark.parametrize("document", EXECUTED, ids=name_of)
def test_every_snippet_of_a_document_works(document: Path, tmp_path: Path) -> None:
    # Given a document with what it continues, in the layout of a clone
    snippets = read_story(document)
    require_tools(snippets)
    lay_out(tmp_path)

    # When a reader types all of it, top to bottom
    printed = run_snippets(snippets, tmp_path)

    # Then the answers are those that the document shows
    compare(snippets, printed)


def lay_out(directory: Path) -> None:
    """What a clone has: a virtual environment to enter, and our recipes."""
    (directory / ".venv/bin").mkdir(parents=True)
    (directory / ".venv/bin/activate").touch()
    shutil.copytree(ROOT / "recipes", directory / "recipes")


def compare(snippets: list[Snippet], printed: list[Printed]) -> None:
    """Fails unless every answer that a document shows was printed where it stands."""
    executed = 0
    for snippet in snippets:
        executed += snippet.is_executed
        if snippet.mark == "answer":
            answer = printed[executed - 1].text
            assert without_identities(snippet.text) == without_identities(answer)
        if snippet.mark == "prints":
            assert snippet.text.strip() == printed[executed - 1].text.strip()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_mark_on_a_snippet_is_one_that_we_know(document: Path) -> None:
    marks = [snippet.mark for snippet in read_snippets(document)]

    assert [] == [m for m in marks if m not in MARKS and not m.startswith(MARKS_WITH_MORE)]


def test_the_integrators_page_is_among_the_executed() -> None:
    assert "docs/integrate.md" in {name_of(document) for document in EXECUTED}
