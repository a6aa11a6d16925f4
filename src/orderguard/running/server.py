"""Serve on sockets, handle signals, and shut down gracefully."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial

import uvicorn

from orderguard.http.connection import WholeAnswerProtocol
from orderguard.http.connections import ConnectionLimits, Connections
from orderguard.http.edge import Application
from orderguard.randomness import new_request_id
from orderguard.running.descriptors import connections_within, raise_descriptor_limit
from orderguard.running.event_loop import event_loop
from orderguard.running.preparing import prepare_schema
from orderguard.running.sockets import listen_for_operations
from orderguard.running.wiring import wire_server
from orderguard.settings import Settings

OPERATIONS_CONNECTIONS = 32


def is_at_terminal() -> bool:
    """Whether this process runs in a terminal, where SIGHUP means that the terminal was closed."""
    return sys.stdin is not None and sys.stdin.isatty()


class Ending:
    """Handles the signals that end a serving process: SIGTERM and Ctrl-C, or SIGHUP to restart.

    The first signal lets the process finish, a second one stops it at once. `before` runs in a
    thread of its own on the first signal, while requests are answered as usual.
    """

    def __init__(
        self,
        before: Callable[[], None] = lambda: None,
        *,
        kept: Sequence[socket.socket] = (),
    ) -> None:
        """`kept` are sockets whose duplicates serve; they stay open when the process restarts.

        Without any, SIGHUP keeps its usual effect.
        """
        self.begins_anew = False
        self.servers: list[uvicorn.Server] = []
        self._before = before
        self._kept = kept
        self._is_asked = False

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Handle signals until the block is left; in the main thread only.

        By default each uvicorn server handles signals itself, and raises the same signal again when
        it has stopped. Then the other server would not stop, and unwritten data would be lost.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heard = [signal.SIGTERM, signal.SIGINT]
        if self._kept and not is_at_terminal():
            heard.append(signal.SIGHUP)
        before = {each: signal.signal(each, self._hear) for each in heard}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _hear(self, heard: int, _frame: object) -> None:
        if self._is_asked:
            self._ask(at_once=True)
            return
        self._is_asked = True
        self.begins_anew = heard == signal.SIGHUP
        threading.Thread(target=self._end, name="ending", daemon=True).start()

    def _end(self) -> None:
        try:
            self._before()
        finally:
            if not self.begins_anew:
                # As long as a socket is open, the kernel accepts connections for it.
                for each in self._kept:
                    each.close()
            self._ask(at_once=False)

    def _ask(self, *, at_once: bool) -> None:
        for each in self.servers:
            each.force_exit = at_once
            each.should_exit = True


def serve(
    settings: Settings,
    listener: socket.socket,
    *,
    private: socket.socket | None = None,
    started: Callable[[], None] = lambda: None,
    ending: Ending | None = None,
    does_chores: bool = True,
) -> None:
    """Serve until asked to stop, then finish the requests in flight.

    `private` is the socket of the operations port, if the caller has opened one. `started` is
    called once requests are answered. Another thread can end serving with `should_exit` of the
    `servers` of `ending`. Without `does_chores` another process must run the chores: see `chores`.
    """
    prepare_schema(settings)
    private = private or listen_for_operations(settings)
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(
            _serve(
                settings, listener, private, started, ending or Ending(), does_chores=does_chores
            )
        )


async def _serve(
    settings: Settings,
    listener: socket.socket,
    private: socket.socket | None,
    started: Callable[[], None],
    ending: Ending,
    *,
    does_chores: bool,
) -> None:
    server = wire_server(settings)
    spare_the_garbage_collector()
    async with AsyncExitStack() as stack:
        stack.enter_context(ending.on_signals())
        await stack.enter_async_context(server.running())
        if does_chores:
            from orderguard.running.chores import doing_chores  # seldom, so not before an answer

            await stack.enter_async_context(doing_chores(settings))
        descriptors = raise_descriptor_limit()
        limits = _limits(settings, connections_within(settings.connections, descriptors))
        connections = Connections(limits, server.tally, new_request_id)

        def answers() -> None:
            started()
            server.backstage.begin()

        public = _uvicorn(server.application, settings, connections, answers)
        ending.servers.append(public)
        serving = [public.serve(sockets=[listener])]
        if private:
            # A separate count: health and metrics must answer when the public port is full.
            few = replace(limits, connections=OPERATIONS_CONNECTIONS, connections_per_address=0)
            connections = Connections(few, server.tally, new_request_id)
            operations = _uvicorn(server.operations, settings, connections, lambda: None)
            ending.servers.append(operations)
            serving.append(operations.serve(sockets=[private]))
        try:
            await asyncio.gather(*serving)
        finally:
            server.tally.log_due(at_once=True)


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


class _AnnouncedServer(uvicorn.Server):
    """Calls back when it answers requests, and leaves the signals to `Ending`."""

    started_callback: Callable[[], None]
    open_connections: Connections

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.started_callback()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.open_connections.are_ending = True
        await super().shutdown(sockets=sockets)


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
    server.open_connections = connections
    return server
