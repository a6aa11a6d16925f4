"""How long the pages of a shop take while Orderguard is well, dead, silent or slow.

    CONNECTORS_PAGES=5 .venv/bin/pytest tests/connectors/oscar/test_pages.py

walks through the shop so often, and writes the milliseconds to the platform's pages.json. Without
it each trouble is walked through once, and no time is looked at: a machine may be busy.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum

from tests.connectors.seen import HERE, VERSIONS
from tests.connectors.woocommerce.front import SILENT, Front

ROUNDS = int(os.environ.get("CONNECTORS_PAGES", "0"))
SLOW_SECONDS = 0.6
BUDGET_SECONDS = 0.8
"""What a page may wait for Orderguard altogether."""


class State(StrEnum):
    """How Orderguard is doing, seen from the shop."""

    ABSENT = "without"
    ALIVE = "alive"
    DEAD = "dead"
    SILENT = "silent"
    SLOW = "slow"

    @property
    def is_outage(self) -> bool:
        return self in (State.DEAD, State.SILENT)


TROUBLE = (State.DEAD, State.SILENT, State.SLOW)


@contextmanager
def doing(front: Front, state: State) -> Iterator[None]:
    """Meanwhile Orderguard is dead, silent or slow."""
    if state is State.DEAD:
        with front.door.away():
            yield
        return
    front.spoiled = SILENT if state is State.SILENT else None
    front.slow_seconds = SLOW_SECONDS if state is State.SLOW else 0
    try:
        yield
    finally:
        front.spoiled, front.slow_seconds = None, 0


class Clock:
    """The times of pages, by page and state."""

    def __init__(self) -> None:
        self._ms: dict[str, dict[State, list[float]]] = defaultdict(lambda: defaultdict(list))

    @contextmanager
    def page(self, name: str, state: State) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._ms[name][state].append((time.perf_counter() - began) * 1000)

    def write(self, platform: str, versions: dict[str, str]) -> None:
        """The fastest time of each page in each state; others had to share the machine."""
        record = {
            "versions": versions | VERSIONS[platform],
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "rounds": ROUNDS,
            "pages": {
                page: {state: round(min(states[state])) for state in State if state in states}
                for page, states in self._ms.items()
            },
        }
        file = HERE / platform / "pages.json"
        file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
