"""Analyse the demo's carts over HTTP, as a shop would, and keep their outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter

import httpx

from orderguard.demo.carts import DemoCart
from orderguard.domain.money import Money, parse_currency

ELIGIBLE = "eligible"


@dataclass(frozen=True, slots=True)
class CartOutcome:
    """The result of one analysis for the shop. For a refused request `reason` is the error code."""

    cart: DemoCart
    reason: str
    milliseconds: float
    request_id: str
    session_id: str | None = None
    modes: tuple[str, ...] = ()
    price: Money | None = None

    @property
    def eligible(self) -> bool:
        return self.price is not None


def analyze_carts(client: httpx.Client, carts: Iterable[DemoCart]) -> Iterator[CartOutcome]:
    """Send the carts one after the other."""
    for cart in carts:
        started = perf_counter()
        response = client.post("/v1/analyze", json=cart.request)
        yield _outcome(cart, response, milliseconds=(perf_counter() - started) * 1000)


def _outcome(cart: DemoCart, response: httpx.Response, *, milliseconds: float) -> CartOutcome:
    answer = response.json()
    request_id = response.headers["X-Request-Id"]
    if response.status_code != 200:
        return CartOutcome(cart, answer["error"]["code"], milliseconds, request_id)
    charge = answer["chargeInstructions"]
    return CartOutcome(
        cart,
        answer["reason"],
        milliseconds,
        request_id,
        session_id=answer["sessionId"],
        modes=tuple(answer.get("mode", ())),
        price=charge and Money(charge["amount"], parse_currency(charge["currencyCode"])),
    )
