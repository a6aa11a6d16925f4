"""Listening sockets."""

from __future__ import annotations

import socket

from orderguard.domain.errors import OrderguardError
from orderguard.settings import Settings


class CannotServe(OrderguardError):
    """The server cannot start; the message says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises `CannotServe`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only on sockets that say they are TCP does asyncio send small packets at once. Otherwise the
    # end of an answer may wait 40 ms until the beginning is acknowledged.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Choose another port with --port."
        ) from error
    # Without this, a burst of new connections is dropped by the kernel and retried after a second.
    listener.listen(2048)
    return listener


def listen_for_operations(settings: Settings) -> socket.socket | None:
    """The socket of the operations port, None when there is none. Raises `CannotServe`."""
    return listen("127.0.0.1", settings.operations_port) if settings.operations_port else None
