"""What a shopper does in the checkout of a store, with our box beside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import AWAITING_FULFILLMENT, Order, Store

ADDRESS = {"country_code": "US", "state_or_province_code": "OH"}


@dataclass(frozen=True)
class Seen:
    """The box, our fee, and the total, in minor units."""

    offer: int | None
    checked: bool
    notice: str | None
    fee: int | None
    total: int


class Shopper:
    def __init__(self, site: Site, store: Store, currency: str | None = None) -> None:
        self._site = site
        self.store = store
        self.cart = store.new_cart(currency)
        self.cart.address = dict(ADDRESS)
        self.said: dict[str, Any] = {}

    def add(self, slug: str, pieces: int = 1) -> None:
        self.cart.pieces[slug] = self.cart.pieces.get(slug, 0) + pieces

    def ask(self, **body: Any) -> httpx.Response:
        """What the box posts."""
        return self._site.http.post(f"/offer/{self.store.hash}/{self.cart.id}", json=body)

    def see(self) -> Seen:
        return self._seen(self.ask(language="en"))

    def tick(self) -> Seen:
        return self.lie(self.said["offer"]["token"])

    def untick(self) -> Seen:
        return self._seen(self.ask(accepted=False))

    def lie(self, token: str, **more: Any) -> Seen:
        return self._seen(self.ask(accepted=True, token=token, **more))

    def sign_in(self) -> None:
        """The cart stays, and is the customer's."""
        self.cart.customer = 11

    def begin(self) -> Order:
        """To the payment page, where BigCommerce makes an incomplete order."""
        return self.store.begin_order(self.cart)

    def place(self) -> Order:
        """An order that is paid."""
        order = self.begin()
        self.store.set_status(order, AWAITING_FULFILLMENT)
        return order

    def pays_another(self, slug: str = "lamp") -> Order:
        """The next order, with a cart of its own and without a look at the box."""
        self.cart = self.store.new_cart(self.cart.currency)
        self.cart.address = dict(ADDRESS)
        self.add(slug)
        return self.place()

    @property
    def fee(self) -> int | None:
        """Ours, as the shopper sees it."""
        shown = "cost_inc_tax" if self.store.tax_included else "cost_ex_tax"
        mine = [fee for fee in self.cart.fees if fee["source"].startswith("orderguard:")]
        assert len(mine) <= 1
        return self._minor(mine[0][shown]) if mine else None

    @property
    def total(self) -> int:
        return self.store.total(self.cart)

    def _minor(self, amount: float) -> int:
        digits = {"JPY": 0, "KWD": 3}.get(self.cart.currency, 2)
        return int(Decimal(str(amount)).scaleb(digits).to_integral_value())

    def _seen(self, answer: httpx.Response) -> Seen:
        assert answer.is_success, f"{answer.text} {self._site.log()[-2000:]}"
        self.said = answer.json()
        offer = self.said["offer"]
        return Seen(
            offer and offer["amount"], self.said["accepted"], self.said["notice"],
            self.fee, self.total,
        )  # fmt: skip
