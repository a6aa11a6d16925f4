"""The merchant's pages as Falcon resources: one per path, from the rows of the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from falcon.asgi import Request, Response

from orderguard.admin.console.cookies import write_cookie, write_message
from orderguard.admin.console.dependencies import ConsoleDependencies, go_to, secure, show
from orderguard.admin.console.page_request import Download, Rendered
from orderguard.admin.console.parts import PageRow
from orderguard.admin.threads import in_thread
from orderguard.http.documentation import KEY_COOKIE

BASE = "/console/m/{merchant_id}"


class PageResource:
    """Serves one path of the console, with the methods that the table of pages has for it."""

    def __init__(self, console: ConsoleDependencies, rows: Iterable[PageRow]) -> None:
        self._console = console
        self._rows = {row.method: row for row in rows}
        for method in self._rows:
            setattr(self, f"on_{method.lower()}", self._answer)

    async def _answer(self, request: Request, response: Response, **values: str) -> None:
        row = self._rows["POST" if request.method == "POST" else "GET"]
        request.scope["orderguard"].route = "console" + row.path
        page_request, visitor = await self._console.page_request(request, values, row.needs)
        reply = await in_thread(row.answer, page_request)
        if isinstance(reply, Rendered):
            shell = self._console.shell(request, response, visitor, page_request)
            context = dict(reply.context) | {"page_request": page_request}
            await show(response, reply.template, shell, reply.status, **context)
        elif isinstance(reply, Download):
            secure(response)
            response.content_type = reply.media_type
            response.set_header("Content-Disposition", f'attachment; filename="{reply.file_name}"')
            response.data = reply.content
        else:
            if reply.documentation_key:
                write_cookie(request, response, KEY_COOKIE, reply.documentation_key)
            if reply.message:
                write_message(request, response, reply.message)
            go_to(response, reply.location)


def page_resources(console: ConsoleDependencies, table: Iterable[PageRow]) -> dict[str, Any]:
    """The resources of all pages, by path."""
    by_path: dict[str, list[PageRow]] = {}
    for row in table:
        by_path.setdefault(row.path, []).append(row)
    return {BASE + path: PageResource(console, rows) for path, rows in by_path.items()}
