"""The merchant's pages as Falcon resources: one per path, from the rows of the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from falcon.asgi import Request, Response

from orderguard.admin.aside import aside
from orderguard.admin.console.cookies import write_cookie, write_message
from orderguard.admin.console.desk import ConsoleDesk, go_to, secure, show
from orderguard.admin.console.parts import PageRow
from orderguard.admin.console.visit import Download, Rendered
from orderguard.http.documentation import KEY_COOKIE

BASE = "/console/m/{merchant_id}"


class PageResource:
    """Serves one path of the console, with the methods that the table of pages has for it."""

    def __init__(self, desk: ConsoleDesk, rows: Iterable[PageRow]) -> None:
        self._desk = desk
        self._rows = {row.method: row for row in rows}
        for method in self._rows:
            setattr(self, f"on_{method.lower()}", self._answer)

    async def _answer(self, request: Request, response: Response, **values: str) -> None:
        row = self._rows["POST" if request.method == "POST" else "GET"]
        request.scope["orderguard"].route = "console" + row.path
        visit, visitor = await self._desk.visit(request, values, row.needs)
        reply = await aside(row.answer, visit)
        if isinstance(reply, Rendered):
            shell = self._desk.shell(request, response, visitor, visit)
            context = dict(reply.context) | {"visit": visit}
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


def page_resources(desk: ConsoleDesk, table: Iterable[PageRow]) -> dict[str, Any]:
    """The resources of all pages, by path."""
    by_path: dict[str, list[PageRow]] = {}
    for row in table:
        by_path.setdefault(row.path, []).append(row)
    return {BASE + path: PageResource(desk, rows) for path, rows in by_path.items()}
