"""The demo shop as a running server, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading

import uvicorn

from orderguard.demo.shop.application import shop_application
from orderguard.demo.shop.orderguard_client import OrderguardClient, ShopAccess

SHUTDOWN_SECONDS = 2


class ShopServing:
    """The running shop. The constructor returns once it serves; `stop` closes it."""

    def __init__(self, account: ShopAccess, listener: socket.socket) -> None:
        self._account = account
        self._server: uvicorn.Server | None = None
        self._failure: BaseException | None = None
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listener,), name="demo-shop")
        self._thread.start()
        self._settled.wait()
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """Finish the requests in progress, then stop."""
        if self._server:
            self._server.should_exit = True
        self._thread.join()

    def _run(self, listener: socket.socket) -> None:
        try:
            asyncio.run(self._serve(listener))
        except BaseException as error:  # raised again in the thread that opens the shop
            self._failure = error
        finally:
            self._settled.set()

    async def _serve(self, listener: socket.socket) -> None:
        client = OrderguardClient(self._account)
        try:
            application = shop_application(client, widget_origin=self._account.url)
            self._server = _OpenedServer(_configuration(application), self._settled)
            await self._server.serve(sockets=[listener])
        finally:
            await client.close()


class _OpenedServer(uvicorn.Server):
    """Reports when it serves. Handles no signals, because the process has other servers."""

    def __init__(self, config: uvicorn.Config, opened: threading.Event) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._opened.set()


def _configuration(application: object) -> uvicorn.Config:
    return uvicorn.Config(
        application,  # type: ignore[arg-type]
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
