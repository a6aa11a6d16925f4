"""Errors as JSON on standard error, when the command is called with `--json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextvars import ContextVar

WANTED = ContextVar("json_errors_wanted", default=False)
"""Whether the command that runs was called with `--json`."""


def print_json_error(message: str, problems: Iterable[Mapping[str, str]] = ()) -> None:
    """Print `{"error": {"message": …}}`, with the problems of a document if there are any."""
    told: dict[str, object] = {"message": message}
    if listed := list(problems):
        told["problems"] = listed
    sys.stderr.write(json.dumps({"error": told}, ensure_ascii=False) + "\n")
