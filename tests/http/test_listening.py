"""The sockets that answers go out on."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing

from orderguard.running.sockets import listen


def test_the_end_of_an_answer_does_not_wait_until_its_beginning_is_acknowledged() -> None:
    async def sends_at_once(listener: socket.socket) -> bool:
        found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: socket.socket = writer.get_extra_info("socket")
            found.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        async with await asyncio.start_server(accept, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            answer = await found
            writer.close()
        return answer

    with closing(listen("127.0.0.1", 0)) as listener:
        assert asyncio.run(sends_at_once(listener))
