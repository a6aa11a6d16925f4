"""The scenario table: one test per row, run on every platform and through every checkout.

A platform's folder takes the tests in by `from tests.connectors.rows.selling import *`, so that a
run, a worker or a make target has one platform only. A row with several facts is one test with
several cases. The order of the rows, and what they must hold, is in `tools/platforms_table.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.connectors.driver import Driver


@dataclass(frozen=True)
class Case:
    """One fact of a row, with what it is tried with."""

    holds: Callable[..., None]
    given: tuple[Any, ...] = ()
    of: str = ""

    @property
    def name(self) -> str:
        """Such as "a report that nobody takes arrives once (401)"."""
        fact = self.holds.__name__.replace("_", " ")
        return f"{fact} ({self.of})" if self.of else fact

    def __call__(self, driver: Driver) -> None:
        self.holds(driver, *self.given)


def each(holds: Callable[..., None], **given: Any) -> list[Case]:
    """The same fact with several things, by their names; a tuple is several arguments."""
    return [
        Case(holds, value if isinstance(value, tuple) else (value,), name.replace("_", " "))
        for name, value in given.items()
    ]


def row(*cases: Callable[..., None] | list[Case]) -> Callable[[Any], Any]:
    """Gives a test its cases; tests/connectors/conftest.py hands them out."""
    found: list[Case] = []
    for case in cases:
        found += case if isinstance(case, list) else [Case(case)]

    def decorate(test: Any) -> Any:
        test.cases = found
        return test

    return decorate
