"""Start servers on loopback, measure their CPU and memory, and stop them."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

START_SECONDS = 20
STOP_SECONDS = 15

_PORTS = (20_000, 32_000)

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class CannotStart(Exception):
    """A server did not start; the message is the end of its log."""


@dataclass(frozen=True, slots=True)
class Weight:
    """The CPU time and the memory of a process with all its children, so far."""

    cpu_seconds: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server process that we started, with all its children."""

    name: str
    pid: int
    log: Path

    def weigh(self) -> Weight:
        """CPU time of the process and its children, and the memory that they do not share."""
        members = _tree(self.pid)
        cpu = sum(_cpu_ticks(pid) for pid in members) / _TICKS_PER_SECOND
        return Weight(cpu, sum(_memory_kb(pid) for pid in members) / 1024)

    def children(self) -> set[int]:
        """The processes below it; Python's own, which outlives the workers, is none of them."""
        below = set(_tree(self.pid)) - {self.pid}
        return {pid for pid in below if b"resource_tracker" not in _command(pid)}

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Suspend the process and its children (SIGSTOP) until the block is left."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, wanted: signal.Signals) -> None:
        for pid in _tree(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, wanted)


def free_port() -> int:
    """A free port, below those that the system gives to clients at any moment."""
    while True:
        port = random.randrange(*_PORTS)
        with suppress(OSError), socket.socket() as found:
            found.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    directory: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[ServerProcess]:
    """Run a server until the block is left; yields once it accepts connections.

    It gets a process group of its own, so that Ctrl-C reaches only the harness, which then stops
    its servers in order. Raises `CannotStart`.
    """
    log = directory / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(environment or {}),
            cwd=directory,
            start_new_session=True,
            **({"user": user, "group": user_group(user), "extra_groups": []} if user else {}),  # type: ignore[call-overload]
        )
    try:
        _await_port(name, process, port, log)
        yield ServerProcess(name, process.pid, log)
    finally:
        _stop(process, stop_signal)


def user_group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _await_port(name: str, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline:
        if process.poll() is not None:
            raise CannotStart(f"{name} ended with {process.returncode}: {last_words(log)}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        sleep(0.02)
    raise CannotStart(f"{name} does not answer after {START_SECONDS} s: {last_words(log)}")


def last_words(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-600:] or "(it said nothing)"


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(STOP_SECONDS)
    finally:
        # Whoever is left of the group has had its time.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    members, left = [], [root]
    while left:
        pid = left.pop()
        members.append(pid)
        left += children.get(pid, [])
    return members


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may contain blanks; empty when gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _cpu_ticks(pid: int) -> int:
    """User and system time of the process and of its children that have ended."""
    fields = _stat(pid)
    return sum(int(each) for each in fields[11:15]) if fields else 0


def _memory_kb(pid: int) -> int:
    """Memory, with each shared page divided among those who share it."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
