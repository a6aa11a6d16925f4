"""Three machines with PostgreSQL under Patroni and etcd, on one: loopback addresses of their own.

The set-up is the one of `deploy/patroni`, with other ports and directories. Nothing is left behind:
every process is ended by its id, and every directory is removed.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg

from tests.support.postgresql import PORTS, UNPRIVILEGED, server_programs

ADDRESSES = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
DOCUMENTED = Path(__file__).parents[2] / "deploy" / "patroni" / "patroni.yml"
PROGRAMS = ("patroni", "etcd")
PATIENCE_SECONDS = 120
"""A bound on liveness: a busy machine needs its time, a broken set-up would never be ready."""


def missing_programs(*names: str) -> list[str]:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"
    return [name for name in names if not shutil.which(name, path=path)]


def wait_for(what: str, holds: Callable[[], bool], log: Callable[[], str] = str) -> None:
    """Wait until something holds; fails with its name, and the log, when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}\n{log()}"
        time.sleep(0.05)


class Machine:
    """etcd, Patroni and its PostgreSQL at one address, which can be lost or frozen together."""

    def __init__(self, number: int, ports: dict[str, int], directory: Path, ttl: int) -> None:
        self.address = ADDRESSES[number]
        self.name = f"n{number + 1}"
        self.port = ports["5432"]
        self._ports = ports
        self._directory = directory / self.name
        self._etcd: subprocess.Popen[bytes] | None = None
        self._patroni: subprocess.Popen[bytes] | None = None
        (self._directory / "run").mkdir(parents=True)
        (self._directory / "patroni.yml").write_text(self._configuration(ttl))
        for each in (self._directory, self._directory / "run"):
            _give_away(each)

    def start(self) -> None:
        if self._etcd is None:
            self._etcd = self._run("etcd", *self._etcd_options())
        self._patroni = self._run(
            "/usr/bin/python3", shutil.which("patroni") or "", self._path("patroni.yml")
        )

    def kill_postgresql(self) -> None:
        """The kernel ends PostgreSQL; Patroni lives on."""
        os.kill(self._postmaster(), signal.SIGKILL)

    def lose(self) -> None:
        """The machine is gone from one moment to the next, with its memory."""
        for process in (self._patroni, self._etcd):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        for pid in self._postgresql_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._etcd = self._patroni = None
        wait_for("the end of PostgreSQL", lambda: not self._postgresql_pids(), self.log)

    def freeze(self) -> None:
        """The network of the machine is cut: connections stay open, nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """The network is back, and the machine believes what it believed before."""
        self._signal_all(signal.SIGCONT)

    def hold_replication(self) -> None:
        """Nothing more reaches the replicas, as on a congested network."""
        for pid in self._postgresql_pids():
            if b"walsender" in _command_line(pid):
                os.kill(pid, signal.SIGSTOP)

    def state(self) -> dict[str, Any]:
        """What Patroni says of itself; empty when it does not answer."""
        connection = HTTPConnection(self.address, self._ports["8008"], timeout=1)
        try:
            connection.request("GET", "/patroni")
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, HTTPException, ValueError):
            return {}
        finally:
            connection.close()
        return answer

    def configure(self, **changes: Any) -> None:
        connection = HTTPConnection(self.address, self._ports["8008"], timeout=10)
        connection.request("PATCH", "/config", json.dumps(changes))
        assert 200 == connection.getresponse().status
        connection.close()

    def log(self) -> str:
        return "".join(
            each.read_text(errors="replace")[-4_000:] for each in self._directory.glob("*.log")
        )

    def _configuration(self, ttl: int) -> str:
        text = DOCUMENTED.read_text().replace("/var/run/postgresql", self._path("run"))
        text = text.replace("/var/lib/postgresql/orderguard", self._path("data"))
        text = text.replace("/var/lib/postgresql/", self._path(""))
        text = text.replace("/usr/lib/postgresql/15/bin", str(server_programs()))
        text = text.replace("ttl: 20", f"ttl: {ttl}").replace(": NAME", f": {self.name}")
        for number, address in enumerate(ADDRESSES, start=1):
            text = text.replace(f"ADDRESS_{number}", address)
        text = text.replace("ADDRESS", self.address).replace("NETWORK", "127.0.0.0/8")
        for usual, port in self._ports.items():
            text = re.sub(rf":{usual}\b", f":{port}", text)
        return text

    def _etcd_options(self) -> list[str]:
        client, peer = self._ports["2379"], self._ports["2380"]
        members = ",".join(f"n{n}=http://{a}:{peer}" for n, a in enumerate(ADDRESSES, start=1))
        # A member that was lost comes back with its data.
        known = (self._directory / "etcd").exists()
        return [
            *("--name", self.name, "--data-dir", self._path("etcd")),
            *("--listen-client-urls", f"http://{self.address}:{client}"),
            *("--advertise-client-urls", f"http://{self.address}:{client}"),
            *("--listen-peer-urls", f"http://{self.address}:{peer}"),
            *("--initial-advertise-peer-urls", f"http://{self.address}:{peer}"),
            *("--initial-cluster", members),
            *("--initial-cluster-state", "existing" if known else "new"),
            *("--heartbeat-interval", "100", "--election-timeout", "1000", "--enable-v2"),
        ]

    def _path(self, name: str) -> str:
        return f"{self._directory}/{name}"

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        as_root = os.geteuid() == 0
        with Path(self._path(f"{Path(program).name}.log")).open("ab") as log:
            return subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=UNPRIVILEGED if as_root else None,
                group=pwd.getpwnam(UNPRIVILEGED).pw_gid if as_root else None,
                extra_groups=[] if as_root else None,
                env={
                    "PATH": "/usr/bin:/bin:/usr/sbin",
                    "LC_ALL": "C.UTF-8",
                    "HOME": self._path(""),
                },
                cwd=self._directory,
                start_new_session=True,
            )

    def _signal_all(self, wanted: signal.Signals) -> None:
        ours = [process.pid for process in (self._patroni, self._etcd) if process]
        for pid in (*ours, *self._postgresql_pids()):
            with suppress(ProcessLookupError):
                os.kill(pid, wanted)

    def _postmaster(self) -> int:
        return int(Path(self._path("data/postmaster.pid")).read_text().split()[0])

    def _postgresql_pids(self) -> list[int]:
        """The postmaster and its children, also those that it left behind."""
        data = self._path("data")
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str((entry / "cwd").readlink()) == data:
                    found.append(int(entry.name))
        return found


class Machines:
    """The three of them."""

    def __init__(self, directory: Path, ttl: int) -> None:
        ports = dict(zip(("2379", "2380", "8008", "5432"), _free_ports(4), strict=True))
        self._is_synchronous = True
        self.all = [Machine(number, ports, directory, ttl) for number in range(len(ADDRESSES))]

    def url(self, user: str = "postgres:PASSWORD_1", database: str = "postgres") -> str:
        hosts = ",".join(f"{each.address}:{each.port}" for each in self.all)
        return f"postgresql://{user}@{hosts}/{database}?target_session_attrs=read-write"

    def start(self) -> None:
        for each in self.all:
            each.start()
        self.wait_until_whole()

    def wait_until_whole(self) -> None:
        """A primary that takes writes and two replicas that follow it, one of them in step."""
        wait_for("a primary and two replicas", self._is_whole, self.log)

    def primary(self) -> Machine:
        found: list[Machine] = []

        def one_leads() -> bool:
            found[:] = [each for each in self.all if each.state().get("role") == "master"]
            return len(found) == 1

        wait_for("one primary", one_leads, self.log)
        return found[0]

    def replicas(self) -> list[Machine]:
        primary = self.primary()
        return [each for each in self.all if each is not primary]

    def log(self) -> str:
        return "\n".join(f"--- {each.name}\n{each.log()}" for each in self.all)

    def in_step(self) -> Machine:
        """The replica that has every commit before it is answered."""
        found = [each for each in self.replicas() if each.state().get("sync_standby")]
        return found[0]

    def _is_whole(self) -> bool:
        states = [each.state() for each in self.all]
        leads = [s for s in states if s.get("role") == "master" and s.get("state") == "running"]
        if len(leads) != 1:
            return False
        following = [
            each for each in leads[0].get("replication", ()) if each.get("state") == "streaming"
        ]
        # Patroni promotes only a replica that it has noted as being in step.
        noted = any(each.get("sync_standby") for each in states)
        return len(following) == 2 and (noted or not self._is_synchronous)

    def set_synchronous(self, wanted: bool) -> None:
        """Whether an answer waits until a second machine has it; Patroni's own mode."""
        self._is_synchronous = wanted
        self.primary().configure(synchronous_mode=wanted)

        def is_set() -> bool:
            following = self.primary().state().get("replication", ())
            return wanted == ("sync" in {each["sync_state"] for each in following})

        wait_for("the other kind of replication", is_set, self.log)
        self.wait_until_whole()

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement on the primary, as its administrator."""
        with psycopg.connect(self.url(database=database), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def three_machines(ttl: int = 20) -> Iterator[Machines]:
    """Three machines that are whole, and gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="orderguard-machines-"))
    directory.chmod(0o755)
    machines = Machines(directory, ttl)
    try:
        machines.start()
        yield machines
    finally:
        for each in machines.all:
            each.thaw()
            each.lose()
        shutil.rmtree(directory, ignore_errors=True)


def _command_line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses at any of the addresses."""
    found: list[int] = []
    for port in PORTS[os.getpid() % 10_000 :]:
        with suppress(OSError):
            for address in ADDRESSES:
                with socket.socket() as probe:
                    probe.bind((address, port))
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")
