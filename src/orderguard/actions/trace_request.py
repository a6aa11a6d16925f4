"""Everything that is known of a request id: its log entries, analysis, session and order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.errors import NotFound
from orderguard.domain.ids import MerchantId, OrderId, SessionId, number_of
from orderguard.domain.integration.logged_request import LoggedRequest, RequestFilter
from orderguard.domain.money import shortened
from orderguard.domain.offers.session_summary import SessionSummary, TimelineEntry
from orderguard.domain.orders.order_record import OrderRecord

ENTRIES_AT_MOST = 20
ID_LIMIT = 128

_SESSION = re.compile(r"/v1/session/(lop_[A-Za-z0-9]{20})")
_ORDER = re.compile(r"/api/[^/]+/orders/(external/.+|\d+)")


class RequestNotFound(NotFound):
    """Nothing of this merchant bears the request id."""

    def __init__(self, request_id: str) -> None:
        super().__init__(
            f"Nothing is known of request {shortened(request_id)}: it is older than the log, "
            "succeeded without an analysis, or had no key of this merchant."
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """What one request id leads to. A caller may use an id several times."""

    request_id: str
    entries: Sequence[LoggedRequest]
    """Latest first. A live merchant has none of a request that succeeded."""
    session: SessionSummary | None
    analysis: TimelineEntry | None
    """The analysis that answered the request."""
    order: OrderRecord | None
    """The order that the request was about, or that is linked to the session."""


def trace_request(work: UnitOfWork, merchant: MerchantId, request_id: str) -> Trace:
    """Trace a request id of a merchant. Raises `RequestNotFound`."""
    wanted = request_id.strip()
    if not wanted or len(wanted) > ID_LIMIT or "\0" in wanted:
        raise RequestNotFound(request_id)
    entries = work.request_log.page(
        merchant, RequestFilter(request_id=wanted), limit=ENTRIES_AT_MOST
    )
    analysed = work.session_search.find_by_request_id(merchant, wanted)
    if not entries and analysed is None:
        raise RequestNotFound(request_id)
    order = _order_of(work, merchant, entries)
    session = analysed or _session_of(entries) or (order.acceptance.session if order else None)
    if order is None and session is not None:
        linked = work.orders.find_linked_to(merchant, session)
        order = work.orders.find(merchant, linked) if linked is not None else None
    return Trace(
        wanted,
        entries,
        work.session_search.find(merchant, session) if session else None,
        _analysis(work, merchant, analysed, wanted),
        order,
    )


def _analysis(
    work: UnitOfWork, merchant: MerchantId, session: SessionId | None, request_id: str
) -> TimelineEntry | None:
    if session is None:
        return None
    timeline = work.session_search.timeline(merchant, session)
    return next((each for each in reversed(timeline) if each.request_id == request_id), None)


def _session_of(entries: Sequence[LoggedRequest]) -> SessionId | None:
    found = (_SESSION.search(each.path) for each in entries)
    return next((SessionId.parse(each[1]) for each in found if each), None)


def _order_of(
    work: UnitOfWork, merchant: MerchantId, entries: Sequence[LoggedRequest]
) -> OrderRecord | None:
    for name in _order_names(entries):
        if isinstance(name, int):
            found = work.orders.find(merchant, OrderId(name))
        else:
            found = work.orders.find_by_external_id(merchant, name)
        if found is not None:
            return found
    return None


def _order_names(entries: Sequence[LoggedRequest]) -> Iterator[str | int]:
    """Our numbers and the platform's ids of orders that the entries name."""
    for each in entries:
        if named := _ORDER.search(each.path):
            kind, slash, external = named[1].partition("/")
            number = number_of(kind)
            if slash:
                yield unquote(external)
            elif number is not None:
                yield number
        if "/orders" in each.path and (external_id := _external_id(each.body)):
            yield external_id


def _external_id(body: str) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:  # it was cut, or is no JSON document
        return None
    found = document.get("external_id") if isinstance(document, dict) else None
    return str(found) if isinstance(found, (str, int)) and "\0" not in str(found) else None
