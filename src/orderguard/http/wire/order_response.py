"""Orders and coverages on the wire: the document back, and what followed (contract §9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.domain.acceptance import Acceptance, AcceptanceOutcome, OrderWarning, WarningCode
from orderguard.domain.coverage import Coverage, CoverageEvent, CoverageState, VoidReason
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.fee_verdict import FeeVerdict
from orderguard.domain.money import Money
from orderguard.domain.order import OrderStatus
from orderguard.domain.order_record import OrderRecord
from orderguard.http.wire.offer import atom_timestamp
from orderguard.http.wire.order import parse_timestamp

WireId = int | str


class WireMinorMoney(msgspec.Struct):
    """An amount in minor units."""

    amount: int
    currency_code: str


class WireWarning(msgspec.Struct):
    """Something to know about the order; it never stopped it."""

    code: WarningCode
    message: str


class WireAcceptance(msgspec.Struct):
    """What the order says about the offer."""

    outcome: AcceptanceOutcome
    modes: list[CoverageMode]
    session_id: str | None
    verdict: FeeVerdict | None
    charged: list[WireMinorMoney]
    quoted: WireMinorMoney | None


class WireCoveredLine(msgspec.Struct):
    """Pieces of a line, and their value in minor units."""

    line_id: str
    quantity: int
    amount: int


class WireCoverageEvent(msgspec.Struct):
    """Something that happened to a coverage."""

    event: CoverageEvent
    at: str
    by: str
    because: VoidReason | None
    amount: int


class WireCoverage(msgspec.Struct):
    """What the shop has to honour: one mode of one order."""

    id: WireId
    order_id: WireId
    mode: CoverageMode
    state: CoverageState
    void_reason: VoidReason | None
    active_from: str
    expires_at: str
    amount: WireMinorMoney
    lines: list[WireCoveredLine]
    history: list[WireCoverageEvent]


class CoverageResponse(msgspec.Struct):
    """One coverage."""

    coverage: WireCoverage


class CoveragesResponse(msgspec.Struct):
    """A page of coverages."""

    coverages: list[WireCoverage]
    next_page_url: str | None


class OrderResponse(msgspec.Struct):
    """The order as pushed, with `id`, `acceptance`, `coverages` and `warnings`."""

    order: Annotated[dict[str, Any], Meta(description="The document, and what followed from it.")]


class OrdersResponse(msgspec.Struct):
    """A page of orders, newest first."""

    orders: list[dict[str, Any]]
    next_page_url: str | None


def order_to_wire(
    record: OrderRecord,
    coverages: Sequence[Coverage],
    *,
    warnings: Sequence[OrderWarning] = (),
    ids_as_strings: bool,
) -> dict[str, Any]:
    """The document as it was pushed, with what we made of it.

    `warnings` are about the push that is being answered; those about the order follow them.
    """
    document = {"status": OrderStatus.ACTIVE, **record.document}
    for name in ("created_at", "updated_at"):
        if document.get(name):
            document[name] = atom_timestamp(parse_timestamp(document[name]))
    return {
        **document,
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
            WireCoveredLine(line.line_id, line.quantity, line.amount)
            for line in coverage.scope.lines
        ],
        history=[
            WireCoverageEvent(
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


def _money(money: Money) -> WireMinorMoney:
    return WireMinorMoney(money.amount, money.currency)


def _id(id_: int, ids_as_strings: bool) -> WireId:
    return str(id_) if ids_as_strings else id_
