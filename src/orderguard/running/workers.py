"""Several serving processes behind one socket.

The parent opens the socket, starts the workers, replaces dead workers, and forwards signals to
stop. It answers no requests itself, so no request can crash it.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Semaphore
from time import monotonic, sleep
from types import FrameType

import structlog
from prometheus_client import multiprocess

from orderguard.observability import configure_logging
from orderguard.running.chores_process import ChoresBeside
from orderguard.running.preparing import prepare_schema
from orderguard.running.server import is_at_terminal, serve
from orderguard.running.sockets import Listeners
from orderguard.settings import Settings

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 0.2
RESTART_AFTER_SECONDS = 1.0
"""A worker that died within this time of its start is replaced after a pause of this length."""

# Worker processes are spawned, not forked: a fork would copy locks that other threads hold.
_spawning = multiprocessing.get_context("spawn")


def serve_with_workers(
    settings: Settings,
    listeners: Listeners,
    *,
    count: int,
    chores: ChoresBeside,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve with `count` worker processes until asked to stop.

    `started` is called once all of them answer. Metrics of all workers are added up. SIGHUP
    replaces the workers one by one, by processes of the code that is installed then.
    """
    prepare_schema(settings)
    numbers = tempfile.mkdtemp(prefix="orderguard-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = numbers
    try:
        _Crew(settings, listeners, count, chores).run(started)
    finally:
        shutil.rmtree(numbers, ignore_errors=True)


class _Crew:
    """The pool of workers, kept at `count`."""

    def __init__(
        self, settings: Settings, listeners: Listeners, count: int, chores: ChoresBeside
    ) -> None:
        self._settings = settings
        self._listeners = listeners
        self._count = count
        self._chores = chores
        self._ready = _spawning.Semaphore(0)
        # Not threading.Event: the code that a signal interrupts may hold its lock.
        self._is_stopping = False
        self._is_asked_to_renew = False
        self._workers: dict[SpawnProcess, float] = {}

    def run(self, started: Callable[[], None]) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._stop)
        if not is_at_terminal():
            signal.signal(signal.SIGHUP, self._renew)
        for _ in range(self._count):
            self._start_worker(self._ready)
        threading.Thread(target=self._announce, args=(started,), daemon=True).start()
        while not self._is_stopping:
            self._replace_the_dead()
            if self._is_asked_to_renew:
                self._is_asked_to_renew = False
                self._replace_the_old()
            sleep(LOOK_EVERY_SECONDS)
        # A webhook that is being sent may take seconds to finish: carts are answered meanwhile.
        self._chores.stop()
        self._dismiss()

    def _renew(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_asked_to_renew = True

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._is_stopping:  # the second signal stops the workers at once
            self._ask_to_stop()
        self._is_stopping = True

    def _ask_to_stop(self) -> None:
        for worker in list(self._workers):
            worker.terminate()

    def _announce(self, started: Callable[[], None]) -> None:
        for _ in range(self._count):
            self._ready.acquire()
        started()
        self._chores.start()

    def _start_worker(self, ready: Semaphore) -> SpawnProcess:
        worker = _spawning.Process(target=_work, args=(self._settings, *self._listeners, ready))
        worker.start()
        self._workers[worker] = monotonic()
        return worker

    def _replace_the_old(self) -> None:
        """Replace each worker once another one answers; an old one that has no heir stays."""
        for old in list(self._workers):
            ready = _spawning.Semaphore(0)
            heir = self._start_worker(ready)
            while not ready.acquire(timeout=LOOK_EVERY_SECONDS):
                if self._is_stopping:
                    return
                if not heir.is_alive():
                    log.error("worker.not_replaced", pid=old.pid, exit_code=heir.exitcode)
                    self._forget(heir)
                    return
            old.terminate()
            self._wait_for(old)
            self._forget(old)
        self._chores.start()
        log.info("workers.replaced", count=self._count)

    def _forget(self, worker: SpawnProcess) -> None:
        self._workers.pop(worker, None)
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]

    def _wait_for(self, worker: SpawnProcess) -> None:
        """Wait for the end of a worker that was asked to stop; kill it when it takes too long."""
        patience = monotonic() + self._settings.shutdown_seconds + 5
        while worker.is_alive() and monotonic() < patience and not self._is_stopping:
            worker.join(timeout=LOOK_EVERY_SECONDS)
        if worker.is_alive() and not self._is_stopping:
            worker.kill()

    def _replace_the_dead(self) -> None:
        for worker, born in list(self._workers.items()):
            if worker.is_alive():
                continue
            log.error("worker.died", pid=worker.pid, exit_code=worker.exitcode)
            self._forget(worker)
            if monotonic() - born < RESTART_AFTER_SECONDS:
                sleep(RESTART_AFTER_SECONDS)
            if not self._is_stopping:
                self._start_worker(self._ready)

    def _dismiss(self) -> None:
        """Ask all workers to finish their requests, and kill workers that take too long."""
        # As long as one process listens, the kernel accepts connections, which none would answer.
        for each in self._listeners.all:
            each.close()
        self._ask_to_stop()
        patience = monotonic() + self._settings.shutdown_seconds + 5
        for worker in self._workers:
            worker.join(timeout=max(0.1, patience - monotonic()))
            if worker.is_alive():
                worker.kill()


def _work(
    settings: Settings,
    listener: socket.socket,
    private: socket.socket | None,
    ready: Semaphore,
) -> None:
    """Run one worker process."""
    configure_logging(log_format=settings.log_format)
    # Ctrl-C reaches every process of a terminal's group. Workers must get the signal from their
    # parent only: a second signal would make them drop the requests in flight.
    os.setpgrp()
    _end_with_parent()
    serve(settings, listener, private=private, started=ready.release, does_chores=False)


def _end_with_parent() -> None:
    """Stop this worker when its parent ends: a killed parent cannot ask its workers to stop."""

    def look() -> None:
        parent = multiprocessing.parent_process()
        assert parent, "a worker is always started by somebody"  # noqa: S101
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, name="parent-watch", daemon=True).start()
