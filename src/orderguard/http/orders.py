"""The order routes: create, upsert, update, list, get, delete (contract §9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import falcon
import msgspec
from falcon.asgi import Request, Response

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.push_order import OrderNotFound, PushOrder
from orderguard.actions.push_orders import PushOrders
from orderguard.actions.settle_order import PushedOrder
from orderguard.actions.show_coverage import (
    OrderWithCoverages,
    get_order,
    list_orders,
)
from orderguard.domain.ids import MerchantId, OrderId, number_of
from orderguard.domain.orders.acceptance import OrderWarning
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.people.api_key import ApiKey, Scope
from orderguard.http.callers import Callers
from orderguard.http.edge import Exchange
from orderguard.http.order_errors import ExternalOrderNotFound
from orderguard.http.order_pages import wanted_orders, wanted_page
from orderguard.http.order_threads import Group, OrderThreads
from orderguard.http.paging import order_cursor, place_of_order
from orderguard.http.request_body import read_body
from orderguard.http.wire.order_document import order_document, require_date
from orderguard.http.wire.order_response import order_to_wire

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class OrderDependencies:
    """Dependencies that all order resources share: authentication, actions, threads and clock."""

    callers: Callers
    push_order: PushOrder
    push_sandbox_order: PushOrder
    """The same for sandbox merchants, whose orders are in no metric."""
    database: Database
    clock: Callable[[], datetime]
    threads: OrderThreads

    async def admit(self, request: Request, route: str) -> ApiKey:
        """Authenticate the caller, whose key needs the orders scope. `route` is for metrics."""
        exchange: Exchange = request.scope["orderguard"]
        exchange.route = route
        return await self.callers.identify(request, exchange, Scope.ORDERS)

    def pushing(self, key: ApiKey) -> PushOrder:
        """The action that pushes orders: a quiet one for the key of a sandbox."""
        return self.push_order if key.sandbox is None else self.push_sandbox_order

    def time(self, key: ApiKey) -> datetime:
        """The time now, by the clock of the key's merchant."""
        return key.time(self.clock())

    async def push(
        self,
        request: Request,
        response: Response,
        key: ApiKey,
        push: Callable[[], PushedOrder],
        group: Group[Any, PushedOrder] | None = None,
    ) -> None:
        """Run `push` in a thread of its merchant, and write the order to the response.

        While all these threads are busy, pushes of a `group` wait, and then share a transaction.
        """
        if group is None:
            pushed = await self.threads.change(key.merchant, push)
        else:
            pushed = await self.threads.change_together(key.merchant, push, group)
        response.status = falcon.HTTP_201 if pushed.created else falcon.HTTP_200
        self.answer(request, response, pushed, warnings=pushed.warnings)

    def answer(
        self,
        request: Request,
        response: Response,
        found: OrderWithCoverages | PushedOrder,
        *,
        warnings: Sequence[OrderWarning] = (),
    ) -> None:
        order = order_to_wire(
            found.record,
            found.coverages,
            warnings=warnings,
            ids_as_strings=ids_as_strings(request),
        )
        write_json(response, {"order": order})


def ids_as_strings(request: Request) -> bool:
    """Whether the caller wants ids as JSON strings."""
    wanted: str = request.get_header("X-Loop-Global-Identifier-Type") or ""
    return wanted.lower() == "string"


def write_json(response: Response, body: Any) -> None:
    response.content_type = "application/json"
    response.set_header("Cache-Control", "no-store")
    response.data = _encode(body)


def parse_order_id(text: str) -> OrderId:
    """The order id in a path. Raises `OrderNotFound` for a text that cannot be one."""
    number = number_of(text)
    if number is None:
        raise OrderNotFound
    return OrderId(number)


async def _pushed_document(request: Request, *, requires_date: bool) -> dict[str, Any]:
    document = order_document(await read_body(request, request.scope["orderguard"]))
    if requires_date:
        require_date(document)
    return document


class OrdersResource:
    """All orders of the merchant. From 2026-10 on, `created_at` is required."""

    def __init__(self, shared: OrderDependencies, *, requires_date: bool) -> None:
        self._shared = shared
        self._requires_date = requires_date

    async def on_post(self, request: Request, response: Response) -> None:
        await self._push(request, response, PushOrder.create)

    async def on_put(self, request: Request, response: Response) -> None:
        await self._push(request, response, PushOrder.upsert, waits_in_group=True)

    async def _push(
        self,
        request: Request,
        response: Response,
        push: Callable[..., PushedOrder],
        *,
        waits_in_group: bool = False,
    ) -> None:
        key = await self._shared.admit(request, "orders")
        document = await _pushed_document(request, requires_date=self._requires_date)
        pushing, at = self._shared.pushing(key), self._shared.time(key)
        change = partial(push, pushing, key.merchant, document, at=at, by=key.id)
        group = None
        if waits_in_group:
            together = partial(PushOrders(pushing), key.merchant, at=at, by=key.id)
            group = Group(key.id, document, together)
        await self._shared.push(request, response, key, change, group)

    async def on_get(self, request: Request, response: Response) -> None:
        key = await self._shared.admit(request, "orders")
        wanted = wanted_page(request, is_ascending=False)
        found = await self._shared.threads.look(
            key.merchant,
            list_orders,
            self._shared.database,
            key.merchant,
            after=place_of_order(wanted.cursor),
            limit=wanted.limit + 1,
            wanted=wanted_orders(request),
            is_ascending=wanted.reads_ascending,
        )
        page, before, after = wanted.cut(found)
        as_strings = ids_as_strings(request)
        write_json(
            response,
            {
                "orders": [
                    order_to_wire(each.record, each.coverages, ids_as_strings=as_strings)
                    for each in page
                ],
                "next_page_url": (
                    wanted.next_url(order_cursor(page[-1].record)) if after and page else None
                ),
                "previous_page_url": (
                    wanted.previous_url(order_cursor(page[0].record)) if before and page else None
                ),
            },
        )


class OrderResource:
    """`/orders/{id}`: one order by our id."""

    def __init__(self, shared: OrderDependencies) -> None:
        self._shared = shared

    async def on_get(self, request: Request, response: Response, order_id: str) -> None:
        key = await self._shared.admit(request, "order")
        order = parse_order_id(order_id)
        await _show(
            self._shared, request, response, key, lambda work: work.orders.find(key.merchant, order)
        )

    async def on_put(self, request: Request, response: Response, order_id: str) -> None:
        key = await self._shared.admit(request, "order")
        order = parse_order_id(order_id)
        document = await _pushed_document(request, requires_date=False)
        update = partial(self._shared.pushing(key).update, key.merchant, order, document)
        change = partial(update, at=self._shared.time(key), by=key.id)
        await self._shared.push(request, response, key, change)

    async def on_delete(self, request: Request, response: Response, order_id: str) -> None:
        key = await self._shared.admit(request, "order")
        order = parse_order_id(order_id)
        await _delete(
            self._shared, response, key, lambda work: work.orders.find(key.merchant, order)
        )


class ExternalOrderResource:
    """One order by the platform's id of it."""

    def __init__(self, shared: OrderDependencies) -> None:
        self._shared = shared

    async def on_get(self, request: Request, response: Response, external_id: str) -> None:
        key = await self._shared.admit(request, "order_external")
        find = partial(_by_external_id, key.merchant, external_id)
        await _show(self._shared, request, response, key, find)

    async def on_delete(self, request: Request, response: Response, external_id: str) -> None:
        key = await self._shared.admit(request, "order_external")
        find = partial(_by_external_id, key.merchant, external_id)
        await _delete(self._shared, response, key, find)


def _by_external_id(merchant: MerchantId, external_id: str, work: UnitOfWork) -> OrderRecord:
    """Raises `ExternalOrderNotFound`."""
    found = work.orders.find_by_external_id(merchant, external_id)
    if found is None:
        raise ExternalOrderNotFound
    return found


FindOrder = Callable[[UnitOfWork], OrderRecord | None]


async def _show(
    shared: OrderDependencies, request: Request, response: Response, key: ApiKey, find: FindOrder
) -> None:
    found = await shared.threads.look(key.merchant, get_order, shared.database, find)
    shared.answer(request, response, found)


async def _delete(
    shared: OrderDependencies, response: Response, key: ApiKey, find: FindOrder
) -> None:
    await shared.threads.change(
        key.merchant, shared.pushing(key).delete, key.merchant, find, at=shared.time(key), by=key.id
    )
    response.status = falcon.HTTP_204
