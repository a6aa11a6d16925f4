"""The chores of an installation in a process of their own, so that no checkout waits for them.

Webhooks, rollups and retention are Python for milliseconds at a time. In a serving process every
one of them would hold the interpreter while shoppers wait.

`python -m orderguard.running.chores_process` is what is started. Its standard input tells it the
settings,
and by its end that it is time to stop: that end comes however the server ends, also by `kill -9`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

import msgspec
import structlog

from orderguard.observability import configure_logging
from orderguard.running.chores import doing_chores
from orderguard.running.event_loop import event_loop
from orderguard.settings import Settings

log = structlog.get_logger()

RESTART_AFTER_SECONDS = 1.0
"""How long a process that died waits for its successor."""

STOP_WITHIN_SECONDS = 15
"""Long enough for a webhook that is under way; what is cut off is sent again."""


@contextmanager
def chores_beside(settings: Settings) -> Iterator[None]:
    """Somebody does the chores until the block is left; then they get a moment to end."""
    process = ChoresProcess(settings)
    try:
        yield
    finally:
        process.stop()


class ChoresProcess:
    """The process, and after its death the next one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._process = self._start()
        self._watch = threading.Thread(target=self._replace_the_dead, name="chores", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Ask it to stop; when it takes too long it is ended."""
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
            start_new_session=True,  # Ctrl-C is for the server, which then tells it
        )
        assert process.stdin  # noqa: S101
        with suppress(BrokenPipeError):  # that it died will be noticed
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
    """The whole life of the process."""
    told = standard_input.readline()
    if not told:  # whoever started us is gone already
        return
    settings = msgspec.json.decode(told, type=Settings)
    configure_logging(log_format=settings.log_format)
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(_until_the_end_of(standard_input, settings))


async def _until_the_end_of(standard_input: IO[bytes], settings: Settings) -> None:
    async with doing_chores(settings):
        await asyncio.to_thread(standard_input.read)


if __name__ == "__main__":
    main(sys.stdin.buffer)
