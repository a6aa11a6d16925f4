"""A real Vendure with our plugin from its npm tarball, as a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from tools import build_vendure

from tests.connectors.node_package import unpack

SHOP = Path(__file__).parent / "shop"
PATIENCE_SECONDS = 120


class Refused(Exception):
    """What GraphQL answered instead of data."""


class Site:
    """A shop that serves at `url` until it is stopped. Its folder is as npm would lay it out."""

    def __init__(
        self, folder: Path, *, mode: str = "with", database: Path | None = None, **environment: str
    ) -> None:
        self.database = database
        command = ["node", "shop.cjs", mode, *([str(database)] if database else [])]
        self._log = folder / f"shop-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.url = self._wait_until_ready()
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False)

    def control(self, do: str, *arguments: Any) -> Any:
        """What the shop's own code answers, see shop/shop.cjs."""
        answer = self.http.post("/control", json={"do": do, "with": arguments})
        assert answer.is_success, f"{do}: {answer.text[-500:]} {self.log()[-3000:]}"
        return answer.json()["answer"]

    def log(self) -> str:
        """What Vendure and the plugin wrote."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        if self.database:
            self.control("save")
        self.http.close()
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE_SECONDS)

    def _wait_until_ready(self) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if found := re.search(r"^READY (\S+)$", self.log(), re.MULTILINE):
                return found[1]
            time.sleep(0.05)
        self._process.kill()
        raise AssertionError(f"Vendure did not start: {self.log()[-3000:]}")


@contextmanager
def laid_out() -> Iterator[Path]:
    """A folder with the shop, and the plugin unpacked from the tarball that `npm pack` made."""
    modules = build_vendure.prepared()
    with tempfile.TemporaryDirectory(dir=modules, prefix="shop-") as scratch:
        folder = Path(scratch)
        unpack(build_vendure.built(), "@orderguard/vendure", folder)
        for file_ in SHOP.iterdir():
            shutil.copyfile(file_, folder / file_.name)
        yield folder


@contextmanager
def running_site(folder: Path, **options: Any) -> Iterator[Site]:
    site = Site(folder, **options)
    try:
        yield site
    finally:
        site.stop()


class Api:
    """One of the two GraphQL APIs, with the session that it gives."""

    def __init__(self, site: Site, path: str, channel: str = "net") -> None:
        self._site = site
        self._path = path
        self._headers = {"vendure-token": channel}

    def __call__(self, query: str, /, currency: str | None = None, **variables: Any) -> Any:
        answer = self._site.http.post(
            self._path,
            params={"currencyCode": currency} if currency else {},
            json={"query": query, "variables": variables},
            headers=self._headers,
        )
        if token := answer.headers.get("vendure-auth-token"):
            self._headers["Authorization"] = f"Bearer {token}"
        said = answer.json()
        if "errors" in said:
            raise Refused(said["errors"])
        (value,) = said["data"].values() if len(said["data"]) == 1 else (said["data"],)
        return value
