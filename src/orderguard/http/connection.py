"""uvicorn's HTTP protocol with limits per connection, and responses sent in one write.

uvicorn writes the head of an answer and its body separately, and uvloop sends each write at once.
Each is a system call that wakes the client, together a fifth of the time of an analysis.

uvicorn limits neither the size of a request's head nor the time of a request. Here the head is
limited in size, number of headers and time, the body in time, and trailers are ignored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from orderguard.http.connections import Connections, Wait
from orderguard.http.errors import RETRY_AFTER_SECONDS, error_body
from orderguard.http.tally import MALFORMED
from orderguard.http.wire.refusal import Code

FRAMING_BYTES = 16_384
"""Bytes of chunk sizes, chunk extensions and trailers without a byte of the body in between."""

LAST_REQUEST_SECONDS = 1.0
"""How long a connection without a request stays open when the server stops. A request that comes
meanwhile is answered, with `Connection: close`; one sent into a closed connection is lost."""

AUTHORITY = "orderguard.authority"
"""In the scope: the host of a request line that names one, `GET http://host/path`."""


class WholeAnswerProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits, on a transport that joins its writes."""

    transport: GatheringTransport  # type: ignore[assignment]

    def __init__(self, *arguments: Any, connections: Connections, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.wait: Wait | None = None
        self._connections = connections
        self._head_bytes = connections.limits.request_head_bytes
        self._headers_at_most = connections.limits.request_headers
        self._head_fed = 0
        self._framing = 0
        self._in_body = False
        self._has_begun_anew = False
        self._has_too_many_headers = False
        self._is_over = False

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        gathering = GatheringTransport(transport, self.loop, self._has_unsent)
        super().connection_made(gathering)  # type: ignore[arg-type]
        if self._connections.admit(self, self._address):
            self._connections.wait_for(self, Wait.HEAD)
        elif self._connections.refuse(self):
            self._refuse(503, "Too many connections are open. Try again in a moment.")
        else:
            self.drop()
        if self._connections.are_ending:
            self.shutdown()

    def shutdown(self) -> None:
        """Answer the request in progress, or the next one, and close."""
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LAST_REQUEST_SECONDS, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _close_if_idle(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and not self._head_fed and not self.transport.is_closing():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._connections.forget(self)

    def data_received(self, data: bytes) -> None:
        if self._is_over:  # discard input, so that the client can read our response
            return
        self._unset_keepalive_if_required()
        # The parser appends to an unfinished header, so it never gets more than a head may have.
        while not self._in_body and self._head_fed + len(data) > self._head_bytes:
            room = self._head_bytes - self._head_fed
            if not room:
                self._refuse_head(f"{self._head_bytes} bytes", "request_head_bytes")
                return
            if not self._feed(data[:room]):
                return
            data = data[room:]
        if self._feed(data):
            self._note_whose_turn_it_is()

    def _feed(self, data: bytes) -> bool:
        """Parse the bytes; False when the request was refused and the connection must end."""
        if self._in_body:
            self._framing += len(data)
        else:
            self._head_fed += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return True  # upgrades are not supported; the response is plain HTTP
        except httptools.HttpParserError as error:
            if self._has_too_many_headers:
                self._refuse_head(f"{self._headers_at_most} headers", "request_headers")
            else:
                self._connections.tally.note(MALFORMED, self._address, why=str(error))
                self._refuse(400, "This is not a valid HTTP request.")
            return False
        if self._in_body and self._framing > FRAMING_BYTES:
            why = f"More than {FRAMING_BYTES} bytes of chunk extensions or trailers."
            self._connections.tally.note(MALFORMED, self._address, why=why)
            self._refuse(400, why)
            return False
        return True

    def _note_whose_turn_it_is(self) -> None:
        if self.wait is Wait.READING:
            return  # input does not reset the time limit for reading our answer
        if self._in_body:
            wait = Wait.BODY
        elif self._head_fed or self.cycle is None:
            wait = Wait.HEAD
        elif self.cycle.response_complete:
            wait = Wait.IDLE
        else:
            self._connections.wait_for(self, None)
            return
        if wait is not self.wait or self._has_begun_anew:
            self._has_begun_anew = False
            self._connections.wait_for(self, wait)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            return  # a trailer, which must not change the request
        if len(self.headers) >= self._headers_at_most:
            self._has_too_many_headers = True
            raise ValueError("too many headers")
        # As uvicorn does it, without another call for every header.
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._head_fed = 0
        self._framing = 0
        self._in_body = True
        self._has_begun_anew = True
        if not self.url.startswith(b"/"):
            self.scope[AUTHORITY] = _authority(self.url)  # type: ignore[literal-required]
        super().on_headers_complete()
        if self._connections.are_ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._framing = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing() and not self.pipeline and self.wait is None:
            self._connections.wait_for(self, Wait.IDLE)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._connections.wait_for(self, Wait.READING)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.wait is Wait.READING:
            self._connections.wait_for(self, None)
            if not self._is_over:
                self._note_whose_turn_it_is()

    def _has_unsent(self) -> None:
        """Give the client time to read: the transport was closed with unsent bytes."""
        self._is_over = True
        if self.wait is not Wait.CLOSING:
            self._connections.wait_for(self, Wait.READING)

    def end_waiting(self, wait: Wait) -> None:
        limits = self._connections.limits
        if wait is Wait.HEAD:
            self._connections.tally.note("request_head_seconds", self._address)
            if not self._head_fed:
                self.transport.close()
                return
            seconds = limits.request_head_seconds
            self._refuse(408, f"The head of the request did not arrive within {seconds} seconds.")
        elif wait is Wait.BODY:
            self._connections.tally.note("request_body_seconds", self._address)
            seconds = limits.request_body_seconds
            self._refuse(408, f"The body of the request did not arrive within {seconds} seconds.")
        elif wait is Wait.IDLE:
            self.transport.close()
        else:
            if wait is Wait.READING:
                self._connections.tally.note("request_body_seconds", self._address)
            self.drop()

    def make_room(self) -> None:
        self._is_over = True
        if self.cycle is not None and self.cycle.response_complete:
            self.transport.close()  # `close` still sends the buffered response; `drop` would not
        else:
            self.drop()

    def drop(self) -> None:
        self._is_over = True
        self.transport.abort()

    def _refuse_head(self, limit: str, setting: str) -> None:
        self._connections.tally.note(setting, self._address)
        self._refuse(431, f"The head of the request is too large: {limit} are the limit.")

    def _refuse(self, status: int, message: str) -> None:
        """Send an error without the application, and ignore further input of this connection."""
        self._is_over = True
        cycle = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        if is_answering and not self._in_body:
            # Earlier pipelined requests were complete, and are still being answered.
            cycle.keep_alive = False
            if self.wait is not Wait.READING:
                self._connections.wait_for(self, None)
            return
        if is_answering and (cycle.response_started or self.pipeline):
            self.transport.close()
            return
        if is_answering:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(self._refusal(status, message))
        self._connections.wait_for(self, Wait.CLOSING)
        self.transport.end()

    def _refusal(self, status: int, message: str) -> bytes:
        request_id = self._connections.new_request_id()
        code: Code = "service_unavailable" if status == 503 else "invalid_request"
        body = error_body(code, message, request_id)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"access-control-allow-origin", b"*"),
            (b"x-request-id", request_id.encode()),
        ]
        if status == 503:
            headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        return STATUS_LINE[status] + lines + b"\r\n" + body


def _authority(url: bytes) -> bytes:
    """The host, with its port, of `http://host/path`; nothing for `*`."""
    _, found, rest = url.partition(b"://")
    return rest.partition(b"/")[0].partition(b"?")[0] if found else b""


class GatheringTransport:
    """Joins all writes of one event loop iteration into one, in order."""

    __slots__ = ("_gathered", "_has_unsent", "_loop", "_transport")

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        has_unsent: Callable[[], None] | None = None,
    ) -> None:
        """`has_unsent` is called when the transport is closed before everything was sent."""
        self._transport = transport
        self._loop = loop
        self._has_unsent = has_unsent
        self._gathered: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._pass_on)
        self._gathered.append(data)

    def _pass_on(self) -> None:
        gathered, self._gathered = self._gathered, []
        # The client may have hung up in the meantime.
        if gathered and not self._transport.is_closing():
            self._transport.write(b"".join(gathered))

    def close(self) -> None:
        self._pass_on()
        self._transport.close()
        if self._has_unsent and self._transport.get_write_buffer_size():
            self._has_unsent()

    def end(self) -> None:
        """Send the gathered bytes and close our half of the connection (TCP half-close)."""
        self._pass_on()
        if not self._transport.is_closing():
            self._transport.write_eof()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
