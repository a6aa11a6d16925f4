"""Listening sockets: new ones, or those inherited from systemd or the previous process."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from orderguard.domain.errors import OrderguardError
from orderguard.settings import Settings

FIRST_HANDED_OVER = 3
"""The first descriptor that is handed over: the protocol is systemd's, `man sd_listen_fds`."""

PUBLIC, OPERATIONS = "public", "operations"
"""The names of our sockets, in this order when they come without names."""


class CannotServe(OrderguardError):
    """The server cannot start; the message says what to do."""


class Listeners(NamedTuple):
    """The sockets of a server."""

    public: socket.socket
    operations: socket.socket | None

    @property
    def all(self) -> list[socket.socket]:
        return [each for each in self if each]

    def duplicated(self) -> Listeners:
        """The same sockets, with duplicated descriptors."""
        return Listeners(self.public.dup(), self.operations.dup() if self.operations else None)


def open_listeners(
    settings: Settings, host: str, port: int, environment: Mapping[str, str]
) -> Listeners:
    """The inherited sockets of this process if there are any, else new ones.

    Raises `CannotServe`.
    """
    handed_over = _handed_over(environment)
    public = handed_over.get(PUBLIC) or listen(host, port)
    operations = handed_over.get(OPERATIONS) or listen_for_operations(settings)
    return Listeners(public, operations)


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
    """The socket of the operations port; None when it is not configured. Raises `CannotServe`."""
    return listen("127.0.0.1", settings.operations_port) if settings.operations_port else None


def _handed_over(environment: Mapping[str, str]) -> dict[str, socket.socket]:
    """The sockets that systemd, or the process before, has opened for this process, by name."""
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = int(environment.get("LISTEN_FDS", "0"))
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    if not {PUBLIC, OPERATIONS} & set(names):  # systemd's own name is that of the unit
        names = [PUBLIC, OPERATIONS]
    found = {}
    for number, name in zip(range(count), names, strict=False):
        # Family and protocol are read from the descriptor; TCP has to be known for small packets.
        handed_over = socket.socket(fileno=FIRST_HANDED_OVER + number)
        handed_over.set_inheritable(False)
        if handed_over.type != socket.SOCK_STREAM or not handed_over.getsockopt(
            socket.SOL_SOCKET, socket.SO_ACCEPTCONN
        ):
            raise CannotServe(
                f"Descriptor {FIRST_HANDED_OVER + number} (LISTEN_FDS) does not listen. "
                "A unit needs ListenStream= and Accept=no."
            )
        found[name] = handed_over
    return found


def begin_anew(listeners: Listeners, arguments: Sequence[str]) -> NoReturn:
    """Replace this process by one of the code installed now, which inherits the sockets.

    The process id stays, and connections wait in the backlog of the sockets until it answers.
    """
    # First out of the way: a socket may have a number that another one is to have.
    apart = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 64) for each in listeners.all]
    for number, descriptor in enumerate(apart):
        os.dup2(descriptor, FIRST_HANDED_OVER + number, inheritable=True)
    sys.stdout.flush()
    handed_over = {
        "LISTEN_PID": str(os.getpid()),
        "LISTEN_FDS": str(len(apart)),
        "LISTEN_FDNAMES": ":".join([PUBLIC, OPERATIONS][: len(apart)]),
    }
    command = [sys.executable, "-m", "orderguard", *arguments]
    os.execve(sys.executable, command, os.environ | handed_over)  # noqa: S606  # our own program
