"""Measure one server: its speed under load, the cost of that, and its waits at a fixed rate."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from bench.closed_loop import CONNECTIONS, closed_loop
from bench.contenders import Contender
from bench.processes import ServerProcess, last_words
from bench.workload import Target, Workload

REST_SECONDS = 10


class WrongAnswer(Exception):
    """A server answers without an offer, so its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """A server's figures under a closed loop of 32 connections. CPU is microseconds per request."""

    requests: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float
    memory_mb: float
    database_cpu_us: float | None = None
    database_memory_mb: float | None = None


def measure_load(
    contender: Contender, workload: Workload, *, seconds: float, connections: int = CONNECTIONS
) -> Load:
    """Load the server, and compare its CPU time and memory before and after.

    Raises `LoadFailed`.
    """
    app, database = contender.app, contender.database
    _await_rest(app)
    before, database_before = app.weigh(), database.weigh() if database else None
    loop = closed_loop(contender.target, workload, seconds=seconds, connections=connections)
    after, database_after = app.weigh(), database.weigh() if database else None
    microsecond_share = 1e6 / max(1, loop.requests)
    return Load(
        requests=loop.requests,
        requests_per_second=loop.requests_per_second,
        p50_ms=loop.p50_ms,
        p99_ms=loop.p99_ms,
        errors=loop.errors,
        cpu_us=(after.cpu_seconds - before.cpu_seconds) * microsecond_share,
        memory_mb=after.memory_mb,
        database_cpu_us=(database_after.cpu_seconds - database_before.cpu_seconds)
        * microsecond_share
        if database_before and database_after
        else None,
        database_memory_mb=database_after.memory_mb if database_after else None,
    )


def _await_rest(app: ServerProcess) -> None:
    """Let the server finish what earlier callers asked for and did not wait for."""
    deadline = monotonic() + REST_SECONDS
    before = app.weigh().cpu_seconds
    while monotonic() < deadline:
        sleep(0.1)
        now = app.weigh().cpu_seconds
        if now - before < 0.025:
            return
        before = now


def require_offer(contender: Contender, workload: Workload) -> int:
    """The fee in minor units that the server quotes for the workload's cart.

    Raises `WrongAnswer`.
    """
    cart_id = "seed-1" if workload.seeded else workload.new_run()
    name, log = contender.app.name, contender.app.log
    try:
        status, answer = _post(contender.target, workload.template.body(cart_id))
    except (OSError, http.client.HTTPException) as error:
        raise WrongAnswer(f"{name} gave no answer: {error!r}; {last_words(log)}") from error
    if status != 200 or not isinstance(answer, dict) or not answer.get("eligible"):
        raise WrongAnswer(f"{name} answered {status} {json.dumps(answer)[:300]}")
    return int(answer["chargeInstructions"]["amount"])


def _post(target: Target, body: bytes) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=10)
    try:
        headers = {"X-Authorization": target.key, "Content-Type": "application/json"}
        connection.request("POST", target.path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
