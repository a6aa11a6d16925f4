"""One test shop: WordPress, a WooCommerce, our plugin from its zip, and PHP's web server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tools.build_woocommerce import SLUG, build

from tests.connectors.woocommerce import wordpress

HERE = Path(__file__).parent
PLUGIN = f"{SLUG}/{SLUG}.php"
STUB = HERE / "stub"
STORAGES = ("hpos", "posts")
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Kind:
    """Which WooCommerce, and where it keeps orders."""

    woocommerce: Path
    storage: str = "hpos"

    @property
    def is_stub(self) -> bool:
        return self.woocommerce == STUB

    @property
    def version(self) -> str:
        text = (self.woocommerce / "woocommerce.php").read_text()
        return text.split("Version:", 1)[1].split()[0]

    def __str__(self) -> str:
        return f"{'stub' if self.is_stub else self.version}-{self.storage}"


class Site:
    """A shop that serves at `url` until it is stopped."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self.folder = folder
        self.kind = kind
        self._core = wordpress.prepared()
        self._lay_out()
        self._install()
        self._pristine = folder / "pristine.sqlite"
        shutil.copyfile(self._database, self._pristine)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        serve = ["-S", f"127.0.0.1:{port}", "-t", self._core, HERE / "shop/router.php"]
        with (folder / "server.log").open("wb") as log:
            self._server = subprocess.Popen(
                ["php", *self._php_options(), *serve],
                env=self._environment() | {"PHP_CLI_SERVER_WORKERS": "4"},
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self._behind = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False)
        self._wait_until_it_answers()
        self.ids: dict[str, Any] = self.control("option", "test_shop_ids")

    def stop(self) -> None:
        self._behind.close()
        # PHP's workers outlive their parent.
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()

    def reset(self, **settings: Any) -> None:
        """Everything as after the installation, and our plugin active with these settings."""
        # A request of the test before may still run: it keeps its file, which nobody writes into.
        fresh = self._database.with_suffix(".new")
        shutil.copyfile(self._pristine, fresh)
        for suffix in ("-wal", "-shm", "-journal"):
            self._database.with_name(self._database.name + suffix).unlink(missing_ok=True)
        fresh.rename(self._database)
        for name in ("debug.log", "requests.log"):
            (self.folder / name).unlink(missing_ok=True)
        if not (self.folder / f"content/plugins/{SLUG}").exists():
            self._unpack_plugin()
        if settings:
            self.control("options", {"woocommerce_orderguard_settings": settings})

    def install_again(self, **settings: Any) -> None:
        """The zip once more, after it was uninstalled, activated with these settings."""
        self._unpack_plugin()
        self.control("activate", PLUGIN)
        self.control("options", {"woocommerce_orderguard_settings": settings})

    def control(self, do: str, *arguments: Any) -> Any:
        """What the shop's own code answers, see shop/control.php."""
        answer = self._behind.post("/?test_control", json={"do": do, "with": arguments})
        assert 200 == answer.status_code, f"{do}: {answer.text[-2000:]} {self.complaints()}"
        try:
            return answer.json()["answer"]
        except ValueError:
            raise AssertionError(f"{do}: {answer.text[-2000:]} {self.complaints()}") from None

    def complaints(self) -> list[str]:
        """What PHP complained of, that concerns our plugin or stopped a page; with its trace."""
        log = self.folder / "debug.log"
        text = log.read_text(errors="replace") if log.exists() else ""
        ours = ("orderguard", "Fatal", "doing it wrong", "_doing_it_wrong")
        entries = re.split(r"^(?=\[\d\d-)", text, flags=re.MULTILINE)
        return [entry for entry in entries if any(word in entry for word in ours)]

    def requests(self) -> list[dict[str, Any]]:
        """What was sent to Orderguard, in order."""
        log = self.folder / "requests.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def _database(self) -> Path:
        return self.folder / "database/shop.sqlite"

    def _lay_out(self) -> None:
        content = self.folder / "content"
        (content / "plugins").mkdir(parents=True)
        (content / "themes").mkdir()
        (content / "mu-plugins").mkdir()
        (self.folder / "database").mkdir()
        source = self._core / "wp-content"
        shutil.copyfile(source / "db.php", content / "db.php")
        for name in ("control.php", "probe.php"):
            shutil.copyfile(HERE / "shop" / name, content / "mu-plugins" / name)
        for name in ("plugins/sqlite-database-integration", "themes/twentytwentyfive"):
            (content / name).symlink_to(source / name)
        (content / "plugins/woocommerce").symlink_to(self.kind.woocommerce)
        self._unpack_plugin()

    def _unpack_plugin(self) -> None:
        """What is tested is the zip that merchants upload."""
        with zipfile.ZipFile(build(self.folder / f"{SLUG}.zip")) as zipped:
            zipped.extractall(self.folder / "content/plugins")

    def _install(self) -> None:
        scripts = [
            "install.php",
            "seed_stub.php" if self.kind.is_stub else "seed.php",
            "activate.php",
        ]
        for script in scripts:
            done = subprocess.run(
                ["php", *self._php_options(), HERE / "shop" / script],
                env=self._environment(),
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert 0 == done.returncode, (
                f"{script}: {done.stdout[-3000:]}{done.stderr[-3000:]}{self.complaints()}"
            )

    def _php_options(self) -> list[str]:
        cache = self.folder / "opcache"
        cache.mkdir(exist_ok=True)
        options = {
            "opcache.enable_cli": 1,
            "opcache.file_cache": cache,
            "opcache.revalidate_freq": 0,
            "memory_limit": "512M",
            "max_execution_time": 120,
            "display_errors": 0,
            "log_errors": 1,
            "error_log": self.folder / "debug.log",
        }
        return [part for name, value in options.items() for part in ("-d", f"{name}={value}")]

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "ORDERGUARD_SHOP": str(self.folder),
            "ORDERGUARD_CORE": str(self._core),
            "ORDERGUARD_STORAGE": self.kind.storage,
        }

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                self._behind.get("/wp-includes/version.php")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("PHP's web server did not start")


@contextmanager
def running_site(folder: Path, kind: Kind) -> Iterator[Site]:
    site = Site(folder, kind)
    try:
        yield site
    finally:
        site.stop()
