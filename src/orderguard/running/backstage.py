"""Routes that no checkout needs, made ready while checkouts are answered already.

Importing the console and the admin API takes as long as everything else together. A restart hides
offers until the server answers, so it answers first.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

from orderguard.http.edge import Application

PREFIXES = ("/admin/", "/console", "/docs", "/openapi.json", "/schemas/")


class Backstage:
    """An application whose other half is built in a thread, once, when `begin` is called.

    A request for that half waits until it is there.
    """

    def __init__(self, front: Application, build: Callable[[], Application]) -> None:
        self._front = front
        self._build = build
        self._building: asyncio.Task[Application] | None = None

    def begin(self) -> asyncio.Task[Application]:
        """Build the other half, unless that has begun; on the running loop."""
        if self._building is None:
            self._building = asyncio.get_running_loop().create_task(self._built())
        return self._building

    async def _built(self) -> Application:
        application = await asyncio.to_thread(self._build)
        gc.freeze()  # as `spare_the_garbage_collector` did with everything before
        return application

    async def finish(self) -> None:
        """Wait for the building that is under way."""
        if self._building:
            await asyncio.wait([self._building])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            other = await asyncio.shield(self.begin())
            await other(scope, receive, send)
        else:
            await self._front(scope, receive, send)
