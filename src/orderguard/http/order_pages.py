"""Pages of orders and coverages, forwards and backwards, in either order (contract §9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from falcon.asgi import Request

from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.orders.order_record import WantedOrders
from orderguard.http.paging import page_limit
from orderguard.http.wire.order import parse_status, parse_timestamp

T = TypeVar("T")

_BACKWARDS = "before-"
"""Begins a cursor of `previous_page_url`: its page ends where the place says."""

_FILTERS = ("external_id", "order_id", "sort_order", "status", "updated_since")


@dataclass(frozen=True, slots=True)
class WantedPage:
    """Which page of a list a request is for.

    `is_backwards` means that the page ends before the place of `cursor` instead of beginning
    after it.
    """

    path: str
    limit: int
    cursor: str | None
    is_backwards: bool
    is_ascending: bool
    filters: Mapping[str, str]

    @property
    def reads_ascending(self) -> bool:
        """Whether storage must read ascending: a backwards page is read in the opposite order."""
        return self.is_ascending is not self.is_backwards

    def cut(self, found: Sequence[T]) -> tuple[Sequence[T], bool, bool]:
        """Cut up to `limit` + 1 rows to a page.

        Returns the page, and whether there are pages before and after it.
        """
        page, more = found[: self.limit], len(found) > self.limit
        if self.is_backwards:
            return page[::-1], more, True
        return page, self.cursor is not None and bool(page), more

    def next_url(self, place: str) -> str:
        return self._url(place)

    def previous_url(self, place: str) -> str:
        return self._url(_BACKWARDS + place)

    def _url(self, cursor: str) -> str:
        query = {"limit": str(self.limit), "cursor": cursor, **self.filters}
        return f"{self.path}?{urlencode(query)}"


def wanted_page(request: Request, *, is_ascending: bool) -> WantedPage:
    """The page that a request asks for, sorted as `is_ascending` unless the request says otherwise.

    Raises `InvalidDocument`.
    """
    cursor: str | None = request.get_param("cursor")
    is_backwards = cursor is not None and cursor.startswith(_BACKWARDS)
    filters = {name: text for name in _FILTERS if (text := request.get_param(name)) is not None}
    return WantedPage(
        request.path,
        page_limit(request),
        cursor.removeprefix(_BACKWARDS) if cursor is not None else None,
        is_backwards,
        _is_ascending(request, is_ascending),
        filters,
    )


def wanted_orders(request: Request) -> WantedOrders:
    """Parse the filters of a list of orders. Raises `InvalidDocument`."""
    status: str | None = request.get_param("status")
    since: str | None = request.get_param("updated_since")
    try:
        wanted_status = None if status is None else parse_status(status)
    except Malformed as error:
        raise InvalidDocument([Problem("status", str(error))]) from None
    try:
        # An unescaped plus sign of a UTC offset is decoded as a space.
        changed_since = None if since is None else parse_timestamp(since.replace(" ", "+"))
    except Malformed as error:
        raise InvalidDocument([Problem("updated_since", str(error))]) from None
    return WantedOrders(
        external_id=request.get_param("external_id"),
        status=wanted_status,
        changed_since=changed_since,
    )


def _is_ascending(request: Request, otherwise: bool) -> bool:
    text: str | None = request.get_param("sort_order")
    if text is None:
        return otherwise
    if text.lower() not in ("asc", "desc"):
        raise InvalidDocument([Problem("sort_order", "expected asc or desc.")])
    return text.lower() == "asc"
