"""A network between us and PostgreSQL that can be slow, or fall silent."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Network:
    """A proxy on loopback. Everything that is sent arrives in the end, unless it is closed."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.delay_seconds = 0.0
        """How much later everything arrives, in either direction."""
        self._target = (host, port)
        self._is_open = threading.Event()
        self._is_open.set()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Network:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: object, _trace: TracebackType | None
    ) -> None:
        self.speak()
        for each in (self._listener, *self._ends):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def fall_silent(self) -> None:
        """From now on connections are taken and bytes accepted, but nothing arrives."""
        self._is_open.clear()

    def speak(self) -> None:
        self.delay_seconds = 0.0
        self._is_open.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                try:
                    theirs = socket.create_connection(self._target)
                except OSError:
                    ours.close()
                    continue
                self._ends += [ours, theirs]
                for ends in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, from_: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while sent := from_.recv(1 << 16):
                time.sleep(self.delay_seconds)
                self._is_open.wait()
                to.sendall(sent)
        for each in (from_, to):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        from_.close()  # the other direction closes the other end
