"""Make an event of a sandbox merchant happen, with a real analysis and a real order (§12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from orderguard.actions.analyze_cart import AnalysisRequest, AnalyzeCart
from orderguard.actions.close_statement import NewEventId, close_statement
from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.push_order import PushOrder
from orderguard.actions.run_sandbox import NotASandbox
from orderguard.domain.books.month import Month
from orderguard.domain.cart import Cart, CartLine, DeliveryMethod
from orderguard.domain.errors import Malformed, OrderguardError
from orderguard.domain.ids import OrderId, SessionId
from orderguard.domain.money import USD, Currency
from orderguard.domain.offers.magic_lines import magic_lines_of
from orderguard.domain.orders.event import EventType
from orderguard.domain.people.audit import Change
from orderguard.domain.people.merchant import Merchant
from orderguard.domain.region import Region
from orderguard.domain.webhooks.webhook import CommittedEvent

PIECE = 50_00
"""Minor units that each of the two pieces of the order costs."""

EVENTS_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Triggered:
    """The order that was made, and every event that followed. A statement's event has no order."""

    events: Sequence[CommittedEvent]
    order: OrderId | None = None
    external_id: str | None = None
    session: SessionId | None = None


@dataclass(frozen=True, slots=True)
class TriggerEvent:
    """The action behind `orderguard trigger`."""

    database: Database
    analyze_cart: AnalyzeCart
    push_order: PushOrder
    new_event_id: NewEventId

    async def __call__(
        self, merchant: Merchant, event: EventType, *, external_id: str, change: Change
    ) -> Triggered:
        """Make an event of this type happen. `change` has the merchant's time.

        Raises `NotASandbox`, and `Malformed` when no month can be closed.
        """
        if merchant.sandbox is None:
            raise NotASandbox(merchant)
        with self.database.read() as work:
            before = work.outbox.last(merchant.id)
        if event is EventType.STATEMENT_CLOSED:
            self._close_month(merchant, change)
            return Triggered(self._events(merchant, before))
        session, order = await self._order(merchant, external_id, change)
        document = order | _AFTERWARDS.get(event, {})
        pushed = self.push_order.upsert(merchant.id, order, at=change.at, by=change.by)
        if document != order:
            pushed = self.push_order.upsert(merchant.id, document, at=change.at, by=change.by)
        return Triggered(self._events(merchant, before), pushed.record.id, external_id, session)

    async def _order(
        self, merchant: Merchant, external_id: str, change: Change
    ) -> tuple[SessionId, dict[str, Any]]:
        """An accepted order, with the fee as an analysis quoted it."""
        configuration = await self.analyze_cart.configurations.find(merchant.id)
        currencies = configuration.currencies if configuration else {USD}
        cart = _cart(USD if USD in currencies else min(currencies))
        request = AnalysisRequest(
            cart=cart,
            request_id=external_id,
            cart_id=external_id,
            magic_lines=magic_lines_of(cart),
        )
        result = await self.analyze_cart(merchant.id, request, at=change.at)
        offer = result.offer
        if offer.charge is None:
            raise OrderguardError(f"The cart got no offer ({offer.reason}); see the log.")
        fee = {
            "name": "Order protection",
            "amount": _money(offer.charge.amount.amount, cart.currency),
            "accepted_offer_mode": list(offer.modes),
        }
        return result.recorded.session, {
            "external_id": external_id,
            "name": external_id,
            "status": "active",
            "taxes_included": False,
            "total_price": _money(2 * PIECE + offer.charge.amount.amount, cart.currency),
            "line_items": [
                {
                    "external_id": "1",
                    "title": "Test lamp",
                    "quantity": 2,
                    "unit_price": _money(PIECE, cart.currency),
                }
            ],
            "fees": [fee],
            "metadata": [{"key": "session_id", "value": result.recorded.session}],
        }

    def _close_month(self, merchant: Merchant, change: Change) -> None:
        """Close the newest month that is over. Raises `Malformed` when it is closed already."""
        over = Month.of(change.at.replace(day=1) - timedelta(days=1))
        with self.database.read() as work:
            closed = work.ledger.closed_through(merchant.id)
        if closed is not None and closed >= over:
            raise Malformed(
                f"{over} is closed already, and {over.next} is not over. Move the test clock: "
                f'orderguard sandbox clock "{merchant.name}" advance 31d'
            )
        close_statement(
            self.database, merchant.id, over, change=change, new_event_id=self.new_event_id
        )

    def _events(self, merchant: Merchant, before: int) -> Sequence[CommittedEvent]:
        with self.database.read() as work:
            found = work.outbox.after(merchant.id, before, limit=EVENTS_AT_MOST)
        return [event for _, event in found]


_AFTERWARDS: dict[EventType, dict[str, Any]] = {
    EventType.COVERAGE_CHANGED: {
        "refunds": [{"type": "line_item", "line_items": [{"external_id": "1", "quantity": 1}]}]
    },
    EventType.COVERAGE_VOIDED: {"status": "cancelled"},
}
"""What the second push of the order changes, by event."""


def _cart(currency: Currency) -> Cart:
    line = CartLine(
        id="1",
        product_id="TEST-mode-both",
        quantity=2,
        total_price=2 * PIECE,
        original_total_price=2 * PIECE,
        title="Test lamp",
    )
    return Cart(
        platform="custom",
        region=Region("US"),
        currency=currency,
        lines=(line,),
        subtotal_amount=2 * PIECE,
        total_discount_amount=0,
        discounted_subtotal_amount=2 * PIECE,
        total_tax_amount=0,
        total_amount=2 * PIECE,
        item_count=2,
        delivery_methods=(DeliveryMethod.SHIPPING,),
    )


def _money(amount: int, currency: Currency) -> dict[str, Any]:
    return {"amount": amount, "currency_code": currency}
