"""Simulate three weeks of trade before the demo, so that analytics and the experiment have results.

The actions of the server analyse the carts and push the orders, with earlier times as `at`. All
random values come from a fixed seed, including session ids and so the arms: the experiment has the
same result in every demo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from string import ascii_letters, digits
from typing import Any

from orderguard.actions.analyze_cart import AnalysisRequest
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.push_order import PushOrder
from orderguard.domain.cart import Cart, CartLine, Presentation
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.money import BASIS_POINTS, USD, Currency, Money, to_major_units
from orderguard.domain.offers.offer import Offer
from orderguard.domain.region import Region
from orderguard.running.wiring import analyzing
from orderguard.settings import Settings

DAYS = 21
SESSIONS = 2_000
AT_ONCE = 100
"""Analyses, then orders, per commit: a commit waits for the disk."""

GOODS = {
    "Camp stove": 69_00,
    "Wool blanket": 89_00,
    "Rain jacket": 159_00,
    "Two-person tent": 249_00,
}
PLACES = (
    (Region("US", "OR"), USD),
    (Region("US", "OH"), USD),
    (Region("US", "NY"), USD),
    (Region("DE"), Currency("EUR")),
    (Region("GB"), Currency("GBP")),
)
ORIGINS = ("cart", "cart", "checkout")


@dataclass(frozen=True, slots=True)
class Shopper:
    """A simulated shopper: a cart, and decisions about the offer and the order."""

    cart: Cart
    at: datetime
    takes_part: bool
    orders: bool
    resolve: int
    """From 0 to 99: the higher the price, the lower `resolve` must be to accept."""
    regrets: bool

    def accepts(self, offer: Offer) -> bool:
        """Whether the simulated shopper accepts; few do when protection costs 5 % or more."""
        price = offer.charge.amount.amount if offer.charge else self.cart.subtotal_amount
        share_bps = price * BASIS_POINTS // self.cart.subtotal_amount
        return self.resolve < 150 - share_bps * 3 // 10


@dataclass(frozen=True, slots=True)
class _Within:
    """A database whose units of work all join one open unit of work."""

    work: UnitOfWork

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        yield self.work

    read = begin


def trade(
    settings: Settings,
    database: Database,
    push_order: PushOrder,
    merchant: MerchantId,
    *,
    until: datetime,
) -> None:
    """Analyse the carts of all shoppers, and push the orders of the shoppers who order."""
    shoppers = _shoppers(until)
    offered = asyncio.run(_analyse(settings, merchant, shoppers))
    orders = [
        order
        for number, (shopper, answer) in enumerate(zip(shoppers, offered, strict=True))
        for order in _orders(shopper, *answer, number)
    ]
    for start in range(0, len(orders), AT_ONCE):
        with database.begin() as work:
            push = replace(push_order, database=_Within(work))
            for at, order in orders[start : start + AT_ONCE]:
                push.upsert(merchant, order, at=at, by="orderguard demo")


def _orders(
    shopper: Shopper, session: SessionId, offer: Offer, number: int
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """The pushes of a shopper's order, with their times."""
    if not shopper.orders:
        return
    fees = _fees(offer) if shopper.accepts(offer) else []
    order = _order(shopper, session, fees, number)
    yield shopper.at + timedelta(minutes=3), order
    if fees and shopper.regrets:
        yield shopper.at + timedelta(hours=1), order | {"fees": []}


async def _analyse(
    settings: Settings, merchant: MerchantId, shoppers: Sequence[Shopper]
) -> list[tuple[SessionId, Offer]]:
    found = []
    async with analyzing(settings) as analyze_cart:
        for start in range(0, len(shoppers), AT_ONCE):
            results = await asyncio.gather(
                *(
                    replace(analyze_cart, new_session_id=partial(_session_id, number))(
                        merchant, _request(shopper, number), at=shopper.at
                    )
                    for number, shopper in enumerate(shoppers[start : start + AT_ONCE], start)
                )
            )
            found += [(result.recorded.session, result.offer) for result in results]
    return found


def _session_id(number: int, _at: datetime) -> SessionId:
    random = Random(f"session {number}")  # noqa: S311
    return SessionId(f"lop_{''.join(random.choices(ascii_letters + digits, k=20))}")


def _request(shopper: Shopper, number: int) -> AnalysisRequest:
    return AnalysisRequest(
        cart=shopper.cart,
        request_id=f"req_demo_history_{number}",
        experimentation_consent=shopper.takes_part,
    )


def _shoppers(until: datetime) -> list[Shopper]:
    random = Random("Fjord & Field")  # noqa: S311
    # No sessions today: today shows only the demo itself and its user.
    times = sorted(random.uniform(1, DAYS + 1) for _ in range(SESSIONS))
    return [
        Shopper(
            cart=_cart(random),
            at=until - timedelta(days=days_ago),
            takes_part=random.randrange(100) < 90,
            orders=random.randrange(100) < 70,
            resolve=random.randrange(100),
            regrets=random.randrange(100) < 4,
        )
        for days_ago in reversed(times)
    ]


def _cart(random: Random) -> Cart:
    region, currency = random.choice(PLACES)
    lines = tuple(
        _line(place, title, random.choice((1, 1, 1, 2)))
        for place, title in enumerate(random.sample(list(GOODS), random.choice((1, 1, 2, 3))))
    )
    subtotal = sum(line.total_price for line in lines)
    return Cart(
        platform="custom",
        region=region,
        currency=currency,
        lines=lines,
        subtotal_amount=subtotal,
        total_discount_amount=0,
        discounted_subtotal_amount=subtotal,
        total_tax_amount=0,
        total_amount=subtotal,
        item_count=sum(line.quantity for line in lines),
        presentation=Presentation(random.choice(ORIGINS), "summary", "storefront"),
    )


def _line(place: int, title: str, quantity: int) -> CartLine:
    total = GOODS[title] * quantity
    return CartLine(
        id=f"line-{place + 1}",
        product_id=title.lower().replace(" ", "-"),
        quantity=quantity,
        total_price=total,
        original_total_price=total,
        title=title,
    )


def _fees(offer: Offer) -> list[dict[str, Any]]:
    if offer.charge is None:
        return []
    amount, modes = _money(offer.charge.amount), list(offer.modes)
    return [{"name": "Order protection", "amount": amount, "accepted_offer_mode": modes}]


def _order(
    shopper: Shopper, session: SessionId, fees: list[dict[str, Any]], number: int
) -> dict[str, Any]:
    cart = shopper.cart
    return {
        "external_id": f"FF-H{number}",
        "name": f"#H{number}",
        "taxes_included": False,
        "total_price": _money(Money(cart.total_amount, cart.currency)),
        "line_items": [
            {
                "external_id": line.id,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": _money(Money(GOODS[line.title], cart.currency)),
            }
            for line in cart.lines
        ],
        "fees": fees,
        "metadata": [{"key": "session_id", "value": session}],
    }


def _money(amount: Money) -> dict[str, str]:
    return {"amount": to_major_units(amount), "currency_code": amount.currency}
