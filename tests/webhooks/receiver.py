"""A merchant's system: a real HTTP server on loopback that remembers what it was sent."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

Answer = int | tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def number(self) -> int:
        """Which of its topic's events this is, in the tests that count."""
        number: int = self.document["data"]["number"]
        return number

    @property
    def order(self) -> int:
        order: int = self.document["data"]["order_id"]
        return order

    def verify(self, secret: str) -> Any:
        """The document, as the reference library gives it. Raises when the signature is wrong."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """Answers 204, or what `answer` says. `accepted` holds what it answered 2xx to."""

    def __init__(
        self,
        answer: Callable[[Received], Answer] = lambda _request: 204,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self.accepted: list[Received] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def accepted_of(self, order: int) -> list[int]:
        """The numbers of an order's events in the order of their arrival."""
        return [each.number for each in self.accepted if each.order == order]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.path, headers, body, time.monotonic())
                receiver.received.append(received)
                answer = receiver.answer(received)
                status, more, content = (answer, {}, b"") if isinstance(answer, int) else answer
                if 200 <= status < 300:
                    receiver.accepted.append(received)
                try:
                    self.send_response(status)
                    for name, value in more.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass  # nobody waited for the answer

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
