"""Two servers of ours behind HAProxy, on a database that has several machines."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase
from tests.operations.machines import Machines, wait_for
from tests.postgresql.proxy import Network
from tests.support.postgresql import free_port
from tests.support.server_process import ServerProcess

DOCUMENTED = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"


class Fleet:
    """The servers by their numbers, and the address that the shops call."""

    def __init__(self, machines: Machines, directory: Path, stack: ExitStack) -> None:
        self.machines = machines
        self._directory = directory
        self._stack = stack
        self.url_of_database = a_database(machines)
        # The first server reaches the database through networks that can be cut.
        self.networks = [
            stack.enter_context(Network(each.port, each.address)) for each in machines.all
        ]
        self._ports = [free_port(), free_port()]
        self.servers = [self._start(number) for number in range(2)]
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._begin_proxy()
        wait_for("both servers behind the proxy", lambda: self._is_ready(self.port), self.log)

    def kill(self, number: int) -> None:
        self.servers[number].signal_all(signal.SIGKILL)

    def freeze(self, number: int) -> None:
        self.servers[number].signal_all(signal.SIGSTOP)

    def thaw(self, number: int) -> None:
        self.servers[number].signal_all(signal.SIGCONT)

    def start_again(self, number: int) -> None:
        self.servers[number].exit_code()
        self.servers[number] = self._start(number)

    def cut_from_database(self) -> None:
        """Nothing of what the first server sends to any database arrives, nor is it refused."""
        for each in self.networks:
            each.fall_silent()

    def reconnect_to_database(self) -> None:
        for each in self.networks:
            each.speak()

    def wait_until_ready(self) -> None:
        for port in self._ports:
            wait_for(f"the server at {port}", lambda port=port: self._is_ready(port), self.log)

    def log(self) -> str:
        return "\n".join(
            each.read_text(errors="replace")[-4_000:] for each in self._directory.glob("*.log")
        )

    def _start(self, number: int) -> ServerProcess:
        url = self.url_of_database
        if number == 0:
            for machine, network in zip(self.machines.all, self.networks, strict=True):
                url = url.replace(f"{machine.address}:{machine.port}", f"127.0.0.1:{network.port}")
        log = self._directory / f"server{number}.log"
        server = ServerProcess(url, port=self._ports[number], log=log)
        self._stack.enter_context(server)
        return server

    def _begin_proxy(self) -> None:
        text = DOCUMENTED.read_text().replace(":8443", f"127.0.0.1:{self.port}")
        for number, port in enumerate(self._ports, start=1):
            text = text.replace(f"ADDRESS_{number}:8080", f"127.0.0.1:{port}")
        file = self._directory / "haproxy.cfg"
        file.write_text(text)
        haproxy = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
        assert haproxy
        with (self._directory / "haproxy.log").open("ab") as log:
            process = subprocess.Popen(
                [haproxy, "-db", "-f", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)

    @staticmethod
    def _is_ready(port: int) -> bool:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return 200 == connection.getresponse().status
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def a_database(machines: Machines) -> str:
    """The URL of a new database with the current schema, owned by a user of its own."""
    machines.execute("CREATE ROLE orderguard LOGIN PASSWORD 'ours'")
    machines.execute("CREATE DATABASE orderguard OWNER orderguard")
    url = machines.url("orderguard:ours", "orderguard")
    database = SqlDatabase(url)
    schema.upgrade(database)
    database.dispose()
    return url


@contextmanager
def a_fleet(machines: Machines, directory: Path) -> Iterator[Fleet]:
    with ExitStack() as stack:
        fleet = Fleet(machines, directory, stack)
        yield fleet
