"""Vendure's driver: a storefront with the shop API, an owner with the admin API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.client.pretend_server import Reply
from tests.connectors.driver import (
    CURRENCY_CHANGED,
    GONE_OFFER,
    MODES_CHANGED,
    NOTE,
    PRICE_ROSE,
    Driver,
    Seen,
)
from tests.connectors.vendure.owner import Owner
from tests.connectors.vendure.shopper import Seen as Shown
from tests.connectors.vendure.shopper import Shopper
from tests.connectors.vendure.site import Site
from tests.connectors.woocommerce.merchant import BOTH, Merchant

NOTICES = {
    "PRICE_ROSE": PRICE_ROSE,
    "MODES_CHANGED": MODES_CHANGED,
    "CURRENCY_CHANGED": CURRENCY_CHANGED,
    "GONE": GONE_OFFER,
}
DECIMALS = {"JPY": 0, "KWD": 3}
LINES = "{ activeOrder { lines { id productVariant { sku } } } }"
ADJUST = """mutation ($id: ID!, $n: Int!) {
    adjustOrderLine(orderLineId: $id, quantity: $n) { ORDER }
}"""


class VendureDriver(Driver):
    platform = "vendure"
    coupon_leaves = {150_00: 134_50, 45_00: 40_00}  # the fee counts for Vendure's percentage
    holds_thousandths = False
    lacks = {
        "nothing to ship is digital": "Vendure ships every product",
        "an unknown currency is no offer no note and no loss": "Vendure has ISO 4217 only",
        "a deleted order is deleted": "Vendure deletes no order",
        "an order of the owner is reported when paid": "draft orders are not tried",
        "right settings are said to be right": "no button tries the settings",
        "swapped keys are said to be swapped": "no button tries the settings",
    }

    def __init__(self, site: Site, merchant: Merchant, folder: Path | None = None) -> None:
        super().__init__(merchant)
        self.site = site
        self._folder = folder
        self._begin("net")
        self.connect()

    def _begin(self, channel: str, currency: str | None = None) -> None:
        self._channel, self._currency = channel, currency
        self._owner: Owner | None = None
        self.begin_anew()

    def begin_anew(self) -> None:
        self.shopper = Shopper(self.site, self._channel, self._currency)
        self._is_paying = self._was_emptied = False
        self._followed: tuple[int | None, int] | None = None

    @property
    def owner(self) -> Owner:
        if self._owner is None:
            self._owner = Owner(self.site, self._channel)
        return self._owner

    # The shopper. The answer of every change has the new fee; nobody has to ask for the offer.

    def add(self, product: str, pieces: int = 1) -> None:
        self.shopper.add(product, pieces)
        if self._was_emptied:  # Vendure took the shipping method off as well
            self.shopper.set_rate("parcel")
            self._was_emptied = False
        self._changed()

    def change(self, product: str, pieces: int) -> None:
        lines = self.shopper.shop(LINES)["lines"]
        (line,) = [e["id"] for e in lines if e["productVariant"]["sku"] == product.upper()]
        self.shopper._order(ADJUST, id=line, n=pieces)
        self._changed()

    def empty(self) -> None:
        self.shopper.empty()
        assert self.shopper.fee is None
        self._was_emptied = True

    def see(self) -> Seen:
        seen = self._seen(self.shopper.see())
        if self._followed:
            assert self._followed == (self.shopper.fee, self.shopper.total)
            self._followed = None
        return seen

    def tick(self) -> Seen:
        return self._seen(self.shopper.tick())

    def click(self) -> None:
        self.shopper.lie(self.shopper.offered["token"])

    def untick(self) -> Seen:
        if self._is_paying:
            # While payment is being arranged the choice stands; the shopper goes back for another.
            assert self.shopper.untick().checked
            self.shopper.go("AddingItems")
            self._is_paying = False
        return self._seen(self.shopper.untick())

    def lie(self, terms: str) -> Seen:
        return self._seen(self.shopper.lie(terms))

    def set_rate(self, name: str) -> None:
        self.shopper.set_rate(name)  # Vendure publishes no event for it
        self._changed()

    def coupon(self) -> None:
        self.shopper.coupon("ten")
        self._changed()

    def sign_in(self) -> None:
        self.shopper.sign_in()

    def place(self, spoiled: Reply | None = None, outcome: str = "Settled") -> str:
        shown = self.shopper.last if self._is_paying else self.shopper.to_payment()
        self.merchant.front.spoiled = spoiled or self.merchant.front.spoiled
        paid = self.shopper.pay(outcome)
        assert "Order" == paid["__typename"], paid
        assert shown["totalWithTax"] == paid["totalWithTax"]
        self._is_paying = False
        return str(paid["code"])

    def pay_fails(self) -> None:
        self.shopper.to_payment()
        self._is_paying = True
        assert "PAYMENT_DECLINED_ERROR" == self.shopper.pay("Declined")["errorCode"]
        assert "PAYMENT_FAILED_ERROR" == self.shopper.pay("Error")["errorCode"]

    def place_unpaid(self) -> str:
        return self.place(outcome="Authorized")

    def change_currency(self) -> None:
        self.shopper._currency = "EUR"
        fee = self.shopper.fee
        assert fee == self.shopper.see().fee  # a query in another currency changes nothing
        self.add("lamp")

    def reason(self) -> str:
        return str(self.shopper.said["reason"])

    # The owner.

    def total(self, order: str) -> int:
        return self._minor(self.owner.order(order)["totalWithTax"])

    def fee(self, order: str) -> tuple[int, int] | None:
        for each in self.owner.order(order)["surcharges"]:
            assert set(each["sku"].removeprefix("orderguard:").split(",")) <= set(BOTH)
            return self._minor(each["priceWithTax"]), self._minor(each["price"])
        return None

    def capture(self, order: str) -> None:
        self.owner.settle(order)

    def ship(self, order: str) -> None:
        self.owner.fulfil(order)

    def refund(self, order: str, amount: int, *, pieces: int = 0, fee: bool = False) -> None:
        self.owner.refund(order, amount, pieces)

    def cancel(self, order: str) -> None:
        self.owner.cancel(order)

    def edit(self, order: str, pieces: int) -> None:
        self.owner.modify(order, pieces, back=50_00)

    def notes(self, order: str) -> list[str]:
        return [note for note in self.owner.notes(order) if NOTE in note]

    def waiting(self) -> int:
        return int(self.owner.health()["waiting"])

    def refused(self) -> int:
        return int(self.owner.health()["refused"])

    def failure(self) -> str:
        return self.owner.health()["lastFailure"] or ""

    def push_again(self, order: str) -> None:
        assert self.owner.push_again(order)
        self.run_queue()

    def keys(self, **changes: Any) -> dict[str, Any]:
        """The plugin's options for one channel."""
        entered = self.merchant.settings()
        return {name: entered[name] for name in ("url", "cart_key", "orders_key")} | changes

    def connect(self, **changes: Any) -> None:
        self.site.control("settings", {self._channel: self.keys(**changes)})

    def disconnect(self) -> None:
        self.site.control("settings", {})
        assert not self.owner.health()["connected"]

    def sell_in(self, currency: str) -> None:
        self._begin("net", currency)

    def with_tax(self, *, included: bool, on_the_fee: bool) -> None:
        self._begin("gross" if included else "net")
        self.connect(tax_category="Standard" if on_the_fee else None)

    # Time, the queue and the app.

    def run_queue(self) -> None:
        self.site.control("run_queue")

    def retry(self) -> None:
        self.site.control("sweep")

    def recover(self, order: str) -> None:
        """The first order that gets through brings the others along."""
        self.push_again(order)

    def age(self, seconds: int) -> None:
        if self.shopper.code:
            self.site.control("age", self.shopper.code, seconds)
        self.site.control("rested")

    def patience(self, *, is_short: bool) -> None:
        self.site.control("timeouts", *([0.8, 1] if is_short else []))

    def switch_off(self) -> None:
        self._restart("without")

    def switch_on(self) -> None:
        self._restart("with")
        self.connect()
        assert 3 == self.site.control("sweep")["taken"]
        assert {} == self.site.control("sweep")

    def uninstall(self) -> list[str]:
        """The shop's migration drops our columns, and leaves a table without an entity."""
        self._restart("without", MIGRATE="yes")
        ours = [made for made in self.site.control("schema") if "orderguard" in made.lower()]
        return [made for made in ours if '"orderguard_report"' not in made]

    def sell(self) -> tuple[str, int]:
        shopper = Shopper(self.site)
        shopper.add("lamp")
        return shopper.place(), shopper.total - 5_00

    def _restart(self, mode: str, **environment: str) -> None:
        assert self._folder
        database = self.site.database
        self.site.stop()
        self.site = Site(self._folder, mode=mode, database=database, **environment)
        self._owner = None
        if mode == "with":
            self.patience(is_short=False)

    def _changed(self) -> None:
        self._followed = (self.shopper.fee, self.shopper.total)

    def _seen(self, shown: Shown) -> Seen:
        return Seen(
            shown.offer if shown.offer is None else self._minor(shown.offer),
            shown.checked,
            shown.notice and NOTICES[shown.notice],
            shown.fee if shown.fee is None else self._minor(shown.fee),
            self._minor(shown.total),
        )

    def _minor(self, amount: int) -> int:
        """Vendure counts every currency in hundredths."""
        digits = DECIMALS.get(self._currency or "USD", 2)
        minor, rest = divmod(amount * 10**digits, 100)
        assert not rest
        return minor


DRIVER = VendureDriver
