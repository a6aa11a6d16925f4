"""Medusa's driver: a storefront with the Store API, an owner with workflows and the admin API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderguard.domain.iso4217 import EXPONENTS_EVER
from tests.client.pretend_server import Reply
from tests.connectors.driver import (
    CURRENCY_CHANGED,
    GONE_OFFER,
    MODES_CHANGED,
    PRICE_ROSE,
    Driver,
    Seen,
)
from tests.connectors.medusa.shopper import Seen as Shown
from tests.connectors.medusa.shopper import Shopper, money
from tests.connectors.medusa.site import Ground, Refused, Site
from tests.connectors.woocommerce.merchant import BOTH, Merchant

NOTICES = {
    "price_rose": PRICE_ROSE,
    "modes_changed": MODES_CHANGED,
    "currency_changed": CURRENCY_CHANGED,
    "gone": GONE_OFFER,
}
REGIONS = ("us", "ca", "de", "fr", "jp", "kw")
SELLING_IN = {"USD": "us", "EUR": "fr", "JPY": "jp", "KWD": "kw"}


class MedusaDriver(Driver):
    platform = "medusa"
    sending_in_a_gross_shop = 5_95  # the shop's options for sending have prices without tax
    lacks = {
        "nothing to ship is digital": "the seeded shop ships every product",
        "an unknown currency is no offer no note and no loss": "Medusa has ISO 4217 only",
        "a deleted order is deleted": "Medusa deletes no order",
        "an order of the owner is reported when paid": "draft orders are not tried",
        "right settings are said to be right": "no button tries the settings",
        "swapped keys are said to be swapped": "no button tries the settings",
    }

    def __init__(
        self,
        site: Site,
        merchant: Merchant,
        ground: Ground | None = None,
        database: str | None = None,
    ) -> None:
        super().__init__(merchant)
        self.site = site
        self._ground, self._database = ground, database
        self._currency, self._region = "USD", "us"
        site.control("settings", {})
        site.control("forget")
        self.patience(is_short=False)
        site.control("options", {"coverAuthorized": False})
        self.connect()
        self.begin_anew()

    def begin_anew(self) -> None:
        self.shopper = Shopper(self.site, self._region)
        self._is_paying = self._is_placed = False
        self._followed: tuple[Decimal | None, Decimal] | None = None

    # The shopper. The answer of every change has the new fee; nobody has to ask for the offer.

    def add(self, product: str, pieces: int = 1) -> None:
        if self._is_placed:
            self.shopper.forget()
            self._is_placed = False
        self.shopper.add(product, pieces)
        self._changed()

    def change(self, product: str, pieces: int) -> None:
        title = product.title()
        (line,) = [e for e in self.shopper.cart["items"] if e["product_title"] == title]
        if pieces:
            self.shopper.change(line, quantity=pieces)
        else:
            self.shopper.remove(line)
            assert ([], None) == (self.shopper.cart["items"], self.shopper.fee)
        self._changed()

    def see(self) -> Seen:
        seen = self._seen(self.shopper.see())
        if self._followed:
            assert self._followed == (self.shopper.fee, self.shopper.total)
            self._followed = None
        return seen

    def tick(self) -> Seen:
        return self._seen(self.shopper.tick())

    def click(self) -> None:
        path = f"/store/orderguard/carts/{self.shopper.cart_id}"
        token = self.shopper.said["offer"]["token"]
        self.shopper.ask("POST", path, {"accepted": True, "token": token})

    def untick(self) -> Seen:
        self._is_paying = False
        return self._seen(self.shopper.untick())

    def lie(self, terms: str) -> Seen:
        return self._seen(self.shopper.choose(accepted=True, token=terms))

    def set_rate(self, name: str) -> None:
        self.shopper.set_rate(name.title())
        self._changed()

    def coupon(self) -> None:
        self.shopper.coupon("TEN")
        self._changed()

    def sign_in(self) -> None:
        self.shopper.sign_in()

    def place(self, spoiled: Reply | None = None, state: str = "captured") -> str:
        self.shopper.to_payment(state)
        shown = self.shopper.payable
        self.merchant.front.spoiled = spoiled or self.merchant.front.spoiled
        said = self.shopper.complete()
        assert "order" == said["type"], said
        self._is_placed = True
        assert money(shown) == money(said["order"]["total"])
        return str(said["order"]["id"])

    def pay_fails(self) -> None:
        self.shopper.to_payment("error")
        with pytest.raises(Refused, match="not authorized"):
            self.shopper.complete()

    def place_unpaid(self) -> str:
        return self.place(state="authorized")

    def change_currency(self) -> None:
        self.shopper.set_region("fr")
        assert self.shopper.fee is None
        assert CURRENCY_CHANGED == self.see().notice
        self.shopper.set_rate("Parcel")

    def reason(self) -> str:
        return str(self.shopper.said["reason"])

    # The owner.

    def total(self, order: str) -> int:
        return self._minor(self._order(order)["total"])

    def fee(self, order: str) -> tuple[int, int] | None:
        for each in self._order(order)["items"]:
            if not each["variant_id"]:
                assert set(each["metadata"]["orderguard"]["modes"]) <= set(BOTH)
                with_tax, tax = Decimal(str(each["total"])), Decimal(str(each["tax_total"]))
                return self._minor(with_tax), self._minor(with_tax - tax)
        return None

    def capture(self, order: str) -> None:
        self.site.control("capture", order)

    def ship(self, order: str) -> None:
        self.site.control("fulfil", order)

    def refund(self, order: str, amount: int, *, pieces: int = 0, fee: bool = False) -> None:
        if pieces:
            self.site.control("fulfil", order)
            self.site.control("give_back", order, pieces)
        self.site.control("refund", order, amount / 100)

    def cancel(self, order: str) -> None:
        self.site.control("cancel", order)

    def edit(self, order: str, pieces: int) -> None:
        self.site.control("edit", order, pieces)

    def notes(self, order: str) -> list[str]:
        told = [each["data"] for each in self.site.control("notifications")]
        return [each["description"] for each in told if order in str(each)]

    def health(self) -> dict[str, Any]:
        said: dict[str, Any] = self.site.admin("GET", "/admin/orderguard/health")
        return said

    def waiting(self) -> int:
        return int(self.health()["waiting"])

    def refused(self) -> int:
        return int(self.health()["refused"])

    def failure(self) -> str:
        return self.health()["last_failure"] or ""

    def push_again(self, order: str) -> None:
        said = self.site.admin("POST", f"/admin/orderguard/orders/{order}/push")
        assert "taken" == said["pushed"]

    def keys(self, **changes: Any) -> dict[str, Any]:
        """The plugin's options for one region."""
        entered = self.merchant.settings()
        return {name: entered[name] for name in ("url", "cart_key", "orders_key")} | changes

    def connect(self, **changes: Any) -> None:
        self.site.control("settings", dict.fromkeys(REGIONS, self.keys(**changes)))

    def disconnect(self) -> None:
        self.site.control("settings", {})
        assert not self.health()["connected"]

    def sell_in(self, currency: str) -> None:
        self._currency, self._region = currency, SELLING_IN[currency]
        self.begin_anew()

    def with_tax(self, *, included: bool, on_the_fee: bool) -> None:
        self._region = "de" if included else "ca"
        self.begin_anew()
        self.connect(fee_product_type=None if on_the_fee else self.site.keys.untaxed)

    # Time, the queue and the app.

    def run_queue(self) -> None:
        self.site.control("run_queue")

    def retry(self) -> None:
        self.site.control("sweep")

    def age(self, seconds: int) -> None:
        if self.shopper.cart:
            self.site.control("age", self.shopper.cart_id, seconds)
        self.site.control("rested")

    def patience(self, *, is_short: bool) -> None:
        self.site.control("timeouts", *([0.8, 0.5] if is_short else []))

    def switch_off(self) -> None:
        self.site.control("rewind")
        self._restart("without")

    def switch_on(self) -> None:
        self._restart("with")
        self.patience(is_short=False)
        self.connect()
        assert 3 == self.site.control("sweep")["taken"]
        assert "taken" not in self.site.control("sweep")

    def uninstall(self) -> list[str]:
        """The command takes what is ours out of carts; three tables stay until they are dropped."""
        self.site.control("uninstall")
        tables = self.site.control("tables")
        assert 3 == len(tables)
        self._restart("without")
        return []

    def sell(self) -> tuple[str, int]:
        shopper = Shopper(self.site)
        shopper.add("lamp")
        order = shopper.place()
        return order, self._minor(shopper.order["total"]) - 5_00

    def _restart(self, mode: str) -> None:
        assert self._ground
        assert self._database
        self.site.stop()
        self.site = Site(self._ground.folder, self._database, self._ground.keys, mode=mode)

    def _order(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = self.site.control("order", order)
        return found

    def _changed(self) -> None:
        self._followed = (self.shopper.fee, self.shopper.total)

    def _seen(self, shown: Shown) -> Seen:
        return Seen(
            None if shown.offer is None else self._minor(shown.offer),
            shown.checked,
            shown.notice and NOTICES[shown.notice],
            None if shown.fee is None else self._minor(shown.fee),
            self._minor(shown.total),
        )

    def _minor(self, amount: Any) -> int:
        return round(Decimal(str(amount)).scaleb(EXPONENTS_EVER[self._currency]))


DRIVER = MedusaDriver
