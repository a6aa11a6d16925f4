"""Pages of a list: a limit, and a cursor that says where the next page begins."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.ids import CoverageId, OrderId, number_of
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.http.wire.order import parse_timestamp

LIMIT_DEFAULT = 50
LIMIT_MAXIMUM = 250


class Parameters(Protocol):
    """The parameters of a URL, such as a Falcon request has."""

    def get_param(self, name: str, /) -> str | None: ...


def page_limit(parameters: Parameters) -> int:
    """Parse `limit`, the number of entries per page. Raises `InvalidDocument`."""
    text = parameters.get_param("limit")
    if text is None:
        return LIMIT_DEFAULT
    is_number = text.isascii() and text.isdigit() and len(text) <= 9
    if not (is_number and 1 <= int(text) <= LIMIT_MAXIMUM):
        problem = f"expected a number from 1 to {LIMIT_MAXIMUM}."
        raise InvalidDocument([Problem("limit", problem)])
    return int(text)


def place_text(at: datetime, number: int) -> str:
    """Write a cursor for a list sorted by an instant, and by a number within it."""
    return f"{at:%Y%m%dT%H%M%S.%fZ}~{number}"


def parse_place(text: str | None) -> tuple[datetime, int] | None:
    """Parse a cursor of `place_text`; None for the first page. Raises `InvalidDocument`."""
    if text is None:
        return None
    instant, tilde, number = text.partition("~")
    try:
        return parse_timestamp(instant), _number(number if tilde else "")
    except (Malformed, ValueError):
        raise _bad_cursor() from None


def order_cursor(record: OrderRecord) -> str:
    """Write the cursor of an order, after which the next page begins."""
    return place_text(record.received_at, record.id)


def place_of_cursor(parameters: Parameters) -> tuple[datetime, OrderId] | None:
    """Parse the parameter `cursor` of a list of orders; None for the first page.

    Raises `InvalidDocument`.
    """
    return place_of_order(parameters.get_param("cursor"))


def place_of_order(cursor: str | None) -> tuple[datetime, OrderId] | None:
    """Parse a cursor of `order_cursor`; None for the first page. Raises `InvalidDocument`."""
    place = parse_place(cursor)
    return place and (place[0], OrderId(place[1]))


def place_of_coverage(text: str | None) -> CoverageId | None:
    """Parse a cursor of a list of coverages; None for the first page. Raises `InvalidDocument`."""
    if text is None:
        return None
    try:
        return CoverageId(_number(text))
    except ValueError:
        raise _bad_cursor() from None


def _number(text: str) -> int:
    number = number_of(text)
    if number is None:
        raise ValueError(text)
    return number


def _bad_cursor() -> InvalidDocument:
    return InvalidDocument([Problem("cursor", "expected one from next_page_url.")])
