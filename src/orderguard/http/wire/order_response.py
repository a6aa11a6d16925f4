"""Orders and coverages in responses: the stored document, acceptance, coverages (contract §9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import ID_BELOW
from orderguard.domain.money import Money
from orderguard.domain.orders.acceptance import (
    Acceptance,
    AcceptanceOutcome,
    OrderWarning,
    WarningCode,
)
from orderguard.domain.orders.coverage import Coverage, CoverageEvent, CoverageState, VoidReason
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.line_numbers import line_numbers
from orderguard.domain.orders.order_record import OrderRecord
from orderguard.domain.orders.unit_price import Quantity
from orderguard.http.wire.doc import doc
from orderguard.http.wire.offer import atom_timestamp
from orderguard.http.wire.order import parse_timestamp
from orderguard.http.wire.order_request import OrderRequest
from orderguard.http.wire.whole import id_text

WireId = Annotated[
    int | str,
    Meta(extra_json_schema={"minimum": 1, "exclusiveMaximum": ID_BELOW, "pattern": "^[0-9]+$"}),
]
Timestamp = Annotated[
    str,
    Meta(
        examples=["2026-04-23T13:25:00+00:00"],
        extra_json_schema={"format": "date-time", "pattern": r"^[^.Z]*[+-][0-9]{2}:[0-9]{2}$"},
    ),
]
NextPage = Annotated[
    str | None,
    doc(
        "Where the next page is, a path on this server; null on the last one.",
        examples=["/api/v1/orders?limit=50&cursor=20260423T132500.000000Z~2722193419910278"],
    ),
]


PreviousPage = Annotated[
    str | None,
    doc(
        "Where the page before is, a path on this server; null on the first one.",
        examples=["/api/v1/orders?limit=50&cursor=before-20260423T132500.000000Z~2722193419910278"],
    ),
]


class WireMinorMoney(msgspec.Struct):
    """An amount in minor units."""

    amount: Annotated[int, doc("Minor units.", examples=[450])]
    currency_code: Annotated[str, doc("ISO 4217.", examples=["USD"])]


class WireWarning(msgspec.Struct):
    """A warning about the order for a person; the order was stored all the same."""

    code: WarningCode
    message: Annotated[str, doc("What was noticed and what to do, for people.")]


class WireAcceptance(msgspec.Struct):
    """Whether the shopper accepted the offer, and how the fee compares with the quote."""

    outcome: AcceptanceOutcome
    modes: Annotated[list[CoverageMode], doc("What the shopper paid for; empty when declined.")]
    session_id: Annotated[str | None, doc("The session that the order is linked to, if any.")]
    verdict: FeeVerdict | None
    charged: Annotated[list[WireMinorMoney], doc("The fees that name accepted modes.")]
    quoted: Annotated[WireMinorMoney | None, doc("The quote that the fee was compared with.")]


class WireCoveredLine(msgspec.Struct):
    """Pieces of a line, and their value in minor units."""

    line_id: Annotated[str, doc("The line's `external_id`, else its `id`, else `#` and its place.")]
    quantity: Annotated[int | float, doc("How many pieces are covered.")]
    amount: Annotated[int, doc("The value of the pieces in minor units.")]


class WireHistoryEntry(msgspec.Struct):
    """One change of a coverage: the event, its time, its author and its reason."""

    event: Annotated[CoverageEvent, doc("The kind of change.")]
    at: Annotated[Timestamp, doc("The time of the change.")]
    by: Annotated[str, doc("The id of the API key that pushed the order.")]
    because: Annotated[VoidReason | None, doc("The reason, when the coverage was voided.")]
    amount: Annotated[int, doc("The covered value from then on, in minor units.")]


class WireCoverage(msgspec.Struct):
    """The protection that the shop owes for one order in one coverage mode."""

    id: Annotated[WireId, doc("The coverage's id.")]
    order_id: Annotated[WireId, doc("The `id` of its order.")]
    mode: Annotated[CoverageMode, doc("What is covered.")]
    state: Annotated[CoverageState, doc("`voided` has ended; `active` holds until `expires_at`.")]
    void_reason: Annotated[VoidReason | None, doc("Why it was voided; null while active.")]
    active_from: Annotated[Timestamp, doc("The start of the coverage: the order's own date.")]
    expires_at: Annotated[Timestamp, doc("The end of the coverage, exclusive.")]
    amount: Annotated[WireMinorMoney, doc("The value of the lines: the most that can be claimed.")]
    lines: Annotated[list[WireCoveredLine], doc("The covered lines of the order.")]
    history: Annotated[list[WireHistoryEntry], doc("All changes of the coverage, oldest first.")]


class WireOrder(OrderRequest, kw_only=True):
    """The stored order as it was pushed, with its acceptance, coverages and warnings."""

    id: Annotated[WireId, doc("Our id of the order.")]
    acceptance: WireAcceptance
    coverages: Annotated[list[WireCoverage], doc("The coverages of the order.")]
    warnings: Annotated[list[WireWarning], doc("Warnings about the order, for a person.")]


class CoverageResponse(msgspec.Struct):
    """One coverage."""

    coverage: WireCoverage


class CoveragesResponse(msgspec.Struct):
    """A page of coverages."""

    coverages: Annotated[list[WireCoverage], doc("Coverages, voided ones included.")]
    next_page_url: NextPage
    previous_page_url: PreviousPage


class OrderResponse(msgspec.Struct):
    """One order."""

    order: WireOrder


class OrdersResponse(msgspec.Struct):
    """A page of orders."""

    orders: Annotated[list[WireOrder], doc("Orders, the newest first.")]
    next_page_url: NextPage
    previous_page_url: PreviousPage


EMPTY_MEMBERS: dict[str, Any] = {
    field.name: [] if "list[" in str(field.type) else None
    for field in msgspec.structs.fields(OrderRequest)
}
"""All documented members, as an answer has them when they were never sent."""


def order_to_wire(
    record: OrderRecord,
    coverages: Sequence[Coverage],
    *,
    warnings: Sequence[OrderWarning] = (),
    ids_as_strings: bool,
) -> dict[str, Any]:
    """The stored document, with acceptance, coverages and warnings.

    `warnings` are about the push that is being answered; the order's own warnings follow them.
    """
    document = {**EMPTY_MEMBERS, **record.document, "status": record.status}
    for name in ("created_at", "updated_at"):
        if document.get(name):
            document[name] = atom_timestamp(parse_timestamp(document[name]))
    return {
        **document,
        "line_items": _lines(record, ids_as_strings),
        "id": _id(record.id, ids_as_strings),
        "external_id": record.external_id,
        "acceptance": _acceptance(record.acceptance),
        "coverages": [
            coverage_to_wire(coverage, ids_as_strings=ids_as_strings) for coverage in coverages
        ],
        "warnings": [
            WireWarning(warning.code, warning.message)
            for warning in (*warnings, *record.acceptance.warnings)
        ],
    }


def coverage_to_wire(coverage: Coverage, *, ids_as_strings: bool) -> WireCoverage:
    """A coverage with its whole history."""
    return WireCoverage(
        id=_id(coverage.id, ids_as_strings),
        order_id=_id(coverage.order, ids_as_strings),
        mode=coverage.mode,
        state=coverage.state,
        void_reason=coverage.void_reason,
        active_from=atom_timestamp(coverage.active_from),
        expires_at=atom_timestamp(coverage.expires_at),
        amount=_money(coverage.scope.amount),
        lines=[
            WireCoveredLine(line.line_id, _number(line.quantity), line.amount)
            for line in coverage.scope.lines
        ],
        history=[
            WireHistoryEntry(
                entry.event, atom_timestamp(entry.at), entry.by, entry.because, entry.amount
            )
            for entry in coverage.history
        ],
    )


def _acceptance(acceptance: Acceptance) -> WireAcceptance:
    return WireAcceptance(
        outcome=acceptance.outcome,
        modes=list(acceptance.modes),
        session_id=None if acceptance.session is None else str(acceptance.session),
        verdict=acceptance.verdict,
        charged=[_money(amount) for amount in acceptance.charged],
        quoted=_money(acceptance.quote.amount) if acceptance.quote else None,
    )


def _lines(record: OrderRecord, ids_as_strings: bool) -> list[dict[str, Any]]:
    """The lines as they were pushed, each with an id that is an integer.

    A platform's own integer stays. Any other line gets an id that follows from the order and from
    what the platform calls the line, so that it is the same in every answer.
    """
    documents: list[dict[str, Any]] = record.document["line_items"]
    told = [
        each.get("id") if each.get("external_id") is None else each["external_id"]
        for each in documents
    ]
    names = [f"#{n}" if id_ is None else id_text(id_) for n, id_ in enumerate(told, start=1)]
    lines = []
    for line, id_, number in zip(documents, told, line_numbers(record.id, names), strict=True):
        own = _own_number(line.get("id"))
        if own is None:
            line, own = {**line, "external_id": id_}, number
        lines.append({**line, "id": _id(own, ids_as_strings)})
    return lines


def _own_number(id_: Any) -> int | None:
    """The platform's own id of a line, if it is an integer that everybody can read."""
    if isinstance(id_, int | float) and id_ == int(id_) and 0 < id_ < ID_BELOW:
        return int(id_)
    return None


def _number(quantity: Quantity) -> int | float:
    return quantity if isinstance(quantity, int) else float(quantity)


def _money(money: Money) -> WireMinorMoney:
    return WireMinorMoney(money.amount, money.currency)


def _id(id_: int, ids_as_strings: bool) -> WireId:
    return str(id_) if ids_as_strings else id_
