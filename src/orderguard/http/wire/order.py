"""From an order document to an `Order`: the only place where order money is read (contract §9).

The types in `order_request` validate the members we know. The document itself is stored and given
back as it came, with its unknown members.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec

from orderguard.domain.coverage_mode import CoverageMode, in_canonical_order
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.money import Money, shortened
from orderguard.domain.orders.order import (
    Fee,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    RefundedLine,
    RefundKind,
)
from orderguard.domain.orders.unit_price import Quantity, UnitPrice
from orderguard.http.wire.learning import learn
from orderguard.http.wire.order_amounts import AmountReader
from orderguard.http.wire.order_hints import likely_member, misplaced_session, unread_prices
from orderguard.http.wire.order_request import (
    QUANTITY_DECIMALS,
    OrderRequest,
    WireFee,
    WireOrderLine,
    WireReference,
    WireRefund,
    WireRefundedLine,
)
from orderguard.http.wire.problems import PROBLEMS_AT_MOST, collect_problems
from orderguard.http.wire.whole import id_text

_FURTHER_CHARGES = ("total_shipping", "total_taxes")

_MODES = frozenset(CoverageMode)

_STATUS_SPELLINGS = {"canceled": "cancelled"}

_FEE_TYPES = frozenset({"fee", "fees", "orderfee"})
"""Types of refunds that mean the fee."""

_NO_REFUND = frozenset(
    {"canceled", "cancelled", "declined", "failed", "pending", "rejected", "voided"}
)
"""What platforms call a refund that has not happened, or not yet."""


learn(OrderRequest)


def order_from_wire(document: Mapping[str, Any]) -> Order:
    """Parse an order document. Raises `InvalidDocument` with up to twenty problems."""
    try:
        wire = msgspec.convert(document, OrderRequest)
    except msgspec.ValidationError as error:
        raise InvalidDocument(collect_problems(document, OrderRequest)) from error
    reading = _Reading(wire, document)
    order = reading.order()
    reading.finish(PROBLEMS_AT_MOST)
    return order


class _Reading(AmountReader):
    """One document on its way to an order."""

    def __init__(self, wire: OrderRequest, document: Mapping[str, Any]) -> None:
        super().__init__(wire)
        self._wire = wire
        self._document = document

    def order(self) -> Order:
        wire = self._wire
        total = self.money(wire.total_price, "total_price", may_be_negative=True)
        if wire.total_price_presentment:
            self.money(wire.total_price_presentment, "total_price_presentment")
        told = {
            name: self.money(other, name, may_be_negative=name == "total_discounts")
            for name in ("total_discounts", "total_taxes", "total_shipping")
            if (other := getattr(wire, name))
        }
        session = _session_text(wire)
        not_in_prices = ["total_shipping"] if wire.taxes_included else [*_FURTHER_CHARGES]
        return Order(
            status=self.attempt("status", lambda: parse_status(wire.status), OrderStatus.ACTIVE),
            total_price=total,
            lines=tuple(self.line(index, total) for index in range(len(wire.line_items))),
            fees=tuple(self.fee(fee, index) for index, fee in enumerate(wire.fees or ())),
            refunds=tuple(self.refunds(wire)),
            further_charges=tuple(told[name] for name in not_in_prices if name in told),
            total_discounts=told.get("total_discounts"),
            session_text=session,
            misplaced_session=None if session else misplaced_session(self._document),
            external_id=self.external_id(wire.external_id),
            created_at=self.instant(wire.created_at, "created_at"),
            updated_at=self.instant(wire.updated_at, "updated_at"),
        )

    def external_id(self, id_: str | float | None) -> str | None:
        if id_ is None:
            return None
        text = id_text(id_)
        if "\0" in text:
            # PostgreSQL cannot store this character, so no query could ever find the order.
            self.problems.append(Problem("external_id", "must not contain a zero character."))
        return text

    def line(self, index: int, total: Money) -> OrderLine:
        wire, path = self._wire.line_items[index], f"line_items[{index}]"
        price = self.line_price(wire, path, total)
        document = self._document["line_items"][index]
        id_ = _line_id(wire, index)
        return OrderLine(
            id=id_,
            quantity=1 if wire.quantity is None else _quantity(wire.quantity),
            unit_price=price or UnitPrice(0, total.currency),
            title=wire.title or "",
            product_id=_either_id(wire.product) if wire.product else None,
            variant_id=_either_id(wire.product_variant) if wire.product_variant else None,
            sku=None if wire.sku is None else id_text(wire.sku),
            product_type=_word(wire.product_type),
            vendor=_word(wire.vendor),
            tags=_words(wire.tags),
            collections=_words(wire.collections),
            other_ids=frozenset(
                id_text(other) for other in (wire.external_id, wire.id) if other is not None
            )
            - {id_},
            unread_prices=() if price else unread_prices(document),
        )

    def line_price(self, wire: WireOrderLine, path: str, total: Money) -> UnitPrice | None:
        """What a piece costs after its discounts; None when the line has no price that is read."""
        if wire.unit_price is not None:
            price = self.unit_price(wire.unit_price, f"{path}.unit_price")
        elif loose := self.loose_price(wire.price):
            price = loose
        else:
            return None
        if price.currency != total.currency:
            name = "price" if wire.unit_price is None else "unit_price"
            message = f"is {price.currency}, but total_price is in {total.currency}."
            self.problems.append(Problem(f"{path}.{name}.currency_code", message))
        if wire.unit_discounts is not None:
            price = price.less(self.unit_price(wire.unit_discounts, f"{path}.unit_discounts"))
        return price

    def fee(self, wire: WireFee, index: int) -> Fee:
        path = f"fees[{index}]"
        no_modes: tuple[CoverageMode, ...] = ()
        modes = self.attempt(
            f"{path}.accepted_offer_mode", lambda: _modes(wire.accepted_offer_mode), no_modes
        )
        # Shops use negative fees as discounts; only the fee of an acceptance must be a charge.
        amount = self.money(wire.amount, f"{path}.amount", may_be_negative=not modes)
        return Fee(
            wire.name,
            amount,
            modes,
            minor_reading=self.minor_reading(wire.amount, amount) if modes else None,
            likely_member=None if modes else likely_member(self._document["fees"][index]),
        )

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
        return [refund for refund in found if refund is not None]

    def refund(self, wire: WireRefund, path: str, line_id: str | None) -> Refund | None:
        """A refund; `line_id` is the line it stands on, None for one of the whole order.

        None for a refund that has not happened.
        """
        named = [*(wire.line_items or ()), *_as_list(wire.line_item)]
        for name, text in (("created_at", wire.created_at), ("updated_at", wire.updated_at)):
            self.instant(text, f"{path}.{name}")
        amount = self.loose_money(wire.total)
        if wire.amount is not None:
            amount = self.money(wire.amount, f"{path}.amount")
        if _letters(wire.status) in _NO_REFUND:
            return None
        lines = [
            RefundedLine(
                line_id or _either_id(line) or "",
                None if line.quantity is None else _quantity(line.quantity),
            )
            for line in named
        ]
        if line_id and not named and amount is not None:
            lines = [RefundedLine(line_id)]
        return Refund(
            kind=_refund_kind(wire.type, has_lines=bool(lines or line_id)),
            amount=amount,
            lines=tuple(lines),
        )

    def instant(self, text: str | None, path: str) -> datetime | None:
        if text is None:
            return None
        return self.attempt(path, lambda: parse_timestamp(text), None)


def parse_status(text: str | None) -> OrderStatus:
    """Parse the status, in any case, also `canceled`; None means active. Raises `Malformed`."""
    if text is None:
        return OrderStatus.ACTIVE
    word = _letters(text)
    try:
        return OrderStatus(_STATUS_SPELLINGS.get(word, word))
    except ValueError:
        allowed = ", ".join(OrderStatus)
        raise Malformed(f"expected one of {allowed}, found {shortened(text)}.") from None


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
        if not isinstance(name, str) or name not in _MODES:
            allowed = ", ".join(CoverageMode)
            raise Malformed(
                f"{shortened(name)} is not a coverage mode; expected {allowed}. "
                "Send the mode array of the analysis as it is."
            )
    return in_canonical_order({CoverageMode(name) for name in names})


def _session_text(wire: OrderRequest) -> str | None:
    """The session that the order names, or else the first of its lines that names one."""
    named = (_named_session((each.key, each.value) for each in wire.metadata or ()),)
    lines = (_named_session(_entries(line.metadata)) for line in wire.line_items)
    return next((text for text in chain(named, lines) if text), None)


def _named_session(entries: Iterable[tuple[Any, Any]]) -> str | None:
    for key, value in entries:
        if key == "session_id" and value is not None:
            # Templates and metafields put blanks and quotes around.
            text = str(value)[:100].strip(" \t\r\n\"'")
            if text:
                return text
    return None


def _entries(metadata: Any) -> Iterator[tuple[Any, Any]]:
    for entry in metadata if isinstance(metadata, list) else ():
        if isinstance(entry, dict):
            yield entry.get("key"), entry.get("value")


def _refund_kind(type_: str | None, *, has_lines: bool) -> RefundKind:
    if _letters(type_) in _FEE_TYPES:
        return RefundKind.FEE
    return RefundKind.LINE_ITEM if has_lines else RefundKind.OTHER


def _letters(word: Any) -> str:
    """A word without case and punctuation: `order_fee`, `OrderFee` and `Order fee` are one."""
    return "".join(each for each in word.casefold() if each.isalpha()) if _word(word) else ""


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _words(value: Any) -> tuple[str, ...]:
    """Words in a list, or in a text with commas between them, as platforms write tags."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _quantity(number: float) -> Quantity:
    """Pieces, of which there may be parts. Decimals beyond the sixth are noise of a float."""
    if isinstance(number, int) or number.is_integer():
        return int(number)
    return round(Decimal(repr(number)), QUANTITY_DECIMALS).normalize()


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
