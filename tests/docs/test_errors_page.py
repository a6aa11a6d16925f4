"""docs/errors.md has every error, as the code answers it."""

from __future__ import annotations

import re
from typing import get_args

from tools.generate_errors_page import errors

from orderguard.http.wire.refusal import Code
from orderguard.running.wiring_backstage import API
from tests.docs.snippets import ROOT

PAGE = (ROOT / "docs/errors.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_code_answers() -> None:
    assert errors() == PAGE, "run .venv/bin/python tools/generate_errors_page.py"


def test_every_code_has_a_section_with_its_statuses() -> None:
    sections = set(re.findall(r"(?m)^## (\w+)$", PAGE))
    statuses = {each["x-status"] for each in API.document["components"]["responses"].values()}

    assert {*get_args(Code), "401", "422", "ORDER_NOT_FOUND", "COVERAGE_NOT_FOUND"} == sections
    assert {400, 401, 403, 404, 405, 408, 409, 415, 422, 429, 431, 500, 503} == statuses
