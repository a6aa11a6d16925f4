"""The one story from the first offer on, typed from beginning to end, and the page looked at."""

from __future__ import annotations

from pathlib import Path

from tests.browser.chromium import Browser, running_chromium
from tests.browser.shop_page import BOX, VIEW
from tests.docs.quickstart import SECONDS_AT_MOST, seconds_by_section, story, walk
from tests.docs.test_snippets import compare, lay_out, require_tools

ATTEMPTS = 20
COVERED = "Covered: returnCoverage for 5000, shippingProtection for 5000."


def test_the_quickstart_leads_from_nothing_to_covered_orders(tmp_path: Path) -> None:
    # Given a clone, and nothing in the environment
    require_tools(story())
    lay_out(tmp_path)

    def buy(ports: dict[str, int]) -> None:
        """Tick the box on the page of the quickstart's shop, and place the order."""
        with running_chromium(tmp_path / "profile") as browser:
            assert COVERED in said_by(browser, f"http://127.0.0.1:{ports['8081']}/")

    # When a person types all of it, then opens the shop, ticks the box and places the order
    printed = walk(tmp_path, meanwhile=buy)

    # Then every answer is the one that the document shows, and each step has its seconds
    compare(story(), printed)
    took = seconds_by_section(printed)
    print(took)
    assert set(SECONDS_AT_MOST) <= set(took)


def said_by(browser: Browser, url: str) -> str:
    """What the shop says after the order. On a busy machine the offer may come at a later load."""
    page = browser.page()
    for _ in range(ATTEMPTS):
        page.goes_to(url)
        if page.waits_for(f"['shown', 'hidden'].includes({VIEW}) && {VIEW}") == "shown":
            break
    page.clicks(BOX)
    page.clicks("document.querySelector('button')")
    said: str = page.waits_for("document.querySelector('[role=status]').textContent")
    return said
