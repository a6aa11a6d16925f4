"""Carries a shadow run out in a process of its own, at the lowest priority.

A process, because deciding thousands of carts would hold the interpreter of a serving one; and not
a child that dies with its parent, because a run outlives a restart of the server. It is the command
`orderguard config carry-out`, so everything about it is seen from a shell, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from orderguard.domain.shadow_run import ShadowRun
from orderguard.settings import PREFIX

LOWEST_PRIORITY = 19


class ShadowProcesses:
    """Begins processes for the runs of one database."""

    def __init__(self, database_url: str) -> None:
        self._environment = {f"{PREFIX}DATABASE_URL": database_url}

    def launch(self, run: ShadowRun) -> None:
        """Begin the process of a run; it notes in the database how that went. Raises `OSError`."""
        process = subprocess.Popen(  # noqa: S603  # no shell, and the id is ours
            [sys.executable, "-m", "orderguard", "config", "carry-out", run.id],
            env=os.environ | self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that Ctrl+C for the server does not reach it
        )
        # Somebody has to ask how it ended, or it stays in the process table.
        threading.Thread(target=process.wait, daemon=True, name="shadow run").start()


def step_aside() -> None:
    """Let everybody else have the processor first."""
    os.nice(LOWEST_PRIORITY)
