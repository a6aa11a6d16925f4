"""A network delay between two processes: a TCP proxy that delays each answer.

`python -m bench.proxy PORT TO_PORT MILLISECONDS`, on loopback, until it is stopped.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
from collections.abc import Callable
from contextlib import suppress

CHUNK = 65_536


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_seconds: float
) -> None:
    """Everything that is read is written so much later, in its order."""
    now = asyncio.get_running_loop().time
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            due, data = await under_way.get()
            if not data:
                return
            if (left := due - now()) > 0:
                await asyncio.sleep(left)
            writer.write(data)
            await writer.drain()

    writing = asyncio.create_task(write())
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            under_way.put_nowait((now() + delay_seconds, data))
    under_way.put_nowait((0.0, b""))
    with suppress(OSError):
        await writing
    writer.close()


def _connector(
    to_port: int, delay_seconds: float
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], asyncio.Task[None]]:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, requests = await asyncio.open_connection("127.0.0.1", to_port)
        await asyncio.gather(
            _pass_on(reader, requests, 0.0), _pass_on(answers, writer, delay_seconds)
        )

    under_way: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> asyncio.Task[None]:
        task = asyncio.create_task(connect(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return task

    return accept


async def serve(port: int, to_port: int, *, delay_ms: float) -> None:
    """Accept connections on `port`, and pass them on to `to_port`."""
    accept = _connector(to_port, delay_ms / 1000)
    server = await asyncio.start_server(accept, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    port, to_port, delay_ms = sys.argv[1:]
    # The timers of `select` are exact to some microseconds; those of epoll to whole milliseconds.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(serve(int(port), int(to_port), delay_ms=float(delay_ms)))


if __name__ == "__main__":
    main()
