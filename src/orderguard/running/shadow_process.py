"""Runs a shadow run in a process of its own, at the lowest priority.

In a serving process, deciding thousands of carts would hold the GIL. The process survives a
restart of the server, and stores the outcome in the database. The server starts it as
`python -m orderguard.running.shadow_process RUN`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

from orderguard.actions.shadow_run import carry_out_shadow_run
from orderguard.domain.what_if.shadow_run import ShadowRun, ShadowRunId
from orderguard.observability import configure_logging
from orderguard.rules.cel import CelCompiler
from orderguard.running.priority import LOWEST, lower_priority
from orderguard.settings import PREFIX, settings_from_environment
from orderguard.storage.database import SqlDatabase


class ShadowProcesses:
    """Starts processes for the shadow runs of one database."""

    def __init__(self, database_url: str) -> None:
        self._environment = {f"{PREFIX}DATABASE_URL": database_url}

    def launch(self, run: ShadowRun) -> None:
        """Start the process of a run, which stores its outcome itself. Raises `OSError`."""
        process = subprocess.Popen(  # noqa: S603  # no shell, and the id is ours
            [sys.executable, "-m", "orderguard.running.shadow_process", run.id],
            env=os.environ | self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the server only
        )
        # Wait for its exit code, or it stays in the process table as a zombie.
        threading.Thread(target=process.wait, daemon=True, name="shadow run").start()


def main(run: str) -> None:
    """Carry out one shadow run, then end."""
    lower_priority(LOWEST)
    settings = settings_from_environment(os.environ)
    configure_logging(log_format=settings.log_format)
    database = SqlDatabase(settings.database_url)
    try:
        carry_out_shadow_run(
            database, CelCompiler(), ShadowRunId(run), clock=lambda: datetime.now(UTC)
        )
    finally:
        database.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
