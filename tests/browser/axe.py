"""axe-core in a page: what is wrong for those who cannot see, point, or tell colours apart."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.browser.chromium import Page

AXE = Path(__file__).parents[2] / "widget/node_modules/axe-core/axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page) -> list[str]:
    """Every violation in the page as it is now, with the elements; none is what it should be.

    Skips, loudly, where axe-core is not installed; CI must have it.
    """
    if not AXE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{AXE} is missing. Install it: cd widget && npm ci")
        pytest.skip("axe-core is missing (cd widget && npm ci), so nobody has checked the page.")
    # The debugger is not bound by the page's content security policy.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(
        f"window.axeFound = null; axe.run({{runOnly: {json.dumps(RULES)}}})"
        ".then(result => { window.axeFound = result.violations.map(each => "
        "each.id + ': ' + each.nodes.map(node => node.html).join(' ')) })"
        ".catch(error => { window.axeFound = ['axe failed: ' + error] }); undefined"
    )
    page.waits_for("window.axeFound !== null")
    found: list[str] = page.evaluate("window.axeFound")
    return found
