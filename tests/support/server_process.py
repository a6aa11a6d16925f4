"""`orderguard serve` as a process of its own, to be stopped and killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.databases import database_url_at
from tests.support.shop import Reachable

PATIENCE_SECONDS = 30


_AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "a.socket"}
os.execvp(sys.argv[2], sys.argv[2:])
"""


def environment(database: Path | str, **settings: str) -> dict[str, str]:
    """What a command needs to find this database, given by its path or its URL."""
    own = {f"ORDERGUARD_{name.upper()}": value for name, value in settings.items()}
    return os.environ | {"ORDERGUARD_DATABASE_URL": _url(database)} | own


def _url(database: Path | str) -> str:
    return database_url_at(database) if isinstance(database, Path) else database


def run_command(database: Path | str, *arguments: str) -> Any:
    """The JSON that a command prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "orderguard", *arguments, "--json"],
        env=environment(database),
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert 0 == done.returncode, done.stderr.decode()
    return json.loads(done.stdout)


class ServerProcess(Reachable):
    """A serving process. Leaving the `with` block kills it, unless it has ended."""

    def __init__(
        self,
        database: Path | str,
        *,
        workers: int = 1,
        port: int = 0,
        log: Path | None = None,
        descriptors: int | None = None,
        listener: socket.socket | None = None,
        **settings: str,
    ) -> None:
        """`log` is needed only when the database is given by its URL.

        `descriptors` is the hard limit of open files of the process. `listener` is a socket that it
        is handed over, as systemd does it.
        """
        self.path = database
        self.log = log or Path(database).with_suffix(".log")
        options = ["--port", str(port), "--json", "--workers", str(workers)]
        limited = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"] if descriptors else []
        handed_over = (
            [sys.executable, "-c", _AS_SYSTEMD, str(listener.fileno())] if listener else []
        )
        with self.log.open("ab") as written:
            self._process = subprocess.Popen(
                [*handed_over, *limited, sys.executable, "-m", "orderguard", "serve", *options],
                # Who is killed leaves temporary files behind; they go with the test's own.
                env=environment(database, **settings) | {"TMPDIR": str(self.log.parent)},
                stdout=subprocess.PIPE,
                stderr=written,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                pass_fds=[listener.fileno()] if listener else [],
            )
        assert self._process.stdout
        super().__init__(self.wait_until_it_answers()["url"], _url(database))

    def wait_until_it_answers(self) -> Any:
        """What the server announces when it answers, which it does again after SIGHUP."""
        assert self._process.stdout
        announced = self._process.stdout.readline()
        if not announced:
            self._process.communicate()
            raise AssertionError(f"The server did not start.\n{self.log.read_text()}")
        return json.loads(announced)

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
        assert self._process.stdout
        self._process.stdout.close()
        self.let_go()

    def kill(self) -> None:
        """As the kernel does when memory is short: no chance to write anything."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)

    @property
    def pid(self) -> int:
        return self._process.pid

    def worker_pids(self) -> list[int]:
        """The serving processes, when there are several."""
        return self._children(b"spawn_main")

    def chores_pids(self) -> list[int]:
        """The process that does the chores; none just after it died."""
        return self._children(b"orderguard.running.chores_process")

    def chores_pid(self) -> int:
        """The process that does the chores, which starts once the server answers."""
        wait_until(lambda: 1 == len(self.chores_pids()))
        return self.chores_pids()[0]

    def _children(self, called: bytes) -> list[int]:
        # A child belongs to the thread that started it.
        children = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        pids = [int(pid) for file in children for pid in file.read_text().split()]
        return sorted(pid for pid in pids if called in _command_line(pid))

    def press_ctrl_c(self) -> None:
        """As in a terminal, which tells every process of the group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def signal_all(self, wanted: signal.Signals) -> None:
        """Tell the process and everything that it started."""
        os.killpg(self._process.pid, wanted)

    def ask(self, wanted: signal.Signals) -> None:
        self._process.send_signal(wanted)

    def exit_code(self) -> int:
        """Waits for the end."""
        return self._process.wait(PATIENCE_SECONDS)

    def wait_until_it_takes_no_more(self) -> None:
        """Until new connections are refused: the signal has been understood."""
        wait_until(lambda: not self._is_listening())

    def _is_listening(self) -> bool:
        address = urlsplit(self.url)
        try:
            with socket.create_connection((address.hostname, address.port), timeout=5):
                return True
        except OSError:
            return False


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


def is_running(pid: int) -> bool:
    return _command_line(pid) != b""


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """A generous bound on liveness: it fails only when it would never happen."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited for too long"
        time.sleep(0.01)
