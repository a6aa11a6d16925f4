"""One test shop: django-oscar on SQLite, the connector from its wheel, and Django's web server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.connectors.oscar.environment import Environment
from tests.connectors.woocommerce.merchant import Merchant

PATIENCE_SECONDS = 60
EXPECTED = ("declined", "unable to take payment")
"""What the shop logs when all is well."""


class Site:
    """A shop that serves at `url` until it is stopped."""

    def __init__(self, folder: Path, kind: str, environment: Environment) -> None:
        self.folder = folder
        self.kind = kind
        self.environment = environment
        self._database = folder / "shop.sqlite"
        self._pristine = folder / "pristine.sqlite"
        shutil.copyfile(environment.database, self._database)
        # Installing the connector is this one command.
        environment.run(folder, "migrate", "orderguard_oscar", "-v0", TESTSHOP_KIND=kind)
        shutil.copyfile(self._database, self._pristine)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._server = subprocess.Popen(
            [environment.python, "-m", "tests.connectors.oscar.testshop.serve", str(port)],
            env=environment.variables(folder, TESTSHOP_KIND=kind),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        self._behind = httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS, trust_env=False)
        self._wait_until_it_answers()

    def stop(self) -> None:
        self._behind.close()
        self._server.kill()
        self._server.wait()

    def reset(self, merchant: Merchant, **changes: Any) -> None:
        """Everything as after the installation, with this merchant's settings."""
        shutil.copyfile(self._pristine, self._database)
        (self.folder / "shop.log").write_text("")
        self.settings(merchant, **changes)
        self.control("currency", "USD")

    def settings(self, merchant: Merchant, **changes: Any) -> None:
        """The project's settings; those that are not named are as the README has them."""
        said = {
            "ORDERGUARD_URL": merchant.front.url,
            "ORDERGUARD_KEY": merchant.cart_key,
            "ORDERGUARD_ORDERS_KEY": merchant.orders_key,
            "ORDERGUARD_COUNTRY": "US",
            "ORDERGUARD_PUSH": "command",
            # The machine may be busy, which is no outage; tests of silence say 800.
            "ORDERGUARD_BUDGET_MS": 20_000,
            "ORDERGUARD_SHOWS_TAX": True,
            "ORDERGUARD_FEE_TAX_RATE": "0",
            "ORDERGUARD_FEE_TAX_CODE": None,
            "ORDERGUARD_PICKUP_METHODS": None,
            # The plain shop takes no payments, so it has to say when an order is paid.
            "ORDERGUARD_ORDER_STATES": {"Pending": "paid"} if self.kind == "plain" else {},
            "ORDERGUARD_CART_REQUEST": None,
            "TESTSHOP_DECLINES": False,
            "TESTSHOP_PAYS_ELSEWHERE": False,
            "TESTSHOP_TAX_RATE": "0",
            "TESTSHOP_RECORDS_PAYMENTS": True,
        }
        self.control("settings_are", said | changes)

    def control(self, do: str, *arguments: Any) -> Any:
        """What the shop's own code answers, see testshop/control.py."""
        answer = self._behind.post("/control/", json={"do": do, "with": arguments})
        assert 200 == answer.status_code, f"{do}: {answer.text[-500:]} {self.log()[-4000:]}"
        return answer.json()["answer"]

    def push(self, *options: str) -> dict[str, Any]:
        """`manage.py orderguard_push`: whether it succeeded, and what it said."""
        said: dict[str, Any] = self.control("command", "orderguard_push", *options)
        return said

    def order(self, number: str | None) -> dict[str, Any]:
        found: dict[str, Any] = self.control("order", number)
        return found

    def log(self) -> str:
        return (self.folder / "shop.log").read_text(errors="replace")

    def complaints(self) -> list[str]:
        """Faults that were logged: pages that failed, and ours that were swallowed."""
        return [line for line in self.log().splitlines() if line.startswith("Traceback")]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                self._behind.get("/control/nothing")
            except httpx.TransportError:
                assert self._server.poll() is None, f"the shop did not start: {self.log()[-3000:]}"
                time.sleep(0.05)
            else:
                return
        raise AssertionError("Django's web server did not start")


@contextmanager
def running_site(folder: Path, kind: str, environment: Environment) -> Iterator[Site]:
    site = Site(folder, kind, environment)
    try:
        yield site
    finally:
        site.stop()
