"""`GET /admin/v1/analytics`: funnel, rates, revenue, reasons and latency."""

from __future__ import annotations

import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.analytics_file import analytics_document
from orderguard.actions.ports import UnitOfWork
from orderguard.actions.show_analytics import AnalyticsQuery, show_analytics, show_latency
from orderguard.admin.api.desk import AdminDesk
from orderguard.domain.ids import MerchantId
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_analytics import AnalyticsResponse


class AnalyticsResource:
    """The merchant's numbers for some days."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "analytics")
        query = AnalyticsQuery.parse(
            first=request.get_param("from") or "",
            last=request.get_param("to") or "",
            only=request.get_param("only") or "",
            by=request.get_param("by") or "",
            at=self._desk.clock(),
        )
        write_json(
            response, await self._desk.look(lambda work: _answer(work, caller.merchant, query))
        )


def _answer(work: UnitOfWork, merchant: MerchantId, query: AnalyticsQuery) -> AnalyticsResponse:
    report = show_analytics(work, merchant, query)
    latency = show_latency(work, query.period)
    return msgspec.convert(analytics_document(report, latency), AnalyticsResponse)
