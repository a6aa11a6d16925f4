"""The app from its npm tarball, as a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from tools import build_bigcommerce

from tests.connectors.bigcommerce.api import CLIENT_ID, CLIENT_SECRET
from tests.connectors.node_package import unpack

RUN = Path(__file__).parent / "shop/run.mjs"
PATIENCE_SECONDS = 120


class Site:
    """Serves at `url` until it is stopped; what it keeps is in `folder`."""

    def __init__(self, place: Path, folder: Path, shops: str) -> None:
        self.folder = folder
        self._log = place / f"app-{time.monotonic_ns()}.log"
        config = {
            "clientId": CLIENT_ID,
            "clientSecret": CLIENT_SECRET,
            "folder": str(folder),
            "api": shops,
            "login": shops,
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["node", "run.mjs"], cwd=place, env=os.environ | {"APP": json.dumps(config)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.url, self._control = self._wait_until_ready()
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False)

    def control(self, do: str, *arguments: Any) -> Any:
        """What run.mjs answers."""
        answer = self.http.post(f"{self._control}/", json={"do": do, "with": arguments})
        assert answer.is_success, f"{do}: {answer.text} {self.log()[-2000:]}"
        return answer.json()["answer"]

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def kept(self) -> str:
        """Everything on disk."""
        return "\n".join(file.read_text() for file in self.folder.rglob("*.json"))

    def stop(self) -> None:
        self.http.close()
        self._process.terminate()
        self._process.wait(timeout=PATIENCE_SECONDS)

    def _wait_until_ready(self) -> tuple[str, str]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if found := re.search(r"^READY (\S+) (\S+)$", self.log(), re.MULTILINE):
                return found[1], found[2]
            time.sleep(0.02)
        self._process.kill()
        raise AssertionError(f"the app did not start: {self.log()}")


@contextmanager
def laid_out() -> Iterator[Path]:
    """A folder as npm lays it out, with the package from the tarball that `npm pack` makes."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        unpack(build_bigcommerce.build(place), "@orderguard/bigcommerce", place)
        (place / "run.mjs").write_text(RUN.read_text())
        yield place


@contextmanager
def running_site(place: Path, folder: Path, shops: str) -> Iterator[Site]:
    site = Site(place, folder, shops)
    try:
        yield site
    finally:
        site.stop()
