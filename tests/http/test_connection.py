"""Answers leave in one piece, in order, and not to somebody who has hung up."""

from __future__ import annotations

import asyncio

from orderguard.http.connection import GatheringTransport


class Wire(asyncio.Transport):
    """Remembers what was sent, and like uvloop's transport allows no sending when closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self._is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._is_closed:
            raise RuntimeError("the handler is closed")
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        self._is_closed = True


async def _turn_of_the_loop() -> None:
    await asyncio.sleep(0)


def test_head_and_body_are_sent_at_once_and_in_order() -> None:
    async def answer() -> list[bytes]:
        wire = Wire()
        transport = GatheringTransport(wire, asyncio.get_running_loop())
        transport.write(b"head ")
        transport.write(b"body")
        await _turn_of_the_loop()
        transport.write(b"next")
        await _turn_of_the_loop()
        return wire.sent

    assert [b"head body", b"next"] == asyncio.run(answer())


def test_what_was_written_is_sent_before_the_connection_closes() -> None:
    async def answer() -> tuple[list[bytes], bool]:
        wire = Wire()
        transport = GatheringTransport(wire, asyncio.get_running_loop())
        transport.write(b"answer")
        transport.close()
        return wire.sent, wire.is_closing()

    assert ([b"answer"], True) == asyncio.run(answer())


def test_an_answer_to_somebody_who_hung_up_is_dropped_quietly() -> None:
    async def answer() -> list[bytes]:
        wire, complaints = Wire(), []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.append(context))
        transport = GatheringTransport(wire, loop)
        transport.write(b"too late")
        wire.close()
        await _turn_of_the_loop()
        assert not complaints
        return wire.sent

    assert [] == asyncio.run(answer())
