"""The chores of an installation in a process of their own, so that no checkout waits for them.

Webhooks, rollups and retention run Python code for milliseconds at a time. In a serving process
they would hold the GIL while shoppers wait.

The server starts `python -m orderguard.running.chores_process` and writes the settings to its
standard input. End of file on standard input means stop: the kernel closes the pipe however the
server ends, also by `kill -9`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

import msgspec
import structlog

from orderguard.observability import configure_logging
from orderguard.running.event_loop import event_loop
from orderguard.running.priority import CHORES, lower_priority
from orderguard.settings import Settings
from orderguard.storage.postgresql_address import is_postgresql

log = structlog.get_logger()

RESTART_AFTER_SECONDS = 1.0
"""The pause before a process that died is replaced."""

STOP_WITHIN_SECONDS = 15
"""Long enough for a webhook attempt in progress; an interrupted attempt is repeated."""


class ChoresBeside:
    """A context that runs the chores process of a server, and ends it on leaving.

    A server calls `start` once it answers, because the start takes a core for a while.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: ChoresProcess | None = None

    def __enter__(self) -> ChoresBeside:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process; a process that runs already is replaced."""
        self.stop()
        self._process = ChoresProcess(self._settings)

    def stop(self) -> None:
        """Ask the process to stop, and kill it if it does not stop in time."""
        process, self._process = self._process, None
        if process:
            process.stop()


class ChoresProcess:
    """A running chores process, which is restarted when it dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._process = self._start()
        self._watch = threading.Thread(target=self._replace_the_dead, name="chores", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Ask the process to stop, and kill it after `STOP_WITHIN_SECONDS`."""
        self._stopping.set()
        self._close_standard_input()
        self._watch.join(timeout=STOP_WITHIN_SECONDS)
        if self._watch.is_alive():
            self._process.kill()
            self._watch.join()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "orderguard.running.chores_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the server only, which then stops it
        )
        assert process.stdin  # noqa: S101
        with suppress(BrokenPipeError):  # the watch thread notices that it died
            process.stdin.write(msgspec.json.encode(self._settings) + b"\n")
            process.stdin.flush()
        return process

    def _replace_the_dead(self) -> None:
        while True:
            exit_code = self._process.wait()
            self._close_standard_input()
            if self._stopping.is_set():
                return
            log.error("chores.died", pid=self._process.pid, exit_code=exit_code)
            if self._stopping.wait(RESTART_AFTER_SECONDS):
                return
            self._process = self._start()

    def _close_standard_input(self) -> None:
        with suppress(BrokenPipeError):
            assert self._process.stdin  # noqa: S101
            self._process.stdin.close()


def main(standard_input: IO[bytes]) -> None:
    """Run the chores process until its standard input ends."""
    told = standard_input.readline()
    if not told:  # the server is gone already
        return
    settings = msgspec.json.decode(told, type=Settings)
    configure_logging(log_format=settings.log_format)
    # On SQLite a process that holds the one write lock must not wait for a core.
    if is_postgresql(settings.database_url):
        lower_priority(CHORES)
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(_until_the_end_of(standard_input, settings))


async def _until_the_end_of(standard_input: IO[bytes], settings: Settings) -> None:
    # Imported here, because a server that starts this process needs none of it.
    from orderguard.running.chores import doing_chores

    async with doing_chores(settings):
        await asyncio.to_thread(standard_input.read)


if __name__ == "__main__":
    main(sys.stdin.buffer)
