"""A real PgBouncer in front of a test's PostgreSQL. Debian's package; nothing is installed here."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

from tests.support.postgresql import UNPRIVILEGED

START_WITHIN_SECONDS = 30


@contextmanager
def pgbouncer(program: str, database_url: str, settings: str) -> Iterator[str]:
    """The URL of the database through PgBouncer with these settings, one a line."""
    server = urlsplit(database_url)
    name = server.path.strip("/")
    directory = Path(tempfile.mkdtemp(prefix="orderguard-pgbouncer-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (directory / "users").write_text(f'"{server.username}" ""\n')
    (directory / "pgbouncer.ini").write_text(
        f"[databases]\n{name} = host={server.hostname} port={server.port} dbname={name}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {directory}/users\n{settings}\n"
    )
    command = [program, "--quiet", str(directory / "pgbouncer.ini")]
    demoted = {}
    if os.geteuid() == 0:  # PgBouncer refuses to run as root
        user = pwd.getpwnam(UNPRIVILEGED)
        for path in (directory, *directory.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        demoted = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **demoted)  # type: ignore[call-overload]
    try:
        _wait_until_it_listens(port, process)
        yield f"postgresql://{server.username}@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(directory, ignore_errors=True)


def _wait_until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + START_WITHIN_SECONDS
    while True:
        assert process.poll() is None, "PgBouncer ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert monotonic() < deadline, "PgBouncer does not listen"
            sleep(0.05)
        else:
            return
