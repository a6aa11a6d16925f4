"""What somebody does in the console who goes by what is on the page: words of links and labels."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser.chromium import Page

ARRIVED = "!document.isOld && document.readyState === 'complete'"

_SEEN = "each => each.checkVisibility()"
_SAID = "each.textContent.trim().replace(/\\s+/g, ' ')"
_WORDS = "(each.getAttribute('aria-label') ?? each.textContent).trim().replace(/\\s+/g, ' ')"


class Person:
    """Somebody at a page. Whatever is not there to be seen cannot be used."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def follows(self, words: str, *, within: str = "document") -> None:
        """Click the link or button of these words, which leads to another page."""
        element = self._of(f"{within}.querySelectorAll('a, button')", words)
        self.page.waits_for(f"Boolean({element})")
        self.page.evaluate("document.isOld = true; undefined")
        self.page.evaluate(f"{element}.click()")
        self.page.waits_for(ARRIVED)

    def clicks(self, words: str, *, within: str = "document") -> None:
        """The same, where the page stays."""
        self.page.clicks(self._of(f"{within}.querySelectorAll('a, button')", words))

    def opens(self, words: str, *, within: str = "document") -> None:
        """Open what is folded up under these words."""
        self.page.clicks(self._of(f"{within}.querySelectorAll('summary')", words))

    def types(self, label: str, text: str) -> None:
        """Replace what is in the field of this label."""
        field = self._of("document.querySelectorAll('label')", label) + "?.control"
        self.page.waits_for(f"Boolean({field})")
        self.page.evaluate(f"{field}.focus(); {field}.select(); undefined")
        self.page.types(text)

    def reads(self, words: str, *, within: str = "document.querySelector('main')") -> None:
        """Wait until the page says so."""
        said = f"{within}?.textContent.replace(/\\s+/g, ' ').includes({json.dumps(words)})"
        self.page.waits_for(said)

    def row(self, table: str, first: str) -> list[str]:
        """The cells of the row that begins so, in the table of this caption."""
        rows = (
            "[...document.querySelectorAll('table')]"
            f".find(each => each.caption?.textContent.trim() === {json.dumps(table)})?.rows"
        )
        cells = (
            f"[...({rows} ?? [])].map(row => [...row.cells].map(each => {_SAID}))"
            f".find(cells => cells[0] === {json.dumps(first)})"
        )
        found: list[str] = self.page.waits_for(cells)
        return found

    def downloads(self, words: str, into: Path) -> str:
        """The text of the file behind a link."""
        self.page.downloads_into(into)
        self.clicks(words)
        return self.page.waits_for_file(into).read_text(encoding="utf-8")

    def _of(self, elements: str, words: str) -> str:
        return f"[...{elements}].filter({_SEEN}).find(each => {_WORDS} === {json.dumps(words)})"
