"""Both clients, asked in the same way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orderguard.client import AsyncClient, Client

MakeClient = Callable[..., Any]

PATIENCE_MS = 10_000
"""Only tests of the budget should fail because a machine is busy."""


class Blocking:
    """An `AsyncClient` that is asked from the outside of its event loop."""

    def __init__(self, runner: asyncio.Runner, *arguments: Any, **options: Any) -> None:
        self._runner = runner
        if sleep := options.pop("sleep", None):

            async def sleep_asynchronously(seconds: float) -> None:
                sleep(seconds)

            options["sleep"] = sleep_asynchronously
        self._client = AsyncClient(*arguments, **options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        return lambda *arguments, **options: self._runner.run(method(*arguments, **options))

    def close(self) -> None:
        self._runner.run(self._client.aclose())


@pytest.fixture(params=["sync", "async"])
def make_client(request: pytest.FixtureRequest) -> Iterator[MakeClient]:
    """Makes clients that are closed after the test."""
    made: list[Any] = []
    with asyncio.Runner() as runner:

        def make(url: str, key: str = "og_example", **options: Any) -> Any:
            kind = Client if request.param == "sync" else lambda *a, **o: Blocking(runner, *a, **o)
            made.append(kind(url, key, **({"budget_ms": PATIENCE_MS} | options)))
            return made[-1]

        yield make
        for client in made:
            client.close()
