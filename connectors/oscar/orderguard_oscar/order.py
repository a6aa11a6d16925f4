"""Convert an order of Oscar to the body of a push: the amounts charged, and the state."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from orderguard_oscar.cart import (
    PLATFORM,
    TITLE_LENGTH,
    collections_of,
    minor_units,
    product_facts,
    product_id,
)
from orderguard_oscar.conf import Settings
from orderguard_oscar.core.client import OrderState, major_from_minor, unit_price
from orderguard_oscar.surcharge import is_ours, read_code

NAME_LENGTH = 100


def state_of(order: Any, settings: Settings) -> OrderState:
    """The order's state: ended if refunded in full, else by its status, else by its payments."""
    refunded = sum((event.amount for event in _refunds(order, settings)), Decimal(0))
    if refunded and refunded >= order.total_incl_tax:
        return OrderState.ENDED
    meaning = settings.state_of(order.status)
    if meaning is not None:
        return meaning
    return OrderState.PAID if _is_paid(order, settings) else OrderState.UNPAID


def bears_fee(order: Any) -> bool:
    """Whether the order has a protection fee."""
    return any(is_ours(surcharge) for surcharge in order.surcharges.all())


def fingerprint(body: dict[str, Any]) -> str:
    """A hash of a push body; two equal ones mean that the order has not changed."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


class OrderReader:
    """Converts one order. Raises `Malformed` for a currency that ISO 4217 never listed."""

    def __init__(self, order: Any, settings: Settings, *, tax_included: bool | None) -> None:
        self._order = order
        self._settings = settings
        self._currency = str(order.currency)
        # An order from the dashboard does not say what the shopper was shown; the setting does.
        self._with_tax = settings.shows_tax if tax_included is None else tax_included

    def body(self, status: str, session: str | None) -> dict[str, Any]:
        """The body of `PUT /api/v1/orders`. `session` is that of an order without our fee."""
        order = self._order
        ours = [surcharge for surcharge in order.surcharges.all() if is_ours(surcharge)]
        session = next((read_code(each.code)[0] for each in ours), None) or session
        body = {
            "external_id": order.number,
            "name": f"#{order.number}"[:NAME_LENGTH],
            "status": status,
            "source": PLATFORM,
            "taxes_included": self._with_tax,
            "total_price": self._money(order.total_incl_tax),
            "total_taxes": self._money(order.total_incl_tax - order.total_excl_tax),
            "total_shipping": self._shown(order.shipping_incl_tax, order.shipping_excl_tax),
            "line_items": self._lines(),
            "fees": [self._fee(surcharge) for surcharge in ours],
            "refunds": [
                part for event in _refunds(order, self._settings) for part in self._refund(event)
            ],
            "metadata": [{"key": "session_id", "value": session}] if session else [],
            "created_at": order.date_placed.isoformat(),
        }
        change = self._settings.order_request
        return change(body, order) if change else body

    def _lines(self) -> list[dict[str, Any]]:
        lines = list(self._order.lines.select_related("product", "stockrecord").order_by("pk"))
        collections = collections_of(lines)
        return [self._line(line, collections) for line in lines]

    def _line(self, line: Any, collections: dict[int, list[str]]) -> dict[str, Any]:
        total = line.line_price_incl_tax if self._with_tax else line.line_price_excl_tax
        read = {
            "external_id": str(line.pk),
            "title": str(line.title)[:TITLE_LENGTH],
            "quantity": line.quantity,
            "unit_price": unit_price(
                minor_units(max(total, Decimal(0)), self._currency), line.quantity, self._currency
            ),
        }
        product = line.product
        if product is None:
            return read
        facts = product_facts(product, line.stockrecord, collections.get(product_id(product), []))
        named = {
            "sku": facts.get("sku"),
            "vendor": facts.get("vendor"),
            "product_type": facts.get("productType"),
            "collections": facts.get("collections"),
        }
        if product.is_child:
            read["variant"] = {"external_id": str(product.pk)}
        return {
            **read,
            "requires_shipping": bool(product.is_shipping_required),
            "product": {"external_id": str(product_id(product))},
            **{name: value for name, value in named.items() if value},
        }

    def _fee(self, surcharge: Any) -> dict[str, Any]:
        return {
            "name": str(surcharge.name)[:NAME_LENGTH],
            "accepted_offer_mode": read_code(surcharge.code)[1],
            "amount": self._shown(surcharge.incl_tax, surcharge.excl_tax),
        }

    def _refund(self, event: Any) -> list[dict[str, Any]]:
        """One event is up to two refunds: pieces that came back, and money that names none."""
        common = {"created_at": event.date_created.isoformat()}
        if _is_fee_refund(event, self._settings):
            amount = self._fee_refunded(event.amount)
            return [{"external_id": f"{event.pk}-fee", "type": "fee", "amount": amount, **common}]
        lines, shown, incl_tax = self._pieces(event)
        parts: list[dict[str, Any]] = []
        if lines:
            parts.append(
                {
                    "external_id": str(event.pk),
                    "type": "line_item",
                    "amount": self._money(shown),
                    "line_items": lines,
                    **common,
                }
            )
        rest = self._money(max(event.amount - incl_tax, Decimal(0)))
        if minor_units(event.amount - incl_tax, self._currency) > 0:
            parts.append(
                {"external_id": f"{event.pk}-other", "type": "other", "amount": rest, **common}
            )
        return parts

    def _pieces(self, event: Any) -> tuple[list[dict[str, Any]], Decimal, Decimal]:
        """The lines that came back, and their money: as shown, and with tax."""
        lines: list[dict[str, Any]] = []
        shown = incl_tax = Decimal(0)
        for each in event.line_quantities.select_related("line").order_by("pk"):
            line, quantity = each.line, each.quantity
            share = Decimal(quantity) / line.quantity
            incl_tax += line.line_price_incl_tax * share
            shown += (
                line.line_price_incl_tax if self._with_tax else line.line_price_excl_tax
            ) * share
            lines.append({"external_id": str(line.pk), "quantity": quantity})
        return lines, shown, incl_tax

    def _fee_refunded(self, amount: Decimal) -> dict[str, str]:
        """The refunded part of the fee, with or without tax as the fee was shown."""
        ours = [each for each in self._order.surcharges.all() if is_ours(each)]
        is_all = amount >= sum((each.incl_tax for each in ours), Decimal(0))
        if not is_all or self._with_tax:
            return self._money(amount)
        return self._money(sum((each.excl_tax for each in ours), Decimal(0)))

    def _shown(self, incl_tax: Decimal, excl_tax: Decimal) -> dict[str, str]:
        return self._money(incl_tax if self._with_tax else excl_tax)

    def _money(self, amount: Decimal) -> dict[str, str]:
        minor = minor_units(amount, self._currency)
        return {
            "amount": major_from_minor(minor, self._currency),
            "currency_code": self._currency,
        }


def _refunds(order: Any, settings: Settings) -> list[Any]:
    events = order.payment_events.select_related("event_type").order_by("pk")
    return [event for event in events if _is_refund(event, settings)]


def _is_refund(event: Any, settings: Settings) -> bool:
    is_named = event.event_type.name.lower() in settings.refund_events
    return is_named or _is_fee_refund(event, settings)


def _is_fee_refund(event: Any, settings: Settings) -> bool:
    return bool(event.event_type.name.lower() == settings.fee_refund_event.lower())


def _is_paid(order: Any, settings: Settings) -> bool:
    """Whether the money taken or reserved pays for the order, by sources or by events."""
    sources = sum(
        (max(source.amount_allocated, source.amount_debited) for source in order.sources.all()),
        Decimal(0),
    )
    events = sum(
        (
            event.amount
            for event in order.payment_events.select_related("event_type")
            if not _is_refund(event, settings)
        ),
        Decimal(0),
    )
    return bool(max(sources, events) >= order.total_incl_tax)
