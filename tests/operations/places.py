"""Places where Orderguard is installed, and how a program without rights is run in each."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.operations.machines import wait_for

USER = "10001"
DATA = "/var/lib/orderguard"
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Place:
    """`enter` makes the command that runs a program there, in the directory of the data."""

    enter: Callable[[Sequence[str]], list[str]]
    orderguard: Sequence[str]
    data: Path
    """That directory, from here."""

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.data.parent / "server.log").open("wb") as log:
            command = self.enter([*self.orderguard, *arguments])
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def run(self, *arguments: str) -> str:
        return self.run_program(*self.orderguard, *arguments)

    def run_program(self, *program: str) -> str:
        done = subprocess.run(
            self.enter(program),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    def write(self, name: str, text: str) -> None:
        (self.data / name).write_text(text)
        (self.data / name).chmod(0o644)


def bubblewrapped(
    root: Path, orderguard: Sequence[str], data: Path, settings: dict[str, str]
) -> Place:
    """A root directory that cannot be written, in namespaces of its own; the network is ours."""
    inside = {"PATH": "/usr/local/bin:/usr/bin:/bin", **settings}
    variables = [part for name, value in inside.items() for part in ("--setenv", name, value)]
    command = [
        *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "bwrap"),
        *("--ro-bind", str(root), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
        *("--bind", str(data), DATA, "--chdir", DATA, "--unshare-user", "--unshare-pid"),
        *("--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL", "--die-with-parent"),
        *("--clearenv", *variables),
    ]
    return Place(lambda program: [*command, *program], orderguard, data)


class Podman:
    """The image in a real container, as the documents say it: read-only, and without rights."""

    def __init__(self, storage: Path) -> None:
        self._podman = [
            *("podman", "--root", str(storage / "root"), "--runroot", str(storage / "run")),
            *("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"),
            *("--events-backend", "file", "--runtime", "runc"),
        ]

    def load(self, archive: Path) -> str:
        """The name of the image in an archive of Docker's."""
        return self._run("load", "--quiet", "--input", str(archive)).split()[-1]

    def config(self, image: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(self._run("inspect", "--type", "image", image))[0]
        return found

    def place(self, image: str, orderguard: Sequence[str], data: Path, settings: dict[str, str]
    ) -> Place:  # fmt: skip
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        options = [
            *("run", "--rm", "--network", "host", "--read-only", "--tmpfs", "/tmp"),
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            # Those of this machine: who may not raise them could start nothing otherwise.
            *("--ulimit", f"nofile={soft}:{hard}", "--ulimit", "nproc=4096:4096"),
            *("--volume", f"{data}:{DATA}"),
            *(part for name, value in settings.items() for part in ("--env", f"{name}={value}")),
        ]

        def enter(program: Sequence[str]) -> list[str]:
            first, *others = program
            return [*self._podman, *options, "--entrypoint", first, image, *others]

        return Place(enter, orderguard, data)

    def remove_everything(self) -> None:
        subprocess.run([*self._podman, "system", "reset", "--force"], check=False)

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._podman, *words], capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stderr
        return done.stdout


class Booted:
    """A Debian with a booted systemd, in a container of systemd's own; the network is ours."""

    def __init__(self, root: Path) -> None:
        command = ["systemd-nspawn", "--quiet", f"--directory={root}", "--register=no"]
        self._process = subprocess.Popen(
            [*command, "--keep-unit", "--boot", "--console=pipe"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for("systemd", self._is_running)

    def run(self, command: str) -> str:
        """What a command of the shell prints, run as root in there."""
        done = subprocess.run(
            self.enter(["sh", "-ec", f"cd /walk; {command}"]),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert 0 == done.returncode, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def enter(self, program: Sequence[str]) -> list[str]:
        return ["nsenter", "--target", str(self._init()), "--all", *program]

    def stop(self) -> None:
        with suppress(AssertionError):
            self.run("systemctl poweroff")
        try:
            self._process.wait(PATIENCE_SECONDS)
        finally:
            self._process.kill()

    def _init(self) -> int:
        """The id, from here, of its first process: the only child of what contains it."""
        number = self._process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        assert children, "systemd-nspawn has ended"
        return int(children[0])

    def _is_running(self) -> bool:
        assert self._process.poll() is None, "systemd-nspawn has ended"
        with suppress(AssertionError):
            state = subprocess.run(
                self.enter(["systemctl", "is-system-running"]), capture_output=True, check=False
            ).stdout.strip()
            return state in (b"running", b"degraded")
        return False


@contextmanager
def a_directory_for_data() -> Iterator[Path]:
    """A directory of the user's, not below pytest's own, which are closed to everybody else."""
    with tempfile.TemporaryDirectory(
        prefix="orderguard-install-", ignore_cleanup_errors=True
    ) as it:
        parent = Path(it)
        parent.chmod(0o755)
        (parent / "data").mkdir(mode=0o700)
        os.chown(parent / "data", int(USER), int(USER))
        yield parent / "data"


def minutes_since(moment: float) -> str:
    return f"{(time.monotonic() - moment) / 60:.1f} min"
