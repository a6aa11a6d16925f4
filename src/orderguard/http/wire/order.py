"""From an order document to an `Order`: the only place where order money is read (contract §9).

The types validate the members we know, with the documented limits. The document itself is stored
and given back as it came; what we do not know stays in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

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
from orderguard.http.wire.problems import PROBLEMS_AT_MOST, collect_problems

T = TypeVar("T")

AMOUNT_MAXIMUM = 10**12
NO_MONEY = Money(0, parse_currency("USD"))

Id = Annotated[str, Meta(max_length=255)] | int
Quantity = Annotated[int, Meta(ge=0, le=1_000_000)]
Timestamp = Annotated[
    str,
    Meta(
        description="ATOM: date, time and offset.",
        examples=["2026-04-23T13:25:00+00:00"],
        extra={"expected": "a timestamp with a zone, such as 2026-04-23T13:25:00+00:00"},
    ),
]


class WireOrderMoney(msgspec.Struct):
    """Money on an order. The JSON type decides: an integer is minor units, a string major ones."""

    amount: Annotated[
        int | str,
        Meta(
            description='498 or "4.98" for USD 4.98.',
            examples=[498, "4.98"],
            extra={
                "expected": 'an integer in minor units (498) or a string in major units ("4.98")'
            },
        ),
    ]
    currency_code: Annotated[str, Meta(examples=["USD"])]


class WireFee(msgspec.Struct):
    """A fee. `accepted_offer_mode` is the mode array of the analysis, verbatim."""

    amount: WireOrderMoney
    name: Annotated[str, Meta(max_length=255)] = ""
    accepted_offer_mode: Annotated[
        Any,
        Meta(
            description="The modes the shopper paid for; null for any other fee.",
            examples=[["returnCoverage", "shippingProtection"]],
        ),
    ] = None


class WireMetadataEntry(msgspec.Struct):
    """A key with a value; the key `session_id` links the order to its offer session."""

    key: Annotated[str, Meta(max_length=255, examples=["session_id"])]
    value: Any = None


class WireReference(msgspec.Struct):
    """A product or variant, by its own or the platform's id."""

    id: Id | None = None
    external_id: Id | None = None


class WireRefundedLine(msgspec.Struct):
    """Pieces of a line that were given back."""

    id: Id | None = None
    external_id: Id | None = None
    quantity: Quantity | None = None
    restock: bool | None = None


class WireRefund(msgspec.Struct):
    """Money given back. `type` is `line_item`, `fee` for the protection fee, or another word."""

    external_id: Id | None = None
    type: Annotated[str, Meta(max_length=64)] | None = None
    amount: WireOrderMoney | None = None
    line_item: WireRefundedLine | list[WireRefundedLine] | None = None
    line_items: list[WireRefundedLine] | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None


class WireOrderLine(msgspec.Struct):
    """A line of the order."""

    id: Id | None = None
    external_id: Id | None = None
    title: Annotated[str, Meta(max_length=1000)] | None = None
    sku: Annotated[str, Meta(max_length=255)] | int | None = None
    quantity: Quantity | None = None
    unit_price: WireOrderMoney | None = None
    unit_discounts: WireOrderMoney | None = None
    product: WireReference | None = None
    product_variant: WireReference | None = None
    refunds: list[WireRefund] | None = None


class OrderRequest(msgspec.Struct):
    """An order, as the shop pushes it. Members not listed are kept and given back."""

    name: Annotated[str, Meta(max_length=100)]
    taxes_included: bool
    total_price: WireOrderMoney
    line_items: list[WireOrderLine]
    status: OrderStatus | None = None
    external_id: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    sales_channel: str | dict[str, Any] | None = None
    channel: str | dict[str, Any] | None = None
    source: str | dict[str, Any] | None = None
    customer: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None
    billing_address: dict[str, Any] | None = None
    total_price_presentment: WireOrderMoney | None = None
    total_discounts: WireOrderMoney | None = None
    total_taxes: WireOrderMoney | None = None
    total_shipping: WireOrderMoney | None = None
    order_discounts: list[Any] | None = None
    shipping_lines: list[Any] | None = None
    refunds: list[WireRefund] | None = None
    fulfillments: list[Any] | None = None
    tags: list[str] | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    fees: list[WireFee] | None = None
    metadata: list[WireMetadataEntry] | None = None


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
            external_id=wire.external_id,
            created_at=self.instant(wire.created_at, "created_at"),
            updated_at=self.instant(wire.updated_at, "updated_at"),
        )

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
            quantity=1 if wire.quantity is None else wire.quantity,
            unit_price=price,
            title=wire.title or "",
            product_id=_reference(wire.product),
            variant_id=_reference(wire.product_variant),
            sku=None if wire.sku is None else str(wire.sku),
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
                RefundedLine(line_id or _either_id(line) or "", line.quantity or 0)
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
        except ValueError:
            raise Malformed(f"expected an array of modes, found {shortened(value)}.") from None
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > 20:
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


def _either_id(wire: WireOrderLine | WireRefundedLine) -> str | None:
    id_ = wire.external_id if wire.external_id is not None else wire.id
    return None if id_ is None else str(id_)


def _reference(wire: WireReference | None) -> str | None:
    if wire is None:
        return None
    id_ = wire.external_id if wire.external_id is not None else wire.id
    return None if id_ is None else str(id_)


def _as_list(value: WireRefundedLine | list[WireRefundedLine] | None) -> list[WireRefundedLine]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
