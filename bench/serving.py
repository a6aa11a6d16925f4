"""A real server on a database, for those who only need its address."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import ServerProcess, free_port, running


@contextmanager
def orderguard_serving(database_url: str, directory: Path) -> Iterator[tuple[str, ServerProcess]]:
    """`orderguard serve` with one process: its address, and itself. Raises `CannotStart`."""
    port = free_port()
    with running(
        f"orderguard-{port}",
        [sys.executable, "-m", "orderguard", "serve", "--port", str(port)],
        port=port,
        directory=directory,
        environment={"ORDERGUARD_DATABASE_URL": database_url},
    ) as process:
        yield f"http://127.0.0.1:{port}", process
