"""`GET /admin/v1/audit`: who changed what, newest first."""

from __future__ import annotations

from falcon.asgi import Request, Response

from orderguard.admin.api.desk import AdminDesk
from orderguard.http.orders import write_json
from orderguard.http.paging import page_limit, parse_place, place_text
from orderguard.http.wire.admin_audit import AuditResponse, audit_entry_to_wire


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
        page, more = found[:limit], found[limit:]
        cursor = place_text(page[-1].at, page[-1].ordinal) if more else None
        write_json(response, AuditResponse([audit_entry_to_wire(each) for each in page], cursor))
