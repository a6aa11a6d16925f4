"""`GET /admin/v1/audit`: who changed what, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from falcon.asgi import Request, Response

from orderguard.admin.api.desk import AdminDesk
from orderguard.domain.audit import AuditEntry
from orderguard.http.orders import write_json
from orderguard.http.paging import page_limit, parse_place, place_text


class AuditResource:
    """The merchant's audit trail; `?actor=` and `?action=` narrow it down."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "audit")
        limit = page_limit(request)
        after = parse_place(request.get_param("cursor"))
        found = await self._desk.look(
            lambda work: work.audit.page(
                caller.merchant,
                actor=request.get_param("actor"),
                action=request.get_param("action"),
                after=after,
                limit=limit + 1,
            )
        )
        page = found[:limit]
        more = len(found) > limit
        write_json(
            response,
            {
                "entries": [entry_to_wire(each) for each in page],
                "nextCursor": place_text(page[-1].at, page[-1].ordinal) if more else None,
            },
        )


def entry_to_wire(entry: AuditEntry) -> dict[str, Any]:
    """An entry in JSON."""
    return {
        "at": _instant(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
    }


def _instant(at: datetime) -> str:
    return at.isoformat()
