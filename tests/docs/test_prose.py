"""The measure of our prose counts what readers stumble over, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.snippets import ROOT

VAGUE = "Whoever stands in front of us is not believed."
PLAIN = "The proxy's headers are not believed."


def measured(*arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, ROOT / "tools/prose.py", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.py", f'"""{VAGUE}"""\n# {PLAIN}\n'),
        ("a.py", f'"""{PLAIN}"""\n# {VAGUE}\n'),
        ("a.ts", f"/* {VAGUE} */\n// {PLAIN}\n"),
        ("a.php", f"<?php\n/** {PLAIN} */\n// {VAGUE}\n"),
        ("a.md", f"{VAGUE}\n\n{PLAIN}\n\n```sh\necho {VAGUE}\n```\n"),
    ],
)
def test_docstrings_comments_and_paragraphs_are_measured(
    tmp_path: Path, name: str, source: str
) -> None:
    file = tmp_path / name
    file.write_text(source)

    assert measured(file).startswith("1 of 2 texts ")
    assert f"{file}:{source[: source.index(VAGUE)].count(chr(10)) + 1}: " in measured(
        "--list", file
    )


def test_names_and_texts_of_the_program_are_not_measured(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"nobody = '{VAGUE}'\n")

    assert measured(tmp_path).startswith("0 of 0 texts ")


def test_the_repository_is_within_its_limit() -> None:
    assert "at most" in measured()
