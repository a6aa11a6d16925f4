"""Orders, sessions and settlements for domain tests; each mentions only what matters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from orderguard.domain.books.ledger import Posting
from orderguard.domain.books.month import Month
from orderguard.domain.books.statement import PostedSum
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.ids import CoverageId, OrderId, SessionId
from orderguard.domain.money import USD, Money
from orderguard.domain.orders.acceptance import SessionEvidence
from orderguard.domain.orders.coverage import Coverage, CoverageState
from orderguard.domain.orders.fee_verdict import Quote
from orderguard.domain.orders.order import (
    Fee,
    Order,
    OrderLine,
    OrderStatus,
    Refund,
    RefundedLine,
    RefundKind,
)
from orderguard.domain.orders.settlement import Books, Circumstances, Settlement, settle
from orderguard.domain.orders.unit_price import unit_price_of
from tests.support.builders import BOTH

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDER = OrderId(7)
SESSION = SessionId("lop_a1b2c3d4e5f6g7h8i9j0")
OTHER_SESSION = SessionId("lop_ZZZZZZZZZZZZZZZZZZZZ")


def a_fee(amount: int = 4_98, modes: Sequence[CoverageMode] = BOTH, **changes: Any) -> Fee:
    """The fee of an acceptance, in USD unless told otherwise."""
    return Fee("Order protection", Money(amount, changes.get("currency", USD)), tuple(modes))


def an_order_line(id_: str = "lamp", quantity: int = 2, price: int = 25_00) -> OrderLine:
    return OrderLine(id=id_, quantity=quantity, unit_price=unit_price_of(Money(price, USD)))


def an_order(*fees: Fee, **changes: Any) -> Order:
    """Two lamps for 50.00 and the fees; it names `SESSION`."""
    values: dict[str, Any] = {
        "status": OrderStatus.ACTIVE,
        "total_price": Money(50_00 + sum(fee.amount.amount for fee in fees), USD),
        "lines": (an_order_line(),),
        "fees": fees,
        "session_text": SESSION,
    }
    return Order(**(values | changes))


def refund_of_lines(line_id: str = "lamp", quantity: int = 1, amount: int = 25_00) -> Refund:
    return Refund(
        kind=RefundKind.LINE_ITEM,
        amount=Money(amount, USD),
        lines=(RefundedLine(line_id, quantity),),
    )


def refund_of_fee(amount: int) -> Refund:
    return Refund(kind=RefundKind.FEE, amount=Money(amount, USD))


def a_quote(
    returns: int = 2_98, shipping: int | None = 2_00, *, ordinal: int = 1, **changes: Any
) -> Quote:
    """Both modes, or returns only when shipping is None."""
    prices = (returns,) if shipping is None else (returns, shipping)
    currency = changes.get("currency", USD)
    return Quote(ordinal, BOTH[: len(prices)], Money(sum(prices), currency), prices)


def a_session(*quotes: Quote, **changes: Any) -> SessionEvidence:
    """A session with these quotes, of which the last is its last word."""
    values: dict[str, Any] = {
        "id": SESSION,
        "analysis_count": quotes[-1].ordinal if quotes else 1,
        "quotes": quotes,
    }
    return SessionEvidence(**(values | changes))


_coverage_numbers = count(1)


def circumstances(**changes: Any) -> Circumstances:
    values: dict[str, Any] = {
        "order_id": ORDER,
        "configuration": None,
        "period": Month(2026, 11),
        "at": NOON,
        "by": "key_test",
        "new_coverage_id": lambda: CoverageId(next(_coverage_numbers)),
    }
    return Circumstances(**(values | changes))


class Story:
    """An order and what is on record about it, revision after revision."""

    def __init__(self, **now: Any) -> None:
        self.books = Books()
        self.now = now

    def push(self, order: Order, session: SessionEvidence | None = None, **now: Any) -> Settlement:
        """Settle one revision and put it on record. The session quotes 4.98 unless given."""
        evidence = a_session(a_quote()) if session is None else session
        settlement = settle(order, evidence, self.books, circumstances(**(self.now | now)))
        known = {coverage.mode: coverage for coverage in self.books.coverages}
        known |= {coverage.mode: coverage for coverage in settlement.coverages}
        self.books = Books(
            acceptance=settlement.acceptance,
            coverages=tuple(known.values()),
            postings=(*self.books.postings, *settlement.postings),
        )
        return settlement

    @property
    def postings(self) -> Sequence[Posting]:
        return self.books.postings


def standing_modes(coverages: Sequence[Coverage]) -> tuple[CoverageMode, ...]:
    """The modes that the shop has to honour."""
    return tuple(each.mode for each in coverages if each.state is CoverageState.ACTIVE)


def posted_sums(postings: Sequence[Posting], month: Month) -> list[PostedSum]:
    """What the postings of a month come to, as a statement wants it; one by one."""
    months = {posting.id: posting.period for posting in postings}
    return [
        PostedSum(
            kind=posting.kind,
            is_first=posting.sequence == 1,
            corrects=months[posting.reverses] if posting.reverses else None,
            account=entry.account,
            mode=entry.mode,
            amount=entry.amount,
            entries=1,
        )
        for posting in postings
        if posting.period == month
        for entry in posting.entries
    ]
