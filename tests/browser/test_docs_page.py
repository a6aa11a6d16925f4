"""The page at /docs in a real browser."""

from __future__ import annotations

import os
import re
import subprocess
from html import escape
from pathlib import Path

import pytest

from tests.support.programs import find_program
from tests.support.shop import RunningServer

CHROMIUM = find_program("chromium", "chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
FRAME = """<!doctype html><title>-</title>
<iframe style="width: {width}px; height: 800px; border: 0" srcdoc="{page}"></iframe>
<script>
  const frame = document.querySelector("iframe");
  frame.onload = () => {{ document.title = frame.contentDocument.documentElement.scrollWidth; }};
</script>"""


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_the_page_never_scrolls_sideways(
    running_server: RunningServer, tmp_path: Path, width: int
) -> None:
    page = running_server.client().get("/docs").text
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=width, page=escape(page)), encoding="utf-8")

    dom = rendered(frame.as_uri(), tmp_path / "profile")

    assert [str(width)] == re.findall("<title>([^<]*)</title>", dom)


def rendered(url: str, profile: Path) -> str:
    """The document after loading. Skips where there is no browser; CI must have one."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing. Install it: apt-get install chromium")
        pytest.skip("Chromium is missing, so nobody has looked at the page.")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
