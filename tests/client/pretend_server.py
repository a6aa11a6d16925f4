"""A server in Orderguard's place; a test says how it answers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """What is sent back; `text` byte for byte instead of `body`."""

    status: int = 200
    body: Any = None
    text: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    drips: bool = False  # a byte now and then, for as long as anybody listens
    drops: bool = False  # no answer at all
    closes_unannounced: bool = False


class PretendServer:
    """Answers on loopback until the `with` block ends, and remembers what it was asked."""

    def __init__(self, reply_to: Callable[[Received, int], Reply]) -> None:
        self.received: list[Received] = []
        self.over = threading.Event()
        pretend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(content) if content else None
                received = Received(self.command, self.path, headers, body)
                pretend.received.append(received)
                pretend.send(self, reply_to(received, len(pretend.received)))

            def do_PUT(self) -> None:
                self.do_POST()

            def do_GET(self) -> None:
                self.do_POST()

            def do_DELETE(self) -> None:
                self.do_POST()

            def log_message(self, *_: object) -> None:
                pass

        self._handler = Handler
        self._server = self._listening(0)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> PretendServer:
        self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._stop()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Meanwhile connections are refused."""
        port = self._server.server_port
        self._stop()
        with socket.socket() as kept:  # nobody else takes the port
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kept.bind(("127.0.0.1", port))
            yield
        self._server = self._listening(port)
        self._serve()

    def _listening(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        server.daemon_threads = True
        return server

    def _serve(self) -> None:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def _stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def send(self, to: BaseHTTPRequestHandler, reply: Reply) -> None:
        self.over.wait(reply.delay_seconds)
        to.close_connection = True
        if reply.drops:
            return
        content = reply.text if reply.text is not None else json.dumps(reply.body).encode()
        try:
            to.send_response(reply.status)
            for name, value in reply.headers.items():
                to.send_header(name, value)
            if not reply.closes_unannounced:
                to.send_header("Connection", "close")
            to.send_header("Content-Length", str(10**6 if reply.drips else len(content)))
            to.end_headers()
            while reply.drips and not self.over.wait(0.02):
                to.wfile.write(b" ")
                to.wfile.flush()
            to.wfile.write(content)
        except OSError:
            pass  # who asked has given up, as they should


def elapsed_ms(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
