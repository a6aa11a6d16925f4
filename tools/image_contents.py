"""What of Debian's and Python's packages goes into the container image, and what is taken out.

Nothing is taken out that a documented command needs: `make install-walk` runs them in the image.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PACKAGES = ("python3", "ca-certificates", "libstdc++6", "busybox", "postgresql-client-15")
"""What is asked for; Debian adds what these need, and a system to install them with."""

KEPT = frozenset([
    "base-files", "busybox", "ca-certificates", "media-types", "postgresql-client-15",
    "gcc-12-base", "libc6", "libc-bin", "libgcc-s1", "libstdc++6", "python3", "python3-minimal",
    "python3.11", "python3.11-minimal", "libpython3-stdlib", "libpython3.11-stdlib",
    "libpython3.11-minimal", "libbz2-1.0", "libcrypt1", "libexpat1", "libffi8", "liblzma5",
    "libncursesw6", "libreadline8", "libsqlite3-0", "libssl3", "libtinfo6", "libuuid1",
    "readline-common", "zlib1g",
])  # fmt: skip
"""Debian's packages that stay. Apt, dpkg, perl and every setuid program go."""

LEFT_OUT = (
    "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian",
    "usr/share/bash-completion", "usr/share/perl5", "usr/share/zoneinfo/right",
    "usr/share/postgresql", "var/cache", "var/log", "var/lib/apt", "var/backups",
    "etc/alternatives", "etc/apt", "etc/cron.daily", "etc/systemd",
    "usr/lib/python3.11/test", "usr/lib/python3.11/idlelib", "usr/lib/python3.11/lib2to3",
    "usr/lib/python3.11/pydoc_data",
    # Character sets of other centuries: Python brings its own.
    "usr/lib/*-linux-gnu/gconv",
    # Their libraries do not stay: Berkeley's database, and NIS with Kerberos.
    "usr/lib/python3.11/lib-dynload/_dbm.*", "usr/lib/python3.11/lib-dynload/nis.*",
    # Of PostgreSQL's clients, backups need these two: pg_dump and pg_restore.
    "usr/lib/postgresql/15/bin/[!p]*", "usr/lib/postgresql/15/bin/p[!g]*",
    "usr/lib/postgresql/15/bin/pg[!_]*", "usr/lib/postgresql/15/bin/pg_[!dr]*",
    "usr/lib/postgresql/15/bin/pg_dumpall",
    "usr/lib/postgresql/15/bin/pg_re[!s]*", "usr/lib/postgresql/15/lib",
)  # fmt: skip
"""What a server never reads, below the root."""

LEFT_OUT_OF_PYTHON = (
    "bin", "*/testing", "*/tests", "falcon/bench", "google/protobuf/testdata", "wrapt-stubs",
    # Each holds all of CEL once more; merchants' conditions use none of them.
    "cel_expr_python/ext",
    # Colours for programs in other languages than Python.
    "pygments/lexers/[!_p]*", "pygments/lexers/p[!y]*", "pygments/lexers/_[!_m]*",
    "pygments/styles/[!_d]*",
)  # fmt: skip
"""The same, below the folder of the Python packages."""

SOURCES_OF_EXTENSIONS = {".pyx", ".pxd", ".c", ".h", ".pyi"}


def remove_what_installed_it(root: Path) -> None:
    """Purge Debian's packages that are not in `KEPT`; dpkg's list then says what stays."""
    present = {name for name, _ in debian_packages(root)}
    if missing := KEPT - present:
        raise SystemExit(f"Debian did not install {', '.join(sorted(missing))}")
    # Scripts of packages would start programs in there that have gone before.
    for script in (root / "var/lib/dpkg/info").glob("*.*rm"):
        script.unlink()
    purge = ["/usr/bin/dpkg", f"--root={root}", "--force-all", "--purge", *sorted(present - KEPT)]
    done = subprocess.run(purge, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"dpkg could not remove packages:\n{done.stderr[-2000:]}")


def debian_packages(root: Path) -> list[tuple[str, str]]:
    """Names and versions of Debian's packages."""
    asked = ["/usr/bin/dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W"]
    layout = ["-f", "${db:Status-Status} ${Package} ${Version}\n"]
    listed = subprocess.run([*asked, *layout], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [(name, version) for status, name, version in rows if status == "installed"]


def leave_out(root: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        for path in root.glob(pattern):
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)


def add_a_shell(root: Path) -> None:
    """`sh`, `sleep`, `ls` and the like are busybox, in an eighth of the space."""
    programs = ["/usr/sbin/chroot", str(root), "/bin/busybox"]
    listed = subprocess.run([*programs, "--list"], check=True, capture_output=True, text=True)
    for name in listed.stdout.split():
        link = root / "usr/bin" / name
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to("busybox")


def remove_broken_links(root: Path) -> None:
    for folder in ("usr/bin", "usr/sbin", "etc"):
        for path in (root / folder).rglob("*"):
            # A link may be absolute, and is meant below the root.
            if path.is_symlink() and not _target(root, path).exists():
                path.unlink()


def _target(root: Path, link: Path) -> Path:
    target = link.readlink()
    return root / str(target).lstrip("/") if target.is_absolute() else link.parent / target


def add_backup_programs(root: Path, home: str) -> None:
    """`pg_dump` and `pg_restore` of Debian on the libpq that psycopg brings: one is enough."""
    (bundled,) = (root / home / "psycopg_binary.libs").glob("libpq-*.so.5*")
    (bundled.parent / "libpq.so.5").symlink_to(bundled.name)
    for name in ("pg_dump", "pg_restore"):
        command = root / "usr/local/bin" / name
        found = f"/usr/lib/postgresql/15/bin/{name}"
        command.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH=/{home}/psycopg_binary.libs exec {found} "$@"\n'
        )
        command.chmod(0o755)


def strip_libraries(folder: Path) -> None:
    """Without symbols that only debuggers read; a third of what wheels unpack to."""
    libraries = sorted(each for each in folder.rglob("*.so*") if not each.is_symlink())
    for each in libraries:
        subprocess.run(["/usr/bin/strip", "--strip-unneeded", str(each)], check=True)
