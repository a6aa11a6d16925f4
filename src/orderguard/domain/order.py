"""An order as the platform reports it (contract §9): what was bought, charged and given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orderguard.domain.coverage_mode import CoverageMode, in_canonical_order
from orderguard.domain.money import Money


class OrderStatus(StrEnum):
    """The platform's word for the state of an order. Only cancelled ends coverage."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line. `unit_price` is what a piece costs after its own discounts."""

    id: str
    quantity: int
    unit_price: Money
    title: str = ""
    product_id: str | None = None
    variant_id: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee on the order. `accepted_modes` makes it the fee of an acceptance; most have none."""

    name: str
    amount: Money
    accepted_modes: tuple[CoverageMode, ...] = ()

    @property
    def is_acceptance(self) -> bool:
        return bool(self.accepted_modes)


class RefundKind(StrEnum):
    """What was given back: pieces of lines, the protection fee, or some other amount."""

    LINE_ITEM = "line_item"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """Pieces of one line that were given back."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back to the shopper. `amount` None when the platform tells lines only."""

    kind: RefundKind
    amount: Money | None = None
    lines: tuple[RefundedLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One revision of an order.

    `session_text` is the value of the metadata entry `session_id`, whatever it looks like.
    `updated_at` is the platform's own; an older one than we have marks an outdated push.
    """

    status: OrderStatus
    total_price: Money
    lines: tuple[OrderLine, ...]
    fees: tuple[Fee, ...] = ()
    refunds: tuple[Refund, ...] = ()
    session_text: str | None = None
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
    def refunded_total(self) -> int:
        """Minor units given back in the order's own currency."""
        return sum(
            refund.amount.amount
            for refund in self.refunds
            if refund.amount and refund.amount.currency == self.total_price.currency
        )

    @property
    def is_refunded_in_full(self) -> bool:
        """Whether everything was given back, and with it the fee. Refunding more counts as all."""
        return 0 < self.total_price.amount <= self.refunded_total

    def refunded_fee(self) -> int:
        """Minor units of the protection fee that were given back, in the fee's currency.

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

    def remaining_quantity(self, line: OrderLine) -> int:
        """The pieces of a line that were not given back; never below zero."""
        refunded = sum(
            each.quantity
            for refund in self.refunds
            for each in refund.lines
            if each.line_id == line.id
        )
        return max(0, line.quantity - refunded)
