"""What the scenarios of an Oscar shop have in common."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.connectors.oscar.conftest import OSCAR_DOCUMENT
from tests.connectors.oscar.shopper import Seen, Shopper
from tests.connectors.oscar.site import PATIENCE_SECONDS, Site
from tests.connectors.woocommerce.merchant import Books, Merchant
from tests.support.builders import a_document

OFFERED = Seen("$4.98", checked=False, notice="", fee=None, total="$55.00")
ACCEPTED = Seen("$4.98", checked=True, notice="", fee="$4.98", total="$59.98")
PRICE_ROSE = "The price has changed with your cart. Tick the box if you still want protection."
MODES_CHANGED = (
    "What is covered has changed with your cart. Tick the box if you still want protection."
)
REMOVED = "Order protection is no longer available and has been removed from your order."
AGAIN = "Protection is available again. Tick the box if you still want it."
NOTE = "Orderguard does not have this order"


def paid(shop: Site, shopper: Shopper) -> str:
    """The number of the order that the shopper places and pays, once it is reported."""
    placed = shopper.place()
    assert placed.order, placed.error
    shop.push()
    return placed.order


def declined(merchant: Merchant, order: str) -> bool:
    """Whether Orderguard has the order as one without protection, and bills nothing."""
    books = merchant.books(order)
    return books is not None and (books.outcome, books.billed) == ("declined", 0)


def publish(merchant: Merchant, **changes: Any) -> None:
    merchant.shop.publish(a_document(**OSCAR_DOCUMENT | changes))


def raised(by: int) -> dict[str, Any]:
    """The prices, with return coverage dearer by so much."""
    pricing = dict(OSCAR_DOCUMENT["pricing"])
    pricing["returnCoverage"] = [{"base": {"USD": 298 + by}}]
    return {"pricing": pricing}


def protected(shopper: Shopper, *, pieces: int = 1) -> str:
    """The number of an order with the fee; nothing is reported yet."""
    shopper.add("lamp", pieces)
    shopper.see()
    shopper.tick()
    placed = shopper.place()
    assert placed.order, placed.error
    return placed.order


def notes(shop: Site, order: str) -> list[str]:
    return [note for note in shop.order(order)["notes"] if NOTE in note]


def ended(books: Books | None) -> bool:
    """Nothing is covered and nothing is billed."""
    return books is not None and ({}, 0) == (books.covered, books.billed)


def wait_for(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def ended_alone(merchant: Merchant, order: str) -> bool:
    books = merchant.books(order)
    return books is not None and books.covered == {}


def json_of(text: str) -> Any:
    """What the last line of a program's output says."""
    return json.loads(text.strip().splitlines()[-1])
