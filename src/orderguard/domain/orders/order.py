"""An order as the platform reports it (contract §9): lines bought, amounts charged and refunded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from orderguard.domain.coverage_mode import CoverageMode, in_canonical_order
from orderguard.domain.money import Money
from orderguard.domain.orders.unit_price import Quantity, UnitPrice


class OrderStatus(StrEnum):
    """The platform's word for the state of an order.

    A cancelled or refunded order has no coverage any more, a pending one (placed, not paid) has
    none yet. The other states change nothing.
    """

    ACTIVE = "active"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    PENDING = "pending"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line. `unit_price` is what a piece costs after its own discounts.

    `other_ids` are further ids by which a refund may name the line. `unread_prices` are members
    that look like a price and are not read, on a line that has no price we read.
    """

    id: str
    quantity: Quantity
    unit_price: UnitPrice
    title: str = ""
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None
    product_type: str | None = None
    vendor: str | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    other_ids: frozenset[str] = frozenset()
    unread_prices: tuple[str, ...] = ()

    @property
    def is_goods(self) -> bool:
        """Whether the line is bought goods. Some platforms write gift cards as negative lines."""
        return self.unit_price.steps >= 0

    @property
    def value(self) -> int:
        """Minor units that the line costs; 0 for a negative line, which is no goods."""
        return self.unit_price.times(self.quantity) if self.is_goods else 0


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee on the order. `accepted_modes` makes it the fee of an acceptance; most have none.

    `minor_reading` is the amount if its text of digits was meant as minor units (see
    `fee_reading`). `likely_member` is a misspelt `accepted_offer_mode`.
    """

    name: str
    amount: Money
    accepted_modes: tuple[CoverageMode, ...] = ()
    minor_reading: Money | None = None
    likely_member: str | None = None

    @property
    def is_acceptance(self) -> bool:
        return bool(self.accepted_modes)


class RefundKind(StrEnum):
    """The kind of a refund: pieces of lines, the protection fee, or some other amount."""

    LINE_ITEM = "line_item"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """Pieces of one line that were given back; `quantity` None when the platform does not say."""

    line_id: str
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back to the shopper. `amount` None when the platform tells lines only."""

    kind: RefundKind
    amount: Money | None = None
    lines: tuple[RefundedLine, ...] = ()


@dataclass(slots=True)
class _Goods:
    """All lines with one id: their pieces and value, the unit price, and the refunded pieces."""

    price: UnitPrice
    quantity: Quantity = 0
    value: int = 0
    given_back: Quantity = 0

    def value_of(self, quantity: Quantity | None) -> int:
        """The value of this many pieces in minor units, never above that of all; None means all."""
        if quantity is None:
            return self.value
        return min(self.value, max(0, self.price.times(quantity)))


@dataclass(frozen=True, kw_only=True)
class Order:
    """One revision of an order.

    `session_text` is the raw value of the metadata entry `session_id`, not validated.
    `misplaced_session` is where a session id stands that is not read, without one. `updated_at`
    is the platform's own; a push whose `updated_at` is older than the stored one is outdated.
    `further_charges` are shipping, and taxes that the prices do not contain, if the platform
    reports them.
    """

    status: OrderStatus
    total_price: Money
    lines: tuple[OrderLine, ...]
    fees: tuple[Fee, ...] = ()
    refunds: tuple[Refund, ...] = ()
    further_charges: tuple[Money, ...] = ()
    total_discounts: Money | None = None
    session_text: str | None = None
    misplaced_session: str | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def accepted_fees(self) -> tuple[Fee, ...]:
        """The fees by which the shopper accepted; nearly always one or none."""
        return tuple(fee for fee in self.fees if fee.is_acceptance)

    @property
    def accepted_modes(self) -> tuple[CoverageMode, ...]:
        """The union of the modes of all accepted fees, in canonical order."""
        return in_canonical_order({mode for fee in self.fees for mode in fee.accepted_modes})

    @property
    def stands(self) -> bool:
        """Whether the order is still in force; otherwise its session is unlinked."""
        return self.status is not OrderStatus.CANCELLED and not self.is_refunded_in_full

    @cached_property
    def value(self) -> int:
        """The value of the order in minor units, however it was paid.

        `total_price` may be the amount left to pay after a gift card. When lines, fees and further
        charges come to more, the value is their sum, unless a discount on the whole order explains
        the difference.
        """
        total = self.total_price.amount
        gross = sum(line.value for line in self.lines) + self._own(
            [*(fee.amount for fee in self.fees), *self.further_charges]
        )
        discount = abs(self._own([self.total_discounts]))
        is_explained = abs(gross - discount - total) <= len(self.lines)
        return total if total >= gross or is_explained else gross

    @property
    def refunded_total(self) -> int:
        """Minor units given back in the order's own currency, as the platform says."""
        return self._own(refund.amount for refund in self.refunds)

    @cached_property
    def is_refunded_in_full(self) -> bool:
        """Whether everything was given back, and with it the fee.

        A refund that names lines is never more than those lines, and a refund of the fee never
        more than the fee.
        """
        if self.status is OrderStatus.REFUNDED:
            return True
        fee = min(self.refunded_fee(), self._own(fee.amount for fee in self.accepted_fees))
        goods = sum(
            min(self._own([refund.amount]), self._named_value(refund))
            for refund in self.refunds
            if refund.kind is RefundKind.LINE_ITEM
        )
        other = self._own(r.amount for r in self.refunds if r.kind is RefundKind.OTHER)
        return 0 < self.value <= fee + goods + other

    def refunded_fee(self) -> int:
        """How much of the protection fee was refunded, in minor units of the fee's currency.

        A refund of the fee without an amount gives all of it back.
        """
        if any(r.kind is RefundKind.FEE and r.amount is None for r in self.refunds):
            return sum(fee.amount.amount for fee in self.accepted_fees)
        currencies = {fee.amount.currency for fee in self.accepted_fees}
        return sum(
            refund.amount.amount
            for refund in self.refunds
            if refund.kind is RefundKind.FEE
            and refund.amount
            and refund.amount.currency in currencies
        )

    def remaining(self) -> list[tuple[OrderLine, Quantity]]:
        """The lines in their order, each with its pieces that were not given back."""
        to_take = {id_: goods.given_back for id_, goods in self._goods.items()}
        remaining = []
        for line in self.lines:
            taken = min(line.quantity, to_take[line.id])
            to_take[line.id] -= taken
            remaining.append((line, line.quantity - taken))
        return remaining

    def understands(self, refund: Refund) -> bool:
        """Whether the refund identifies the goods, the fee or the amount that was refunded."""
        if refund.kind is RefundKind.LINE_ITEM:
            return any(part.line_id in self._names for part in refund.lines)
        return refund.kind is RefundKind.FEE or refund.amount is not None

    @cached_property
    def _goods(self) -> Mapping[str, _Goods]:
        """The goods by line id, with refunded pieces: a mapping, for orders with thousands."""
        found: dict[str, _Goods] = {}
        for line in self.lines:
            goods = found.setdefault(line.id, _Goods(line.unit_price))
            goods.quantity += line.quantity
            goods.value += line.value
        for refund in self.refunds:
            parts = [part for part in refund.lines if part.line_id in self._names]
            worth = sum(found[self._names[p.line_id]].value_of(p.quantity) for p in parts)
            # Without a number of pieces the amount decides: all pieces if it pays for all lines
            # that the refund names, else none, because a part of the price is no piece.
            is_whole = refund.amount is None or refund.amount.amount >= worth
            for part in parts:
                goods = found[self._names[part.line_id]]
                if part.quantity is not None:
                    goods.given_back += part.quantity
                elif is_whole:
                    goods.given_back = goods.quantity
        return found

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The line's id by every id that a refund may use for it."""
        names = {line.id: line.id for line in self.lines}
        for line in self.lines:
            for other in line.other_ids:
                names.setdefault(other, line.id)
        return names

    def _named_value(self, refund: Refund) -> int:
        """Minor units that the pieces cost which the refund names."""
        return sum(
            self._goods[self._names[part.line_id]].value_of(part.quantity)
            for part in refund.lines
            if part.line_id in self._names
        )

    def _own(self, amounts: Iterable[Money | None]) -> int:
        """Minor units of those amounts that are in the order's own currency."""
        currency = self.total_price.currency
        return sum(each.amount for each in amounts if each and each.currency == currency)
