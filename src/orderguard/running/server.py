"""Serving: sockets, signals, and graceful shutdown."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial

import uvicorn

from orderguard.http.connection import WholeAnswerProtocol
from orderguard.http.connections import ConnectionLimits, Connections
from orderguard.http.edge import Application
from orderguard.randomness import new_request_id
from orderguard.running.chores import doing_chores
from orderguard.running.descriptors import connections_within, raise_descriptor_limit
from orderguard.running.event_loop import event_loop
from orderguard.running.preparing import prepare_schema
from orderguard.running.sockets import listen_for_operations
from orderguard.running.wiring import wire_server
from orderguard.settings import Settings

OPERATIONS_CONNECTIONS = 32


def serve(
    settings: Settings,
    listener: socket.socket,
    *,
    private: socket.socket | None = None,
    started: Callable[[], None] = lambda: None,
    servers: list[uvicorn.Server] | None = None,
    does_chores: bool = True,
) -> None:
    """Serve until asked to stop, then finish the requests in flight.

    `private` is the socket of the operations port, when the caller has opened it already. `started`
    is called once requests are answered. `servers`, when given, receives the running servers, so
    that another thread can ask them to stop (`should_exit`). Without `does_chores` another process
    must run the chores: see `chores`.
    """
    prepare_schema(settings)
    private = private or listen_for_operations(settings)
    servers = servers if servers is not None else []
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(_serve(settings, listener, private, started, servers, does_chores=does_chores))


async def _serve(
    settings: Settings,
    listener: socket.socket,
    private: socket.socket | None,
    started: Callable[[], None],
    servers: list[uvicorn.Server],
    *,
    does_chores: bool,
) -> None:
    server = wire_server(settings)
    spare_the_garbage_collector()
    async with AsyncExitStack() as stack:
        stack.enter_context(_stopping_on_signals(servers))
        await stack.enter_async_context(server.running())
        if does_chores:
            await stack.enter_async_context(doing_chores(settings))
        descriptors = raise_descriptor_limit()
        limits = _limits(settings, connections_within(settings.connections, descriptors))
        connections = Connections(limits, server.tally, new_request_id)
        public = _uvicorn(server.application, settings, connections, started)
        servers.append(public)
        serving = [public.serve(sockets=[listener])]
        if private:
            # A separate count: health and metrics must answer when the public port is full.
            few = replace(limits, connections=OPERATIONS_CONNECTIONS, connections_per_address=0)
            connections = Connections(few, server.tally, new_request_id)
            operations = _uvicorn(server.operations, settings, connections, lambda: None)
            servers.append(operations)
            serving.append(operations.serve(sockets=[private]))
        try:
            await asyncio.gather(*serving)
        finally:
            server.tally.tell(at_once=True)


def _limits(settings: Settings, connections: int) -> ConnectionLimits:
    return ConnectionLimits(
        request_head_bytes=settings.request_head_bytes,
        request_headers=settings.request_headers,
        request_head_seconds=settings.request_head_seconds,
        request_body_seconds=settings.request_body_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
        connections=connections,
        connections_per_address=settings.connections_per_address,
        trusted_proxies=settings.trusted_networks,
    )


def spare_the_garbage_collector() -> None:
    """Freeze the objects loaded so far, and run the garbage collector less often.

    Requests create many objects and hardly a reference cycle. At the default thresholds the
    collector runs several times per request; a full collection takes tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@contextmanager
def _stopping_on_signals(servers: list[uvicorn.Server]) -> Iterator[None]:
    """SIGTERM and Ctrl-C stop all servers; the second time, at once.

    By default each uvicorn server handles signals itself, and raises the same signal again when it
    has stopped. Then the other server would not stop, and unwritten data would be lost.
    """

    def stop(_signal: int, _frame: object) -> None:
        for each in servers:
            each.force_exit = each.should_exit
            each.should_exit = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _AnnouncedServer(uvicorn.Server):
    """Calls back when it answers requests, and leaves the signals to `_stopping_on_signals`."""

    started_callback: Callable[[], None]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.started_callback()


def _uvicorn(
    application: Application,
    settings: Settings,
    connections: Connections,
    started: Callable[[], None],
) -> _AnnouncedServer:
    server = _AnnouncedServer(
        uvicorn.Config(
            application,
            loop="none",
            http=partial(WholeAnswerProtocol, connections=connections),  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            # `http/client_address.py` reads X-Forwarded-For, and only from trusted proxies.
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=settings.shutdown_seconds,
            timeout_keep_alive=settings.keep_alive_seconds,
        )
    )
    server.started_callback = started
    return server
