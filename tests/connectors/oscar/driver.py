"""Oscar's driver: a browser without JavaScript, and what the dashboard and commands do."""

from __future__ import annotations

import json
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from orderguard.domain.iso4217 import EXPONENTS_EVER
from tests.client.pretend_server import Reply
from tests.connectors.driver import NOTE, Driver, Seen
from tests.connectors.oscar.shopper import Seen as Shown
from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site
from tests.connectors.woocommerce.merchant import Merchant
from tests.connectors.words import assert_a_new_total_is_told, notice_of

SETTINGS = {
    "url": "ORDERGUARD_URL",
    "cart_key": "ORDERGUARD_KEY",
    "orders_key": "ORDERGUARD_ORDERS_KEY",
}


class OscarDriver(Driver):
    platform = "oscar"
    exclusions = [{"collection": "final-sale"}]  # Oscar's products have categories and no tags
    vase = 100_00
    holds_thousandths = False
    rests_after_an_error = False
    has_test_button = True  # manage.py orderguard_test
    lacks = {
        "two tabs put one fee": "a basket's page is sent by one browser",
        "a report that nobody takes is repeated (silent)": "no page waits for the command",
        "another currency takes the fee off": "a basket has one currency",
        "an edited order is reported as it ends up": "the dashboard edits no lines",
    }

    def __init__(self, site: Site, merchant: Merchant) -> None:
        super().__init__(merchant)
        self.site = site
        self._settings: dict[str, Any] = {}
        self._currency = "USD"
        self._is_off = self._is_uninstalled = False
        self._by_hand: list[str] = []
        self.shopper = Shopper(site)
        self._last: Seen | None = None

    def close(self) -> None:
        self.shopper.close()

    def begin_anew(self) -> None:
        self.close()
        self.shopper = Shopper(self.site)

    # The shopper.

    def add(self, product: str, pieces: int = 1) -> None:
        self.shopper.add(product, pieces)
        self._last = None

    def change(self, product: str, pieces: int) -> None:
        self.shopper.change(pieces)
        self._last = None

    def see(self) -> Seen:
        return self._seen(self.shopper.see())

    def tick(self) -> Seen:
        return self._seen(self.shopper.tick())

    def untick(self) -> Seen:
        return self._seen(self.shopper.untick())

    def lie(self, terms: str) -> Seen:
        return self._seen(self.shopper.lie(terms))

    def set_rate(self, name: str) -> None:
        self.shopper.set_rate("pickup" if name == "pickup" else "standard")

    def coupon(self) -> None:
        self.shopper.coupon("TEN")

    def sign_in(self) -> None:
        self.shopper.sign_in()  # Oscar merges the guest's basket into the member's

    def place(self, spoiled: Reply | None = None) -> str:
        placed = self.shopper.place()
        if placed.order is None:
            self.stops_for_a_new_total += 1
            assert_a_new_total_is_told(placed.error, self.see())
            placed = self.shopper.place()
        assert placed.order, placed.error
        assert not self._last or self.total(placed.order) <= self._last.total
        self.merchant.front.spoiled = spoiled or self.merchant.front.spoiled
        return placed.order

    def pay_fails(self) -> None:
        self.set(TESTSHOP_DECLINES=True)
        placed = self.shopper.place()
        assert (None, "Your card was declined.") == (placed.order, placed.error)
        self.set(TESTSHOP_DECLINES=False)

    def place_unpaid(self) -> str:
        self.set(TESTSHOP_RECORDS_PAYMENTS=False)  # such as a bank transfer
        return self.place()

    # The owner.

    def total(self, order: str) -> int:
        return self._minor(self.site.order(order)["total"])

    def fee(self, order: str) -> tuple[int, int] | None:
        for each in self.site.order(order)["surcharges"]:
            assert each["code"].startswith("orderguard:lop_")  # the order says it by itself
            return self._minor(each["incl_tax"]), self._minor(each["excl_tax"])
        return None

    def capture(self, order: str) -> None:
        if order in self._by_hand:
            self.site.control("set_status", order, "Being processed")
        else:
            self.site.control("refund", order, "Settled", self.site.order(order)["total"], [])

    def ship(self, order: str) -> None:
        for status in ("Being processed", "Complete"):
            self.site.control("set_status", order, status)

    def refund(self, order: str, amount: int, *, pieces: int = 0, fee: bool = False) -> None:
        if fee:
            self.site.control("refund_fee", order)
        else:
            lines = [pieces] if pieces else []
            self.site.control("refund", order, "Refund", f"{amount / 100:.2f}", lines)

    def cancel(self, order: str) -> None:
        how = "set_status_unseen" if self._is_off else "set_status"
        self.site.control(how, order, "Cancelled")

    def delete(self, order: str) -> None:
        self.site.control("delete", order)

    def unpaid_by_hand(self) -> str:
        order = str(self.site.control("dashboard_order", "Pending"))
        self._by_hand.append(order)
        return order

    def notes(self, order: str) -> list[str]:
        return [note for note in self.site.order(order)["notes"] if NOTE in note]

    def waiting(self) -> int:
        return sum(row["is_due"] == "True" and not row["refused"] for row in self._rows())

    def refused(self) -> int:
        return sum(bool(row["refused"]) for row in self._rows())

    def push_again(self, order: str) -> None:
        self.site.push("--order", order)

    def connect(self, **changes: Any) -> None:
        self.set(**{SETTINGS[name]: value for name, value in changes.items()})

    def disconnect(self) -> None:
        self.connect(url="", cart_key="")
        assert {"orderguard.W001"} <= set(self.site.control("warnings"))
        assert not self.site.control("command", "orderguard_test")["ok"]

    def diagnosis(self) -> str:
        return str(self.site.control("command", "orderguard_test")["said"])

    def sell_in(self, currency: str) -> None:
        self._currency = currency
        self.site.control("currency", currency)

    def with_tax(self, *, included: bool, on_the_fee: bool) -> None:
        rate = "0.19"
        self.set(
            TESTSHOP_TAX_RATE=rate,
            ORDERGUARD_SHOWS_TAX=included,
            ORDERGUARD_FEE_TAX_RATE=rate if on_the_fee else "0",
        )

    # Time, the queue and the app.

    def run_queue(self) -> None:
        self.site.push()

    def retry(self) -> None:
        self.site.push("--now")

    def age(self, seconds: int) -> None:
        self.site.control("age", seconds)
        self.site.control("rested")

    def patience(self, *, is_short: bool) -> None:
        self.set(ORDERGUARD_BUDGET_MS=800 if is_short else 20_000)

    def switch_off(self) -> None:
        """The app goes on, and hears of nothing."""
        self._is_off = True

    def switch_on(self) -> None:
        self._is_off = False
        self.retry()

    def uninstall(self) -> list[str]:
        """From a copy of the shop: the tables of the one that serves are still needed."""
        self._is_uninstalled = True
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            shutil.copyfile(self.site.folder / "shop.sqlite", folder / "shop.sqlite")
            self.site.environment.run(folder, "migrate", "orderguard_oscar", "zero", "-v0")
            script = (
                "import json; from tests.connectors.oscar.testshop import control as c;"
                "print(json.dumps([c.search('orderguard'), c.sell('lamp')]))"
            )
            said = self.site.environment.run(
                folder, "shell", "--verbosity", "0", "-c", script, TESTSHOP_CONNECTED="no"
            )
        left, self._sold_for = json.loads(said.strip().splitlines()[-1])
        return [each for each in left if each != "order_surcharge.code"]

    def sell(self) -> tuple[str, int]:
        if self._is_uninstalled:
            return "", self._minor(self._sold_for)
        self.begin_anew()
        self.add("lamp")
        order = self.place()
        self.site.control("forget_row", order)
        return order, self.total(order) - 5_00

    def set(self, **changes: Any) -> None:
        """Settings of the project, beside those that were set before."""
        self._settings |= changes
        self.site.settings(self.merchant, **self._settings)

    def _rows(self) -> list[dict[str, str]]:
        orders = self.site.control("orders")
        return [row for order in orders for row in self.site.order(order)["ours"]]

    def _seen(self, shown: Shown) -> Seen:
        offer = None if shown.offer is None else self._minor(shown.offer)
        fee = None if shown.fee is None else self._minor(shown.fee)
        notice = notice_of(shown.notice, has_offer=offer is not None)
        self._last = Seen(offer, shown.checked, notice, fee, self._minor(shown.total))
        return self._last

    def _minor(self, text: str) -> int:
        """Of "$4.98", "KWD1.260" and "59.98"."""
        amount = Decimal("".join(each for each in text if each.isdigit() or each == "."))
        return int(amount.scaleb(EXPONENTS_EVER.get(self._currency, 2)))


DRIVER = OscarDriver
