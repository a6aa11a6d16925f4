"""A program that is told one step per line, as JSON, and answers each with a line."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Conversation:
    """Call it with a step; it returns the answer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, *step: object) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(step) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def conversation_with(
    command: Sequence[str | Path], settings: Mapping[str, str]
) -> Iterator[Conversation]:
    """The program ends when its input does, at the end of the `with` block."""
    with subprocess.Popen(
        command,
        env=os.environ | dict(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Conversation(process)
