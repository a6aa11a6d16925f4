"""HTTP over a bare socket, for what no well-behaved client would send."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterable
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit


class RawAnswer:
    """An answer, with its headers as they came."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.header_names = [name.lower() for name, _ in response.getheaders()]
        self.body = response.read()

    def json(self) -> Any:
        return json.loads(self.body)


class RawConnection:
    """A connection that sends exactly the bytes it is given."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=20)

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *parts: bytes, pause_seconds: float = 0) -> None:
        """Send the parts one by one, so that each may arrive alone."""
        for part in parts:
            self.socket.sendall(part)
            if pause_seconds:
                time.sleep(pause_seconds)

    def hang_up(self) -> None:
        """Say that nothing more will be sent; the answer can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def answer(self) -> RawAnswer:
        response = HTTPResponse(self.socket)
        response.begin()
        return RawAnswer(response)


def head(method: str, path: str, headers: dict[str, str]) -> bytes:
    """The bytes before the body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunked(body: bytes, size: int) -> Iterable[bytes]:
    """A body in the chunks of `Transfer-Encoding: chunked`."""
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
