"""What the documents tell people to type works when typed."""

from __future__ import annotations

import os
import re
import shutil
import socket
from pathlib import Path

import pytest

from tests.docs.snippets import (
    DOCUMENTS,
    ROOT,
    Snippet,
    read_snippets,
    run_snippets,
    without_identities,
)
from tests.support.programs import find_program

EXECUTED = [
    document
    for document in DOCUMENTS
    if any(snippet.is_executed for snippet in read_snippets(document))
]
LANGUAGES = {"node": "nodejs", "php": "php-cli"}
MARKS = ("", "background", "answer", "pgbouncer")
MARKS_WITH_MORE = ("not executed: ", "file: ")


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
    # Given a document, in a directory with a virtual environment to enter, and our recipes
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/activate").touch()
    shutil.copytree(ROOT / "recipes", tmp_path / "recipes")
    snippets = read_snippets(document)
    require_tools(snippets)

    # When a reader types all of it, top to bottom
    printed = run_snippets(snippets, tmp_path, port=a_free_port())

    # Then the answers are those that the document shows
    for shown, answer in answers(snippets, printed):
        assert without_identities(shown) == without_identities(answer)


def answers(snippets: list[Snippet], printed: list[str]) -> list[tuple[str, str]]:
    """Each answer that the document shows, with what was printed where it stands."""
    found = []
    executed = 0
    for snippet in snippets:
        executed += snippet.is_executed
        if snippet.mark == "answer":
            found.append((snippet.text, printed[executed - 1]))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_mark_on_a_snippet_is_one_that_we_know(document: Path) -> None:
    marks = [snippet.mark for snippet in read_snippets(document)]

    assert [] == [m for m in marks if m not in MARKS and not m.startswith(MARKS_WITH_MORE)]


def test_the_readme_and_the_integrators_page_are_among_the_executed() -> None:
    assert {"README.md", "docs/integrate.md"} <= {name_of(document) for document in EXECUTED}
