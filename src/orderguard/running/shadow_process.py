"""Carries a shadow run out in a process of its own, at the lowest priority.

A process, because deciding thousands of carts would hold the interpreter of a serving one. It goes
on when the server is restarted meanwhile, and whatever becomes of it is on record.
`python -m orderguard.running.shadow_process RUN` is what is started.
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
from orderguard.settings import PREFIX, settings_from_environment
from orderguard.storage.database import SqlDatabase

LOWEST_PRIORITY = 19


class ShadowProcesses:
    """Begins processes for the runs of one database."""

    def __init__(self, database_url: str) -> None:
        self._environment = {f"{PREFIX}DATABASE_URL": database_url}

    def launch(self, run: ShadowRun) -> None:
        """Begin the process of a run; it notes in the database how that went. Raises `OSError`."""
        process = subprocess.Popen(  # noqa: S603  # no shell, and the id is ours
            [sys.executable, "-m", "orderguard.running.shadow_process", run.id],
            env=os.environ | self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # so that Ctrl+C for the server does not reach it
        )
        # Somebody has to ask how it ended, or it stays in the process table.
        threading.Thread(target=process.wait, daemon=True, name="shadow run").start()


def step_aside() -> None:
    """Let everybody else have the processor first."""
    os.nice(LOWEST_PRIORITY)


def main(run: str) -> None:
    """The whole life of the process."""
    step_aside()
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
