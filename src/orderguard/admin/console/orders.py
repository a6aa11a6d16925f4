"""Orders, and the orders to review."""

from __future__ import annotations

from orderguard.admin.console.order_words import OUTCOME_WORDS, VERDICT_ADVICE, VERDICT_LABELS
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.errors import NotFound
from orderguard.domain.ids import OrderId, number_of
from orderguard.domain.orders.coverage_standing import standing_of
from orderguard.domain.orders.fee_verdict import VERDICTS_TO_REVIEW, FeeVerdict
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.people.account import Role
from orderguard.http.openapi.order_words import VERDICTS
from orderguard.http.paging import order_cursor, parse_place

ORDERS_PER_PAGE = 50

REVIEW = "review"
FILTERS = (
    ("", "All"),
    (REVIEW, "To review"),
    *((verdict.value, VERDICT_LABELS[verdict]) for verdict in sorted(VERDICTS_TO_REVIEW)),
)


class OrderPages:
    """The pages of orders: the list, and one order with the evidence for its acceptance."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (
            PageRow("GET", "/orders", Role.VIEWER, self.show),
            PageRow("GET", "/orders/{order_id}", Role.VIEWER, self.show_one),
        )

    def show(self, request: PageRequest) -> Reply:
        wanted, search = request.query.text("show"), request.query.text("order")
        found = self._search(request, search) if search else self._page(request, wanted)
        page, more = found[:ORDERS_PER_PAGE], found[ORDERS_PER_PAGE:]
        older = f"?show={wanted}&cursor={order_cursor(page[-1])}" if more else ""
        with self._database.read() as work:
            covered = work.coverages.of_orders(request.merchant.id, [each.id for each in page])
        context = {
            "orders": [(each, standing_of(each, covered[each.id], at=request.at)) for each in page],
            "filters": FILTERS,
            "wanted": wanted,
            "search": search,
            "older": request.to("/orders") + older if older else "",
            "newest": request.to(f"/orders?show={wanted}") if "cursor" in request.query else "",
        }
        return Rendered("orders.html.j2", context)

    def _page(self, request: PageRequest, wanted: str) -> list[OrderRecord]:
        place = parse_place(request.query.text("cursor") or None)
        after = place and (place[0], OrderId(place[1]))
        limit = ORDERS_PER_PAGE + 1
        with self._database.read() as work:
            if wanted == REVIEW:
                return [*work.orders.to_review(request.merchant.id, after=after, limit=limit)]
            if wanted in list(FeeVerdict):
                verdicts = [FeeVerdict(wanted)]
                return [
                    *work.orders.to_review(
                        request.merchant.id, verdicts=verdicts, after=after, limit=limit
                    )
                ]
            return [*work.orders.page(request.merchant.id, after=after, limit=limit)]

    def _search(self, request: PageRequest, text: str) -> list[OrderRecord]:
        """The orders with this id, ours or the platform's."""
        with self._database.read() as work:
            by_ours = work.orders.find(request.merchant.id, _order_id(text) or OrderId(0))
            by_theirs = work.orders.find_by_external_id(request.merchant.id, text)
        return [each for each in (by_ours, by_theirs) if each]

    def show_one(self, request: PageRequest) -> Reply:
        id_ = _order_id(request.values["order_id"])
        with self._database.read() as work:
            order = work.orders.find(request.merchant.id, id_) if id_ else None
            if order is None:
                raise NotFound("No order with this id exists for this merchant.")
            coverages = work.coverages.of_order(request.merchant.id, order.id)
            postings = work.ledger.of_order(request.merchant.id, order.id)
        verdict = order.acceptance.verdict
        context = {
            "order": order,
            "standing": standing_of(order, coverages, at=request.at),
            "bought": OUTCOME_WORDS[order.acceptance.outcome],
            "verdict": VERDICTS[verdict][0] if verdict else None,
            "advice": VERDICT_ADVICE.get(verdict) if verdict else None,
            "coverages": coverages,
            "postings": postings,
            "lines": _lines(order),
        }
        return Rendered("order.html.j2", context)


def _lines(order: OrderRecord) -> list[str]:
    """The order lines, in the words of the shop. No other part of the order is shown: it names
    people and their addresses."""
    lines = order.document.get("line_items") or []
    return [f"{line.get('quantity')} of {line.get('title') or line.get('name')}" for line in lines]


def _order_id(text: str) -> OrderId | None:
    number = number_of(text)
    return None if number is None else OrderId(number)
