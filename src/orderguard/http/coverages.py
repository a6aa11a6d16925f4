"""`GET coverages`: the protection that shoppers bought (contract §1)."""

from __future__ import annotations

from falcon.asgi import Request, Response

from orderguard.actions.show_coverage import CoverageNotFound, get_coverage, list_coverages
from orderguard.domain.ids import CoverageId, number_of
from orderguard.http.client_text import refuse_unknown_parameters
from orderguard.http.order_pages import wanted_page
from orderguard.http.orders import OrderDependencies, ids_as_strings, parse_order_id, write_json
from orderguard.http.paging import place_of_coverage
from orderguard.http.wire.order_response import coverage_to_wire

PARAMETERS = ("cursor", "limit", "order_id", "sort_order")


class CoveragesResource:
    """`/coverages`: all coverages of the merchant, or of one order with `?order_id=`.

    The coverages of one order are so few that they are never paged.
    """

    def __init__(self, shared: OrderDependencies) -> None:
        self._shared = shared

    async def on_get(self, request: Request, response: Response) -> None:
        key = await self._shared.admit(request, "coverages")
        refuse_unknown_parameters(request, PARAMETERS)
        order_id: str | None = request.get_param("order_id")
        wanted = wanted_page(request, is_ascending=True)
        found = await self._shared.threads.look(
            key.merchant,
            list_coverages,
            self._shared.database,
            key.merchant,
            order=None if order_id is None else parse_order_id(order_id),
            after=place_of_coverage(wanted.cursor),
            limit=wanted.limit + 1,
            is_ascending=wanted.reads_ascending,
        )
        page, before, after = wanted.cut(found) if order_id is None else (found, False, False)
        as_strings = ids_as_strings(request)
        write_json(
            response,
            {
                "coverages": [coverage_to_wire(each, ids_as_strings=as_strings) for each in page],
                "next_page_url": wanted.next_url(str(page[-1].id)) if after and page else None,
                "previous_page_url": (
                    wanted.previous_url(str(page[0].id)) if before and page else None
                ),
            },
        )


class CoverageResource:
    """`/coverages/{id}`: one coverage with its history."""

    def __init__(self, shared: OrderDependencies) -> None:
        self._shared = shared

    async def on_get(self, request: Request, response: Response, coverage_id: str) -> None:
        key = await self._shared.admit(request, "coverage")
        refuse_unknown_parameters(request, ())
        number = number_of(coverage_id)
        if number is None:
            raise CoverageNotFound("No coverage with this id exists for this merchant.")
        found = await self._shared.threads.look(
            key.merchant, get_coverage, self._shared.database, key.merchant, CoverageId(number)
        )
        coverage = coverage_to_wire(found, ids_as_strings=ids_as_strings(request))
        write_json(response, {"coverage": coverage})
