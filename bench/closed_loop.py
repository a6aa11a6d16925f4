"""Closed loop, by wrk: each connection sends its next request as soon as the last was answered."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.workload import Target, Workload

CONNECTIONS = 32
_SCRIPT = Path(__file__).parent / "load" / "analyze.lua"
_RESULT = re.compile(r"^RESULT (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)$", re.MULTILINE)


class LoadFailed(Exception):
    """The load generator ended without a result."""


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """The result of a closed loop. `errors` counts answers other than 2xx, and missing answers."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.seconds


def closed_loop(
    target: Target, workload: Workload, *, seconds: float, connections: int = CONNECTIONS
) -> ClosedLoop:
    """Load the target with this number of connections, for some seconds. Raises `LoadFailed`."""
    command = ["wrk", "-t2", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    finished = subprocess.run(
        [*command, "-s", str(_SCRIPT), target.url],
        env=os.environ | _environment(target, workload),
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=False,
    )
    found = _RESULT.search(finished.stdout)
    if not found:
        raise LoadFailed(f"wrk said: {finished.stdout[-500:]}{finished.stderr[-500:]}")
    requests, microseconds, p50, p99, errors = found.groups()
    return ClosedLoop(
        requests=int(requests),
        seconds=int(microseconds) / 1e6,
        p50_ms=float(p50) / 1000,
        p99_ms=float(p99) / 1000,
        errors=int(errors),
    )


def _environment(target: Target, workload: Workload) -> dict[str, str]:
    return {
        "BENCH_BODY": str(workload.body_file),
        "BENCH_KEY": target.key,
        "BENCH_RUN": workload.new_run(),
        "BENCH_SEEDED": str(workload.seeded),
    }
