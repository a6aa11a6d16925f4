"""The fenced blocks of a document, and one shell session that runs them in order.

Every `sh` and `python` block is executed, unless a comment right before it says otherwise:

    <!-- not executed: WHY -->   shown only
    <!-- background -->          runs beside the others; they wait until the server answers
    <!-- background: URL -->     the same, until this address answers
    <!-- background: prints -->  the same, until it has printed something
    <!-- file: NAME -->          the block becomes this file
    <!-- answer -->              a JSON block: what the block before it printed
    <!-- prints -->              a text block: the same, word for word

`<!-- continues: PATH -->` names the document whose blocks run first, in the same session. The ports
8080, 8081 and 8082 in a document stand for free ports.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from tests.support.programs import find_program

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("contract/*.md")])

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CONTINUES = re.compile(r"^<!-- continues: (\S+) -->$", re.MULTILINE)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_SEPARATOR = re.compile(r"\n@@ the next block, (?P<at>[\d.]+) @@\n")
_SEPARATE = r"printf '\n@@ the next block, %s @@\n' $(date +%s.%N)"
_WAIT = "for _ in $(seq 600); do {begun} && break; sleep 0.1; done"
_HEALTH = "http://127.0.0.1:8080/healthz"
_PORTS = re.compile(r"\b(8080|8081|8082)\b")
_WALKED = "all-blocks-have-run"
_MAY_END = "the-session-may-end"
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
    section: str = ""
    """The heading of the second level above it."""

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
        if self.mark == "background" or self.mark.startswith("background: "):
            url = self.mark.partition(": ")[2] or _HEALTH
            file = f"background-{crc32(self.text.encode())}"
            beside = f"{{\n{self.text}}} >{file}.out 2>{file}.err </dev/null &"
            begun = f"[ -s {file}.out ]" if url == "prints" else f"curl -sf {url} >{file}.health"
            return f"{beside}\n{_WAIT.format(begun=begun)}\n"
        return self.text


@dataclass(frozen=True)
class Printed:
    """What an executed block printed, and when it had ended, in seconds since the epoch."""

    text: str
    at: float


def read_snippets(document: Path) -> list[Snippet]:
    """The blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    headings = [(found.start(), found[1]) for found in _HEADING.finditer(text)]
    return [
        Snippet(
            found["language"],
            found["text"],
            found["mark"] or "",
            next((name for at, name in reversed(headings) if at < found.start()), ""),
        )
        for found in _BLOCK.finditer(text)
    ]


def read_story(document: Path) -> list[Snippet]:
    """The blocks of a document after those of the document that it continues."""
    before = _CONTINUES.search(document.read_text(encoding="utf-8"))
    earlier = read_story((document.parent / before[1]).resolve()) if before else []
    return [*earlier, *read_snippets(document)]


def run_snippets(
    snippets: list[Snippet],
    directory: Path,
    *,
    environment: Mapping[str, str] | None = None,
    meanwhile: Callable[[dict[str, int]], None] = lambda _ports: None,
) -> list[Printed]:
    """What each executed block printed. Raises `AssertionError` with the output when one fails.

    `meanwhile` is called after the last block, while servers still run, with the port for each
    port of the document.
    """
    ports = {name: free_port() for name in ("8080", "8081", "8082")}
    shell, walked = _start(_script(snippets), directory, ports, environment or _environment())
    try:
        while shell.poll() is None and not walked.exists():
            time.sleep(0.05)
        if walked.exists():
            meanwhile(ports)
        walked.with_name(_MAY_END).touch()
        shell.wait(timeout=30)
    finally:
        # The session is the process group of everything the shell started, servers included.
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
    printed = (directory / "session.out").read_text(encoding="utf-8")
    complaints = (directory / "session.err").read_text(encoding="utf-8")
    assert 0 == shell.returncode, f"{printed}\n{complaints}"
    texts = _SEPARATOR.split(printed)
    return [Printed(text, float(at)) for text, at in zip(texts[::2], texts[1::2], strict=False)]


def _script(snippets: list[Snippet]) -> str:
    script = 'set -euo pipefail\nTOP="$PWD"\n'
    for snippet in snippets:
        if snippet.is_executed:
            script += f"{snippet.as_shell()}\n{_SEPARATE}\n"
    last = f'touch "$TOP/{_WALKED}"; until [ -e "$TOP/{_MAY_END}" ]; do sleep 0.1; done\n'
    return script + last


def _start(
    script: str, directory: Path, ports: Mapping[str, int], environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], Path]:
    """The shell, and the file that it makes after the last block. It ends after 240 seconds."""
    (directory / "session.sh").write_text(
        _PORTS.sub(lambda found: str(ports[found[0]]), script), encoding="utf-8"
    )
    with (
        (directory / "session.out").open("wb") as printed,
        (directory / "session.err").open("wb") as complaints,
    ):
        shell = subprocess.Popen(
            ["timeout", "--foreground", "240", find_program("bash") or "bash", "session.sh"],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complaints,
            start_new_session=True,
        )
    return shell, directory / _WALKED


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
