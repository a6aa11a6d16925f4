"""`POST orders/batch`: many orders in one request, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import structlog
from falcon.asgi import Request, Response

from orderguard.actions.push_orders import TOGETHER, PushOrders, Result
from orderguard.actions.settle_order import PushedOrder
from orderguard.domain.errors import InvalidDocument, Problem, StorageUnavailable
from orderguard.domain.people.api_key import ApiKey
from orderguard.http.client_text import refuse_unknown_parameters
from orderguard.http.errors import TooBusy, log_failure
from orderguard.http.json_body import json_object, json_type
from orderguard.http.order_errors import answer_order_error
from orderguard.http.orders import OrderDependencies, ids_as_strings, write_json
from orderguard.http.request_body import read_body
from orderguard.http.wire.order_batch import ORDERS_AT_MOST
from orderguard.http.wire.order_document import refuse_deep_nesting, require_date
from orderguard.http.wire.order_response import order_to_wire

log = structlog.get_logger()


class OrderBatchesResource:
    """Batches of the merchant's orders. From 2026-10 on, `created_at` is required in each."""

    def __init__(self, shared: OrderDependencies, *, requires_date: bool) -> None:
        self._shared = shared
        self._requires_date = requires_date

    async def on_post(self, request: Request, response: Response) -> None:
        exchange = request.scope["orderguard"]
        key = await self._shared.admit(request, "orders_batch")
        refuse_unknown_parameters(request, ())
        entries = _entries(json_object(await read_body(request, exchange)))
        taking = _TakingIn(
            PushOrders(self._shared.pushing(key)),
            key,
            self._requires_date,
            ids_as_strings(request),
            exchange.request_id,
        )
        outcomes: list[Any] = []
        for begin in range(0, len(entries), TOGETHER):
            some = entries[begin : begin + TOGETHER]
            # Each transaction takes its turn among the merchant's other pushes.
            try:
                outcomes += await self._shared.threads.change(
                    key.merchant, taking.outcomes, some, at=self._shared.time(key)
                )
            except (StorageUnavailable, TooBusy) as error:
                if not outcomes:
                    raise
                log.warning("orders.batch_broken_off", merchant=key.merchant, why=str(error))
                outcomes += [taking.outcome(error)] * (len(entries) - begin)
                break
        write_json(response, {"outcomes": outcomes})


@dataclass(frozen=True, slots=True)
class _TakingIn:
    """Takes in some orders of a batch, in a thread, and shapes their outcomes there."""

    push_orders: PushOrders
    key: ApiKey
    requires_date: bool
    ids_as_strings: bool
    request_id: str

    def outcomes(self, entries: Sequence[Any], *, at: datetime) -> list[dict[str, Any]]:
        """One outcome per entry, in their order. Raises `StorageUnavailable`."""
        results: list[Result | None] = [self._objection(entry) for entry in entries]
        sound = [entry for entry, result in zip(entries, results, strict=True) if result is None]
        pushed = iter(self.push_orders(self.key.merchant, sound, at=at, by=self.key.id))
        return [self.outcome(next(pushed) if result is None else result) for result in results]

    def outcome(self, result: Result) -> dict[str, Any]:
        """What the route of single orders would answer: the status, and the body."""
        if isinstance(result, PushedOrder):
            order = order_to_wire(
                result.record,
                result.coverages,
                warnings=result.warnings,
                ids_as_strings=self.ids_as_strings,
            )
            return {"status": 201 if result.created else 200, "body": {"order": order}}
        status, _, body = answer_order_error(result, self.request_id)
        log_failure(result, status, self.request_id)
        return {"status": status, "body": msgspec.Raw(body)}

    def _objection(self, entry: Any) -> InvalidDocument | None:
        """What the route of single orders would say before it reads the order."""
        if not isinstance(entry, dict):
            problem = f"must be a JSON object, found {json_type(entry)}."
            return InvalidDocument([Problem("", problem)])
        try:
            refuse_deep_nesting(entry)
            if self.requires_date:
                require_date(entry)
        except InvalidDocument as error:
            return error
        return None


def _entries(body: dict[str, Any]) -> list[Any]:
    """The orders of a batch, not looked at. Raises `InvalidDocument`."""
    entries = body.get("orders")
    if "orders" not in body:
        raise InvalidDocument([Problem("orders", "is missing; expected a list of orders.")])
    if not isinstance(entries, list):
        problem = f"expected a list of orders, found {json_type(entries)}."
        raise InvalidDocument([Problem("orders", problem)])
    if not 1 <= len(entries) <= ORDERS_AT_MOST:
        problem = f"expected 1 to {ORDERS_AT_MOST} orders, found {len(entries)}."
        raise InvalidDocument([Problem("orders", problem)])
    return entries
