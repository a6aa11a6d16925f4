"""Writes docs/errors.md from the error responses that the OpenAPI document describes.

Run it after a change of an error: .venv/bin/python tools/generate_errors_page.py
"""

from __future__ import annotations

from pathlib import Path

from orderguard.http.openapi.errors_page import errors_markdown
from orderguard.running.wiring_backstage import API

TARGET = Path(__file__).parents[1] / "docs/errors.md"

MARK = "<!-- From here on by tools/generate_errors_page.py; do not edit. -->\n"


def errors() -> str:
    """The whole page: what people wrote above the mark, and the tables."""
    above = TARGET.read_text(encoding="utf-8").partition(MARK)[0]
    return "".join([above, MARK, *errors_markdown(API.document)])


if __name__ == "__main__":
    TARGET.write_text(errors(), encoding="utf-8")
