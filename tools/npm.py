"""Packages of npm: installed from a lock once, and packed."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.commands import run


class Unreachable(SystemExit):
    """npm has no registry here."""


LOCKED = ("package.json", "package-lock.json")


def install_locked(source: Path, cache: Path, *options: str) -> None:
    """Have the packages of the lock in `source` installed in `cache`, once for each lock.

    No package needs its install script, and none should run one here. Raises `Unreachable`, soon,
    without a registry.
    """
    wanted = hashlib.sha256(b"".join((source / name).read_bytes() for name in LOCKED)).hexdigest()
    ready = cache / "ready"
    with alone_in(cache):
        if ready.exists() and wanted == ready.read_text():
            return
        for name in LOCKED:
            shutil.copyfile(source / name, cache / name)
        _ask_registry(cache)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", *options)
        run("npm", "ci", *options, folder=cache)
        ready.write_text(wanted)


def _ask_registry(folder: Path) -> None:
    """Any package will do: not every registry has the route of `npm ping`."""
    try:
        run(
            "npm",
            "view",
            "npm",
            "version",
            "--fetch-retries=0",
            "--fetch-timeout=15000",
            folder=folder,
        )
    except SystemExit as error:
        raise Unreachable(str(error)) from error


@contextmanager
def alone_in(cache: Path) -> Iterator[None]:
    """Keep other processes that ask for the same folder waiting."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def pack(folder: Path, target: Path) -> Path:
    """Pack the package in `folder`; returns the tarball in `target`."""
    options = ("--silent", "--ignore-scripts", "--pack-destination")
    packed = run("npm", "pack", *options, target.resolve(), folder=folder)
    return target / packed.split()[-1]
