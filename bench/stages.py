"""Measure the CPU time of each stage of one analysis, on a cart of ten lines.

`python -m bench.stages` wires the real server on a temporary SQLite file, without sockets, and
times the functions that a request passes. Times are CPU time of this process, the best of several
repetitions, so that they come out alike on a busy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

import falcon.asgi
import msgspec
import structlog
import uvloop
from rich.console import Console

from bench.carts import cart_template
from bench.comparison import LINES
from bench.environment import HERE
from bench.page import publish_stages
from bench.places import work_directory
from bench.report import Rows, print_rows
from bench.shop import configuration, open_shop
from orderguard.actions.analyze_cart import AnalysisResult
from orderguard.actions.publish_configuration import read_configuration
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.offers.eligibility import Eligible, Inspection, decide
from orderguard.domain.offers.offer import make_offer, price_offer
from orderguard.domain.people.api_key import Scope
from orderguard.http import analyze as analyze_module
from orderguard.http.analyze import AnalyzeResource
from orderguard.http.edge import Edge, Exchange
from orderguard.http.metrics import Metrics
from orderguard.http.request_body import read_body
from orderguard.http.wire import cart as cart_module
from orderguard.http.wire.analyze_request import AnalyzeRequest
from orderguard.http.wire.cart import analysis_request_from_body
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.offer import analysis_to_wire
from orderguard.observability import configure_logging
from orderguard.randomness import new_request_id, new_session_id
from orderguard.rules.cel import CelCompiler
from orderguard.running.server import spare_the_garbage_collector
from orderguard.running.wiring import now, wire_server
from orderguard.settings import Settings
from orderguard.storage.rows import cart_to_row, offer_to_row

REPETITIONS = 9
SECONDS = 0.05
"""How long each repetition takes."""

TOGETHER = 32
"""Requests under way at once, so that they share commits as they do under load."""

Step = Callable[[], object]
AsyncStep = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the path of a request, and its CPU time per request in microseconds."""

    group: str
    name: str
    cpu_us: float


def best_us(step: Step) -> float:
    """CPU microseconds of one call of `step`: the best of several repetitions."""
    times = _calls_for(SECONDS, lambda calls: _timed(step, calls))
    return min(_timed(step, times) for _ in range(REPETITIONS)) / times * 1e6


def _timed(step: Step, calls: int) -> float:
    began = process_time()
    for _ in range(calls):
        step()
    return process_time() - began


def _calls_for(seconds: float, timed: Callable[[int], float]) -> int:
    calls = 1
    while (took := timed(calls)) < seconds / 4:
        calls *= 2
    return max(1, round(calls * seconds / took))


async def best_us_async(step: AsyncStep, *, requests: int = 1, calls: int = 200) -> float:
    """Like `best_us`, for a coroutine that handles `requests` requests per call."""
    took = []
    for _ in range(REPETITIONS):
        began = process_time()
        for _ in range(calls):
            await step()
        took.append(process_time() - began)
    return min(took) / calls / requests * 1e6


class Call:
    """An ASGI request without a network: its scope, and `receive` and `send`."""

    def __init__(self, key: str, body: bytes) -> None:
        self._body = body
        self._headers = [
            (b"host", b"127.0.0.1"),
            (b"x-authorization", key.encode()),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        self.status = 0

    def scope(self) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/analyze",
            "raw_path": b"/v1/analyze",
            "query_string": b"",
            "root_path": "",
            "headers": self._headers,
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 8080),
            "state": {},
        }

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


@dataclass(frozen=True, slots=True)
class Parts:
    """The wired server in parts, and one request with the values that each stage needs."""

    application: Any
    resource: AnalyzeResource
    key: str
    body: bytes
    configuration: MerchantConfiguration

    def analysis(self, body: bytes) -> Analysis:
        """The analysis to be recorded for this request body."""
        wanted, _ = analysis_request_from_body(body, request_id="req_x")
        return Analysis(
            merchant=MerchantId("mer_bench"),
            session=None,
            cart_id=wanted.cart_id,
            new_session=new_session_id(now()),
            cart=wanted.cart,
            offer=make_offer(wanted.cart, self.configuration),
            configuration_version=self.configuration.version,
            request_id=new_request_id(),
            at=now(),
        )

    def bodies(self) -> Iterator[bytes]:
        """Request bodies in the mix of the benchmark: every third cart is new."""
        template = cart_template(LINES)
        return (template.body(f"cart-{number // 3}", 1000 + number % 9000) for number in count())


async def stages(parts: Parts) -> list[Stage]:
    return [
        *await _http(parts),
        *await _auth(parts),
        *await _pure(parts),
        *await _store(parts),
        await _whole(parts),
    ]


async def _http(parts: Parts) -> list[Stage]:
    call = Call(parts.key, parts.body)

    class Nothing:
        async def on_post(self, _: falcon.asgi.Request, response: falcon.asgi.Response) -> None:
            response.data = b"{}"

    class Reading:
        async def on_post(
            self, request: falcon.asgi.Request, response: falcon.asgi.Response
        ) -> None:
            await read_body(request, exchange)
            response.data = b"{}"

    async def answer(_scope: object, _receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    exchange = Exchange(request_id="req_x", origin=None, is_checkout=True)
    nothing, reading = falcon.asgi.App(), falcon.asgi.App()
    nothing.add_route("/v1/analyze", Nothing())
    reading.add_route("/v1/analyze", Reading())
    edge = Edge(answer, Metrics(), new_request_id)

    async def through(application: Any) -> float:
        return await best_us_async(lambda: application(call.scope(), call.receive, call.send))

    plain = await through(nothing)
    return [
        Stage("HTTP", "Falcon: route, request, response", plain),
        Stage("HTTP", "read the body, counting", await through(reading) - plain),
        Stage("HTTP", "edge: request id, CORS, metrics, log line", await through(edge)),
    ]


async def _auth(parts: Parts) -> list[Stage]:
    call = Call(parts.key, parts.body)
    request = falcon.asgi.Request(call.scope(), call.receive)
    exchange = Exchange(request_id="req_x", origin=None, is_checkout=True)
    callers: Any = parts.resource._callers
    cost = await best_us_async(lambda: callers.identify(request, exchange, Scope.CART))
    return [Stage("auth", "key to merchant", cost)]


async def _pure(parts: Parts) -> list[Stage]:
    """Everything that needs neither a socket nor a disk."""
    wanted, notes = analysis_request_from_body(parts.body, request_id="req_x")
    wire = msgspec.json.decode(parts.body, type=AnalyzeRequest)
    building = best_us(lambda: cart_module._checked(wire, Notes(), "req_x"))
    reading = best_us(lambda: analysis_request_from_body(parts.body, request_id="req_x"))
    analysis = parts.analysis(parts.body)
    result = AnalysisResult(
        offer=analysis.offer, recorded=RecordedAnalysis(analysis.new_session, 1)
    )
    answer = analysis_to_wire(result, wanted.cart, notes=notes, debug=False)
    encode = analyze_module._encode
    log: Any = parts.resource._analyze_cart
    seen = Inspection(wanted.cart, parts.configuration)
    eligible = decide(seen)
    assert isinstance(eligible, Eligible)
    deciding = best_us(lambda: make_offer(wanted.cart, parts.configuration))
    pricing = best_us(lambda: price_offer(seen, eligible.modes))
    return [
        Stage("decode", "JSON, types, no key twice", reading - building),
        Stage("decode", "cart built", building),
        Stage("decide", "lines sorted, all checks", deciding - pricing),
        Stage("price", "both modes", pricing),
        Stage("record", "a fresh session id", best_us(lambda: new_session_id(analysis.at))),
        Stage(
            "record",
            "decision for the log",
            best_us(lambda: log._answer(analysis, result.recorded)),
        ),
        Stage(
            "encode",
            "answer as structs",
            best_us(lambda: analysis_to_wire(result, wanted.cart, notes=notes, debug=False)),
        ),
        Stage("encode", "answer as JSON", best_us(lambda: encode(answer))),
    ]


async def _store(parts: Parts) -> list[Stage]:
    """The real journal with its real commits, all of whose threads count."""
    analysis = parts.analysis(parts.body)
    rows = best_us(lambda: (cart_to_row(analysis.cart), offer_to_row(analysis.offer)))
    journal: Any = parts.resource._analyze_cart.journal
    bodies = parts.bodies()
    upcoming = iter(
        [
            [parts.analysis(next(bodies)) for _ in range(TOGETHER)]
            for _ in range(REPETITIONS * _BATCHES)
        ]
    )

    async def commit() -> None:
        await asyncio.gather(*(journal.record(each) for each in next(upcoming)))

    cost = await best_us_async(commit, requests=TOGETHER, calls=_BATCHES)
    return [
        Stage("store", "cart and offer to rows", rows),
        Stage("store", f"group commit on SQLite, {TOGETHER} together", cost - rows),
    ]


async def _whole(parts: Parts) -> Stage:
    """Requests through everything but the socket."""
    bodies = parts.bodies()

    async def one() -> None:
        call = Call(parts.key, next(bodies))
        await parts.application(call.scope(), call.receive, call.send)
        assert call.status == 200, call.status

    async def together() -> None:
        await asyncio.gather(*(one() for _ in range(TOGETHER)))

    cost = await best_us_async(together, requests=TOGETHER, calls=_BATCHES)
    return Stage("everything", f"the above in one piece, {TOGETHER} together", cost)


_BATCHES = 10


async def _take_apart(directory: Path) -> list[Stage]:
    settings = Settings(database_url=f"sqlite:///{directory}/stages.db")
    key = open_shop(settings.database_url)
    server = wire_server(settings)
    application: Any = server.application
    resource = application._application._front._router.find("/v1/analyze")[0]
    compiled = read_configuration(
        configuration(rules=0), CelCompiler(), version=ConfigurationVersion(1)
    )
    body = cart_template(LINES).body("cart-0")
    async with server.running():
        return await stages(Parts(application, resource, key, body, compiled))


def as_rows(found: list[Stage]) -> Rows:
    rows = [(each.group, each.name, f"{each.cpu_us:.1f}") for each in found]
    rows.insert(-1, ("sum", "", f"{sum(each.cpu_us for each in found[:-1]):.1f}"))
    return Rows("Where the microseconds go", ("stage", "", "CPU µs"), rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.stages", description=__doc__)
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md")
    publish = parser.parse_args().publish
    # Log lines are made and written, as in production, and nobody reads them.
    with Path(os.devnull).open("w") as nowhere, work_directory() as directory:
        configure_logging(log_format="json")
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        spare_the_garbage_collector()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(_take_apart(directory))
    rows = as_rows(found)
    print_rows(rows, Console())
    file = HERE / "results" / "stages.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n")
    if publish:
        publish_stages(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
