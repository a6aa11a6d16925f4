"""From an order document to an `Order`: the only place where order money is read (contract §9).

The types in `order_request` validate the members we know. The document itself is stored and given
back as it came; what we do not know stays in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from orderguard.domain.coverage_mode import CoverageMode, in_canonical_order
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.money import Money, from_major_units, parse_currency, shortened
from orderguard.domain.order import (
    Fee,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    RefundedLine,
    RefundKind,
)
from orderguard.http.wire.order_request import (
    AMOUNT_MAXIMUM,
    OrderRequest,
    WireFee,
    WireMetadataEntry,
    WireOrderLine,
    WireOrderMoney,
    WireReference,
    WireRefund,
    WireRefundedLine,
)
from orderguard.http.wire.problems import PROBLEMS_AT_MOST, collect_problems
from orderguard.http.wire.whole import id_text

T = TypeVar("T")

NO_MONEY = Money(0, parse_currency("USD"))


def order_from_wire(document: Mapping[str, Any]) -> Order:
    """The order in a document. Raises `InvalidDocument` with up to twenty problems."""
    try:
        wire = msgspec.convert(document, OrderRequest)
    except msgspec.ValidationError as error:
        raise InvalidDocument(collect_problems(document, OrderRequest)) from error
    reading = _Reading()
    order = reading.order(wire)
    if reading.problems:
        raise InvalidDocument(reading.problems[:PROBLEMS_AT_MOST])
    return order


class _Reading:
    """One document on its way to an order; notes problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def order(self, wire: OrderRequest) -> Order:
        total = self.money(wire.total_price, "total_price")
        for name in ("total_price_presentment", "total_discounts", "total_taxes", "total_shipping"):
            if other := getattr(wire, name):
                self.money(other, name, may_be_negative=name == "total_discounts")
        lines = [
            self.line(line, f"line_items[{index}]", index, total)
            for index, line in enumerate(wire.line_items)
        ]
        return Order(
            status=wire.status or OrderStatus.ACTIVE,
            total_price=total,
            lines=tuple(lines),
            fees=tuple(
                self.fee(fee, f"fees[{index}]") for index, fee in enumerate(wire.fees or ())
            ),
            refunds=tuple(self.refunds(wire)),
            session_text=_session_text(wire.metadata or []),
            external_id=self.external_id(wire.external_id),
            created_at=self.instant(wire.created_at, "created_at"),
            updated_at=self.instant(wire.updated_at, "updated_at"),
        )

    def external_id(self, text: str | None) -> str | None:
        if text is not None and "\0" in text:
            # PostgreSQL has no such character, so nobody could ever find the order.
            self.problems.append(Problem("external_id", "must not contain a zero character."))
        return text

    def attempt(self, path: str, parse: Callable[[], T], otherwise: T) -> T:
        try:
            return parse()
        except Malformed as error:
            self.problems.append(Problem(path, str(error)))
            return otherwise

    def money(self, wire: WireOrderMoney, path: str, *, may_be_negative: bool = False) -> Money:
        currency = self.attempt(
            f"{path}.currency_code", lambda: parse_currency(wire.currency_code), None
        )
        if currency is None:
            return NO_MONEY
        amount = wire.amount
        money = self.attempt(
            f"{path}.amount",
            lambda: (
                from_major_units(amount, currency)
                if isinstance(amount, str)
                else Money(amount, currency)
            ),
            Money(0, currency),
        )
        if abs(money.amount) > AMOUNT_MAXIMUM:
            self.problems.append(
                Problem(f"{path}.amount", f"is above the limit of {AMOUNT_MAXIMUM} minor units.")
            )
        if money.amount < 0 and not may_be_negative:
            self.problems.append(
                Problem(f"{path}.amount", f"must not be negative, found {amount}.")
            )
        return money

    def line(self, wire: WireOrderLine, path: str, index: int, total: Money) -> OrderLine:
        price = Money(0, total.currency)
        if wire.unit_price is not None:
            price = self.money(wire.unit_price, f"{path}.unit_price")
            if price.currency != total.currency:
                message = f"is {price.currency}, but total_price is in {total.currency}."
                self.problems.append(Problem(f"{path}.unit_price.currency_code", message))
        if wire.unit_discounts is not None:
            discount = self.money(
                wire.unit_discounts, f"{path}.unit_discounts", may_be_negative=True
            )
            price = Money(max(0, price.amount - abs(discount.amount)), price.currency)
        return OrderLine(
            id=_line_id(wire, index),
            quantity=1 if wire.quantity is None else int(wire.quantity),
            unit_price=price,
            title=wire.title or "",
            product_id=_either_id(wire.product) if wire.product else None,
            variant_id=_either_id(wire.product_variant) if wire.product_variant else None,
            sku=None if wire.sku is None else id_text(wire.sku),
        )

    def fee(self, wire: WireFee, path: str) -> Fee:
        no_modes: tuple[CoverageMode, ...] = ()
        modes = self.attempt(
            f"{path}.accepted_offer_mode", lambda: _modes(wire.accepted_offer_mode), no_modes
        )
        # Shops use negative fees as discounts; only the fee of an acceptance must be a charge.
        amount = self.money(wire.amount, f"{path}.amount", may_be_negative=not modes)
        return Fee(wire.name, amount, modes)

    def refunds(self, wire: OrderRequest) -> list[Refund]:
        found = [
            self.refund(refund, f"refunds[{index}]", None)
            for index, refund in enumerate(wire.refunds or ())
        ]
        for index, line in enumerate(wire.line_items):
            found += [
                self.refund(refund, f"line_items[{index}].refunds[{number}]", _line_id(line, index))
                for number, refund in enumerate(line.refunds or ())
            ]
        return found

    def refund(self, wire: WireRefund, path: str, line_id: str | None) -> Refund:
        """A refund; `line_id` is the line it stands on, None for one of the whole order."""
        lines = [*(wire.line_items or ()), *_as_list(wire.line_item)]
        for name, text in (("created_at", wire.created_at), ("updated_at", wire.updated_at)):
            self.instant(text, f"{path}.{name}")
        return Refund(
            kind=_refund_kind(wire.type, has_lines=bool(lines or line_id)),
            amount=None if wire.amount is None else self.money(wire.amount, f"{path}.amount"),
            lines=tuple(
                RefundedLine(line_id or _either_id(line) or "", int(line.quantity or 0))
                for line in lines
            ),
        )

    def instant(self, text: str | None, path: str) -> datetime | None:
        if text is None:
            return None
        return self.attempt(path, lambda: parse_timestamp(text), None)


def parse_timestamp(text: str) -> datetime:
    """A date and time with its offset. Raises `Malformed`, also for one without a zone."""
    expected = "expected a timestamp with a zone, such as 2026-04-23T13:25:00+00:00"
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            instant.utctimetuple()  # year 1 in the far east has no UTC
    except (ValueError, OverflowError):
        raise Malformed(f"{expected}, found {shortened(text)}.") from None
    if instant.tzinfo is None:
        raise Malformed(f"{expected}; {shortened(text)} has none.")
    return instant


def _modes(value: Any) -> tuple[CoverageMode, ...]:
    """The accepted modes, from an array or from JSON text of one. Raises `Malformed`."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", '"'):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise Malformed(f"expected an array of modes, found {shortened(value)}.") from None
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise Malformed(f"expected an array of modes, found {shortened(value)}.")
    for name in names:
        if not isinstance(name, str) or name not in list(CoverageMode):
            allowed = ", ".join(CoverageMode)
            raise Malformed(f"{shortened(name)} is not a coverage mode; expected {allowed}.")
    return in_canonical_order({CoverageMode(name) for name in names})


def _session_text(entries: list[WireMetadataEntry]) -> str | None:
    for entry in entries:
        if entry.key == "session_id" and entry.value is not None:
            return str(entry.value)[:100]
    return None


def _refund_kind(type_: str | None, *, has_lines: bool) -> RefundKind:
    if type_ == RefundKind.FEE:
        return RefundKind.FEE
    return RefundKind.LINE_ITEM if has_lines else RefundKind.OTHER


def _line_id(wire: WireOrderLine, index: int) -> str:
    # A line without any id is known by its place, which is the best that can be done for it.
    return _either_id(wire) or f"#{index + 1}"


def _either_id(wire: WireOrderLine | WireRefundedLine | WireReference) -> str | None:
    id_ = wire.external_id if wire.external_id is not None else wire.id
    return None if id_ is None else id_text(id_)


def _as_list(value: WireRefundedLine | list[WireRefundedLine] | None) -> list[WireRefundedLine]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
