"""Load the console, the admin API and the documentation after checkouts are already served.

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
    """Serves checkouts from `front`, and other routes from an application built later in a thread.

    A request for the latter waits until it is built; `begin` starts that.
    """

    def __init__(self, front: Application, build: Callable[[], Application]) -> None:
        self._front = front
        self._build = build
        self._building: asyncio.Task[Application] | None = None

    def begin(self) -> asyncio.Task[Application]:
        """Start building the other application on the running event loop, unless that has begun."""
        if self._building is None:
            self._building = asyncio.get_running_loop().create_task(self._built())
        return self._building

    async def _built(self) -> Application:
        application = await asyncio.to_thread(self._build)
        gc.freeze()  # as `spare_the_garbage_collector` did with everything before
        return application

    async def finish(self) -> None:
        """Wait for the build in progress, if any."""
        if self._building:
            await asyncio.wait([self._building])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            other = await asyncio.shield(self.begin())
            await other(scope, receive, send)
        else:
            await self._front(scope, receive, send)
