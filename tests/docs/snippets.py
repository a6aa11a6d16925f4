"""The fenced blocks of a document, and one shell session that runs them in order.

Every `sh` and `python` block is executed, unless a comment right before it says otherwise:

    <!-- not executed: WHY -->   shown only
    <!-- background -->          runs beside the others; they wait until the server answers
    <!-- file: NAME -->          the block becomes this file
    <!-- answer -->              a JSON block: what the block before it printed

Port 8080 in a document stands for the port that the run was given.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.programs import find_program

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("contract/*.md")])

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_SEPARATOR = "@@ the next block @@"
_WAIT = (
    "for _ in $(seq 150); do "
    "curl -sf http://127.0.0.1:8080/healthz >background.health && break; sleep 0.1; done"
)
# What differs from run to run, and what stands for it in an answer.
_IDENTITIES = (
    (re.compile(r"lop_[A-Za-z0-9]{20}"), "lop_…"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"), "…+00:00"),
)


@dataclass(frozen=True)
class Snippet:
    """One fenced block with the comment before it."""

    language: str
    text: str
    mark: str = ""

    @property
    def is_executed(self) -> bool:
        is_code = self.language in ("sh", "python") and not self.mark.startswith("not executed: ")
        return is_code or self.mark.startswith("file: ")

    def as_shell(self) -> str:
        """What a shell has to do for this block."""
        if self.mark.startswith("file: "):
            return _here_document(f"cat > {self.mark.removeprefix('file: ')}", self.text)
        if self.language == "python":
            return _here_document("python3 -", self.text)
        if self.mark == "background":
            return f"{{\n{self.text}}} >background.out 2>background.err </dev/null &\n{_WAIT}\n"
        return self.text


def read_snippets(document: Path) -> list[Snippet]:
    """The blocks of a document, in order."""
    return [
        Snippet(found["language"], found["text"], found["mark"] or "")
        for found in _BLOCK.finditer(document.read_text(encoding="utf-8"))
    ]


def run_snippets(snippets: list[Snippet], directory: Path, *, port: int) -> list[str]:
    """What each executed block printed. Raises `AssertionError` with the output when one fails."""
    script = "set -euo pipefail\n"
    for snippet in snippets:
        if snippet.is_executed:
            script += f"{snippet.as_shell()}\nprintf '\\n%s\\n' '{_SEPARATOR}'\n"
    shell = subprocess.Popen(
        [find_program("bash") or "bash"],
        cwd=directory,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        printed, complaints = shell.communicate(script.replace("8080", str(port)), timeout=120)
    finally:
        # The session is the process group of everything the shell started, servers included.
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
    assert 0 == shell.returncode, f"{printed}\n{complaints}"
    return printed.split(f"\n{_SEPARATOR}\n")[:-1]


def without_identities(text: str) -> Any:
    """A JSON answer in which ids and instants of this run are replaced."""
    for pattern, stand_in in _IDENTITIES:
        text = pattern.sub(stand_in, text)
    return json.loads(text)


def _here_document(command: str, text: str) -> str:
    return f"{command} <<'END OF BLOCK'\n{text}END OF BLOCK\n"


def _environment() -> dict[str, str]:
    """The user's own, with our commands first and none of our settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORDERGUARD")}
    # The documents enter the virtual environment by hand; here it is entered already.
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
