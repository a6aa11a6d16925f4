"""A real Medusa with our plugin from its npm tarball, a process of its own, and a PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tools.build_medusa import build
from tools.commands import run
from tools.npm import LOCKED, install_locked

from tests.connectors.node_package import unpack
from tests.support.postgresql import PostgresqlCluster

SHOP = Path(__file__).parent / "shop"
CACHE = Path(__file__).parents[3] / ".cache/medusa"
PATIENCE_SECONDS = 300


class Refused(Exception):
    """What Medusa answered with instead of 200: its status and its body."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(answer.status_code, answer.text[:500])
        self.status = answer.status_code
        self.message = answer.json().get("message", "")


@dataclass(frozen=True)
class Keys:
    """What the seed made: Medusa's keys, and a product type that no tax applies to."""

    storefront: str
    owner: str
    untaxed: str


class Site:
    """A shop that serves at `url` until it is stopped."""

    def __init__(
        self, folder: Path, database: str, keys: Keys | None = None, *, mode: str = "with"
    ) -> None:
        self._log = folder / f"shop-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["node", "shop.cjs", mode],
                cwd=folder,
                env=os.environ | {"DATABASE_URL": database, "NODE_ENV": "production"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.url = self._wait_until_ready()
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False)
        self.keys = keys or Keys(**self.control("seed"))

    def control(self, do: str, *arguments: Any) -> Any:
        """What the shop's own code answers, see shop/shop.cjs."""
        answer = self.http.post("/control", json={"do": do, "with": arguments})
        assert answer.is_success, f"{do}: {answer.text[-2000:]} {self.log()[-3000:]}"
        return answer.json()["answer"]

    def store(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """One request to the Store API."""
        headers = {"x-publishable-api-key": self.keys.storefront}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self._ask(method, path, body, headers)

    def admin(self, method: str, path: str) -> Any:
        """One request to the admin API, as the owner."""
        answer = self.http.request(method, path, auth=(self.keys.owner, ""))
        if not answer.is_success:
            raise Refused(answer)
        return answer.json()

    def log(self) -> str:
        """What Medusa and the plugin wrote."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        self.http.close()
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE_SECONDS)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        answer = self.http.request(method, path, json=body, headers=headers)
        if not answer.is_success:
            raise Refused(answer)
        return answer.json()

    def _wait_until_ready(self) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if found := re.search(r"^READY (\S+)$", self.log(), re.MULTILINE):
                return found[1]
            time.sleep(0.1)
        self._process.kill()
        raise AssertionError(f"Medusa did not start: {self.log()[-3000:]}")


@dataclass
class Ground:
    """The shop as npm would lay it out, and a database that is migrated and seeded once."""

    folder: Path
    cluster: PostgresqlCluster
    template: str
    keys: Keys

    @contextmanager
    def site(self, database: str | None = None, mode: str = "with") -> Iterator[Site]:
        """A running shop, with a copy of the database unless one is named."""
        site = Site(self.folder, database or self.copy(), self.keys, mode=mode)
        try:
            yield site
        finally:
            site.stop()

    def copy(self) -> str:
        """The URL of a fresh copy of the seeded database."""
        return self.cluster.new_database(self.template)


@contextmanager
def laid_out() -> Iterator[Ground]:
    """The shop with the plugin from the tarball of `npm pack`, migrated by Medusa's command."""
    install_locked(SHOP, CACHE)
    cluster = PostgresqlCluster(is_durable=False, max_connections="200")
    try:
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="shop-") as scratch:
            folder = Path(scratch)
            for file in (*SHOP.glob("*.cjs"), SHOP / "medusa-config.js", SHOP / LOCKED[0]):
                shutil.copyfile(file, folder / file.name)
            (folder / "src").mkdir()
            tarball = build(folder / "tarball")
            unpack(tarball, "@orderguard/medusa", folder)
            database = cluster.new_database()
            command = CACHE / "node_modules/@medusajs/cli/cli.js"
            migrate = ("node", command, "db:migrate", "--execute-safe-links")
            run("env", f"DATABASE_URL={database}", *migrate, folder=folder)
            site = Site(folder, database)
            site.stop()
            yield Ground(folder, cluster, database.rsplit("/", 1)[1], site.keys)
    finally:
        cluster.destroy()


def version() -> str:
    """The version of Medusa in the lock."""
    lock = json.loads((SHOP / "package-lock.json").read_text())
    found: str = lock["packages"]["node_modules/@medusajs/medusa"]["version"]
    return found
