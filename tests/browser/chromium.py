"""Chromium, driven over a pipe: a browser for tests that have to click, without any library."""

from __future__ import annotations

import json
import os
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import find_program

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

PATIENCE_SECONDS = 60
"""Ends a wait for what never comes."""


# What a page complains about is kept from page to page, as long as the tab lasts.
_LISTEN = """
  const complain = (text) => {
    sessionStorage.complaints = (sessionStorage.complaints ?? '') + text + '\\n';
  };
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
    complain('refused ' + effectiveDirective));
  addEventListener('error', event => event.message && complain(event.message));
  addEventListener('unhandledrejection', event => complain('rejected ' + event.reason));
"""

# The element waits as long as tests do: on a busy machine its own 800 ms pass while the server
# works. It keeps them for a server that simulates slowness.
_BE_PATIENT = """
  addEventListener('DOMContentLoaded', () => {
    if (document.querySelector('.mood.slow')) return;
    document.querySelector('order-protection')?.setAttribute('budget-ms', '20000');
  });
"""


# A busy browser may draw a page before it has read all of its HTML; what the first frame of the
# whole page moves is then the browser's doing, not ours.
_NOTE_FIRST_WHOLE_FRAME = """
  globalThis.wasWhole = 0;
  {
    const look = (wasPart) => requestAnimationFrame(() => {
      if (document.readyState === 'loading') look(true);
      else if (wasPart) requestAnimationFrame(() => { globalThis.wasWhole = performance.now() });
    });
    look(false);
  }
"""

# A frame after everything, so that what it moved has been counted.
_WATCH_MOVEMENTS = """
  globalThis.movements = [];
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries().filter((each) => each.startTime > wasWhole)) {
      movements.push(...sources.map(({ node }) => node?.outerHTML?.slice(0, 60) ?? 'something'));
    }
  }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => { globalThis.haveBeenWatched = true }, 300);
  undefined
"""


class Page:
    """One tab. It is told and asked in JavaScript."""

    def __init__(
        self, browser: Browser, width: int, person: str | None = None, *, scripts: bool = True
    ) -> None:
        """Without a `person` it has cookies of its own; without `scripts` it is only told by us."""
        self._browser = browser
        self._person = person or browser.call("Target.createBrowserContext")["browserContextId"]
        opened = browser.call(
            "Target.createTarget", url="about:blank", browserContextId=self._person
        )
        attached = browser.call("Target.attachToTarget", targetId=opened["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self._width = width
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=800,
                   deviceScaleFactor=1, mobile=False)  # fmt: skip
        self._call("Page.enable")
        self._call(
            "Page.addScriptToEvaluateOnNewDocument",
            source=_LISTEN + _BE_PATIENT + _NOTE_FIRST_WHOLE_FRAME,
        )
        if not scripts:
            self._call("Emulation.setScriptExecutionDisabled", value=True)

    def another_tab(self, width: int | None = None) -> Page:
        """A second tab of the same person."""
        return Page(self._browser, width or self._width, self._person)

    def never_gets(self, pattern: str) -> None:
        """Requests for such addresses fail, as if nobody were there."""
        self._call("Network.enable")
        self._call("Network.setBlockedURLs", urls=[pattern])

    @property
    def complaints(self) -> list[str]:
        """Every error, and whatever the policy refused, on all pages of this site in this tab."""
        found: str = self.evaluate("sessionStorage.complaints ?? ''")
        return found.splitlines()

    def goes_to(self, url: str) -> None:
        # What is unsaved is left knowingly: nobody is there to answer the question.
        self.evaluate(
            "document.querySelector('[data-unsaved]')?.dispatchEvent(new Event('submit'))"
        )
        self._call("Page.navigate", url=url)
        self.waits_for("document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def waits_for(self, expression: str) -> Any:
        """The first true value. A page that is being replaced is asked again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        failure: object = None
        while time.monotonic() < deadline:
            try:
                if value := self.evaluate(expression):
                    return value
            except AssertionError as error:
                failure = error
            time.sleep(0.02)
        raise AssertionError(f"never true: {expression} {failure or ''}")

    def clicks(self, element: str) -> None:
        """Click what the expression finds, once it is there."""
        self.waits_for(f"Boolean({element})")
        self.evaluate(f"{element}.click()")

    def chooses_file(self, element: str, file: Path) -> None:
        """Choose this file in the file input that the expression finds."""
        self.waits_for(f"Boolean({element})")
        found = self._call("Runtime.evaluate", expression=element)
        self._call("DOM.setFileInputFiles", files=[str(file)], objectId=found["result"]["objectId"])

    def presses(self, *keys: str) -> None:
        """Press keys one after the other, as `KeyboardEvent.key` calls them: Tab, Enter, Space."""
        for key in keys:
            character = {"Enter": "\r", "Space": " "}.get(key, "")
            name = " " if key == "Space" else key
            code = {"Tab": 9, "Enter": 13, "Space": 32, "Escape": 27, "ArrowRight": 39}[key]
            for kind in ("keyDown", "keyUp"):
                text = character if kind == "keyDown" else ""
                self._call("Input.dispatchKeyEvent", type=kind, key=name, code=key,
                           windowsVirtualKeyCode=code, text=text)  # fmt: skip

    def types(self, text: str) -> None:
        """Into whatever has the focus."""
        self._call("Input.insertText", text=text)

    def movements(self) -> list[str]:
        """What the browser saw move on this page without being told to by the shopper."""
        self.evaluate(_WATCH_MOVEMENTS)
        self.waits_for("globalThis.haveBeenWatched")
        found: list[str] = self.evaluate("movements")
        return found

    def counts_work(self) -> None:
        """From now on, count processor time, which other processes cannot lengthen."""
        self._call("Performance.enable", timeDomain="threadTicks")

    def worked_ms(self) -> float:
        """How long the main thread of this page has worked."""
        metrics = self._call("Performance.getMetrics")["metrics"]
        return 1000 * float({each["name"]: each["value"] for each in metrics}["TaskDuration"])

    def downloads_into(self, directory: Path) -> None:
        """Whatever this person downloads is put there."""
        self._browser.call(
            "Browser.setDownloadBehavior",
            behavior="allow",
            browserContextId=self._person,
            downloadPath=str(directory),
        )

    def waits_for_file(self, directory: Path) -> Path:
        """The first file that is there in full."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for file in directory.iterdir():
                if file.suffix != ".crdownload" and not file.name.startswith("."):
                    return file
            time.sleep(0.02)
        raise AssertionError(f"nothing was downloaded into {directory}")

    def prints(self) -> None:
        """From now on, the page looks as it is printed."""
        self._call("Emulation.setEmulatedMedia", media="print")

    def picture(self) -> bytes:
        """The whole page as PNG."""
        taken = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return b64decode(taken["data"])

    def _call(self, method: str, **parameters: Any) -> Any:
        return self._browser.call(method, session=self._session, **parameters)


class Browser:
    """Requests and answers over two pipes, one after the other."""

    def __init__(self, requests: int, answers: int) -> None:
        self._requests = os.fdopen(requests, "wb", buffering=0)
        self._answers = os.fdopen(answers, "rb")
        self._number = 0

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._requests.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._number:
                assert "result" in answer, answer
                return answer["result"]

    def page(self, *, width: int = 1280, scripts: bool = True) -> Page:
        return Page(self, width, scripts=scripts)

    def close(self) -> None:
        self._requests.close()
        self._answers.close()

    def _message(self) -> bytes:
        message = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "Chromium ended"
            message += byte
        return bytes(message)


@contextmanager
def running_chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own. Skips where there is none; CI must have one."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing. Install it: apt-get install chromium")
        pytest.skip("Chromium is missing, so nobody has clicked through the shop.")
    requests_out, requests_in = os.pipe()
    answers_out, answers_in = os.pipe()
    # The browser expects its two pipes under the numbers 3 and 4, whatever ours are.
    start = f'exec "$@" 3<&{requests_out} 4>&{answers_in}'
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    process = subprocess.Popen(
        ["bash", "-c", start, "-", *command],
        pass_fds=(requests_out, answers_in),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(requests_out)
    os.close(answers_in)
    browser = Browser(requests_in, answers_out)
    try:
        yield browser
        browser.call("Browser.close")
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        browser.close()
