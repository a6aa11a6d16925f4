"""`GET /admin/v1/review`: orders that were not charged what was quoted."""

from __future__ import annotations

from falcon.asgi import Request, Response

from orderguard.admin.api.desk import AdminDesk
from orderguard.http.orders import write_json
from orderguard.http.paging import order_cursor, page_limit, place_of_cursor
from orderguard.http.wire.admin_review import ReviewResponse, reviewed_order_to_wire


class ReviewResource:
    """The list, newest first."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "review")
        limit, after = page_limit(request), place_of_cursor(request)
        found = await self._desk.look(
            lambda work: work.orders.to_review(caller.merchant, after=after, limit=limit + 1)
        )
        page, more = found[:limit], found[limit:]
        cursor = order_cursor(page[-1]) if more else None
        write_json(response, ReviewResponse([reviewed_order_to_wire(o) for o in page], cursor))
