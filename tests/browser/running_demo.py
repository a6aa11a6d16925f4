"""The demo in a process of its own, as `make demo` has it: it sets up logging process-wide."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import httpx

from tests.cli.shell import Shell

PATIENT = (sys.executable, Path(__file__).with_name("patient_demo.py"))


@dataclass(frozen=True)
class RunningDemo:
    """Where it is, the keys that no page may show, and what it says about its carts."""

    url: str
    shop_url: str
    console_url: str
    database: Path
    key: str
    orders_key: str
    outcomes: list[dict[str, Any]]

    def back_office(self) -> httpx.Client:
        """A client of the order routes."""
        return httpx.Client(
            base_url=self.url, headers={"X-Authorization": self.orders_key}, trust_env=False
        )


@contextmanager
def running_demo(directory: Path) -> Iterator[RunningDemo]:
    """Orderguard and the shop, each on a free port."""
    words = ("demo", "--port", "0", "--shop-port", "0", "--json")
    with Shell(directory).running(*words, program=PATIENT) as process:
        assert process.stdout is not None
        document = json.loads(process.stdout.readline())
        names = [field.name for field in fields(RunningDemo)]
        document["database"] = directory / document["database"]
        yield RunningDemo(**{name: document[name] for name in names})
