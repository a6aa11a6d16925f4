"""The pages at and below /docs in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chromium
from tests.support.shop import RunningServer

WIDTHS = (320, 375, 1280)
PIXELS_AT_MOST = 60_000
"""The height of a page: it was 144,000 when there was one page for all."""


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_scrolls_sideways_or_is_as_long_as_the_one_was(
    running_server: RunningServer, tmp_path: Path, width: int
) -> None:
    with chromium.running_chromium(tmp_path / "profile") as browser:
        page = browser.page(width=width)
        for path in ("", "/offers", "/orders", "/acceptance", "/admin/drafts", "/search?q=order"):
            page.goes_to(f"{running_server.url}/docs{path}")

            assert width == page.evaluate("document.documentElement.scrollWidth"), path
            assert PIXELS_AT_MOST > page.evaluate("document.documentElement.scrollHeight"), path
            assert [] == page.complaints


SHOWN = "[...document.querySelectorAll('.samples pre')].filter(each => each.offsetParent)"


def test_a_reader_chooses_a_language_by_keyboard_and_without_scripts(
    running_server: RunningServer, tmp_path: Path
) -> None:
    with chromium.running_chromium(tmp_path / "profile") as browser:
        page = browser.page(scripts=False)
        page.goes_to(f"{running_server.url}/docs/offers")
        first = page.evaluate(f"{SHOWN}[0].textContent")
        page.evaluate("document.querySelector('.samples input').focus(); undefined")

        page.presses("ArrowRight")

        shown = page.evaluate(f"{SHOWN}[0].textContent")
        assert first.startswith("curl -X POST")
        assert shown.startswith("import httpx")
        # The other example keeps its own language: nobody is there to change it.
        assert page.evaluate(f"{SHOWN}[1].textContent").startswith("curl ")


def test_with_scripts_one_choice_holds_for_all_examples_and_the_next_page(
    running_server: RunningServer, tmp_path: Path
) -> None:
    with chromium.running_chromium(tmp_path / "profile") as browser:
        page = browser.page()
        page.goes_to(f"{running_server.url}/docs/offers")
        page.clicks("document.querySelector('.samples input[value=PHP]')")
        page.goes_to(f"{running_server.url}/docs/orders")

        shown = page.evaluate(f"{SHOWN}.map(each => each.textContent)")
        assert shown
        assert all(each.startswith("<?php") for each in shown)
        assert page.evaluate("document.querySelectorAll('.copy').length") >= len(shown)
        assert [] == page.complaints


def test_a_printed_page_has_its_examples_and_no_controls(
    running_server: RunningServer, tmp_path: Path
) -> None:
    with chromium.running_chromium(tmp_path / "profile") as browser:
        page = browser.page()
        page.goes_to(f"{running_server.url}/docs/offers")
        page.prints()

        assert page.evaluate(f"{SHOWN}.length") >= 2
        controls = "document.querySelectorAll('nav, .search, .copy, .samples label')"
        assert not page.evaluate(f"[...{controls}].some(each => each.offsetParent)")
