"""The machine of the benchmark: its properties, and the programs that are missing."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep

from bench.figures import percentile

SYNCS = 200


class NotPrepared(Exception):
    """The benchmark cannot run here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine of a run, as far as a reader needs it to judge the figures."""

    date: str
    processor: str
    cores: int
    memory_gb: int
    system: str
    python: str
    postgresql: str
    sync_ms: float
    """The median time to make one written page durable, where the databases are."""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def require_tools() -> None:
    """Raises `NotPrepared` when a program is missing or the operating system is another one."""
    if not sys.platform.startswith("linux"):
        raise NotPrepared("The benchmark reads /proc, so it needs Linux.")
    missing = [tool for tool in ("wrk", "nginx") if shutil.which(tool) is None]
    if missing:
        raise NotPrepared(
            f"Missing: {', '.join(missing)}. On Debian and Ubuntu: "
            f"apt-get install -y {' '.join(missing)}"
        )


def describe_machine(directory: Path, *, postgresql: str) -> Machine:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(pages / 2**30),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgresql=postgresql,
        sync_ms=sync_ms(directory),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def sync_ms(directory: Path) -> float:
    """How many milliseconds the disk takes to make one page of 4 KB durable."""
    times = []
    with tempfile.TemporaryFile(dir=directory) as file:
        for _ in range(SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            began = perf_counter()
            os.fdatasync(file.fileno())
            times.append((perf_counter() - began) * 1000)
    return percentile(times, 0.5)


def lies_in_memory(directory: Path) -> bool:
    """Whether the directory is on tmpfs, where a sync costs nothing and makes nothing durable."""
    kind = subprocess.run(
        ["stat", "-f", "-c", "%T", str(directory)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return kind.stdout.strip() in ("tmpfs", "ramfs")


def busy_share(*, seconds: float = 1) -> float:
    """The share of the processors in use, from 0 to 1, while the benchmark itself is idle."""
    idle_before, all_before = _processor_ticks()
    sleep(seconds)
    idle, all_ = _processor_ticks()
    return 1 - (idle - idle_before) / max(1, all_ - all_before)


def _processor_ticks() -> tuple[int, int]:
    """Idle ticks, waiting for the disk included, and all ticks."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)
