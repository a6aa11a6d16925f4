"""A shell in an empty directory: most commands run in this process, some in one of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from orderguard.cli.app import app
from tests.support.builders import a_document

ORDERGUARD = Path(sys.executable).parent / "orderguard"

PATIENCE_SECONDS = 300
"""Ends a test that hangs. `demo --exit` takes 6 s alone, and over a minute on a busy machine."""


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output. Fails when there is anything else."""
        return json.loads(self.stdout)


class Shell:
    """Runs `orderguard` in a directory, with nothing but the given settings."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.settings = {f"ORDERGUARD_{name.upper()}": value for name, value in settings.items()}

    def run(self, *words: str, stdin: str | None = None) -> Answer:
        """A command in this process, which is quick."""
        before = Path.cwd()
        os.chdir(self.directory)
        try:
            result = CliRunner(env=self.settings).invoke(app, words, input=stdin)
        finally:
            os.chdir(before)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    def run_apart(self, *words: str) -> Answer:
        """A command in a process of its own that ends by itself."""
        done = subprocess.run(
            [ORDERGUARD, *words],
            cwd=self.directory,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def running(
        self, *words: str, program: Sequence[str | Path] = (ORDERGUARD,)
    ) -> Iterator[subprocess.Popen[str]]:
        """A command that serves until the block is left; it must then end well."""
        process = subprocess.Popen(
            [*program, *words],
            cwd=self.directory,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            exit_code = process.wait(timeout=PATIENCE_SECONDS)
            said = process.stderr.read() if process.stderr else ""
            assert 0 == exit_code, f"exit code {exit_code}: {said}"
        finally:
            process.kill()
            process.communicate()

    def write(self, name: str, text: str) -> str:
        """A file in the directory; the name, for convenience."""
        (self.directory / name).write_text(text, encoding="utf-8")
        return name

    def a_merchant(self, name: str = "acme") -> str:
        """A merchant with that name, and the database if there is none; the id."""
        self.run("db", "upgrade")
        created: str = self.run("merchants", "create", name, "--json").document["id"]
        return created

    def a_configuration(self, name: str = "shop.json", **changes: Any) -> str:
        """A file with a configuration that is fine but for these changes; its name."""
        return self.write(name, json.dumps(a_document(**changes)))

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ORDERGUARD_")}
        return inherited | self.settings
