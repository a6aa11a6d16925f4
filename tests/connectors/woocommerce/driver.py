"""WooCommerce's driver: one for the classic and the Block checkout, with either's shopper."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from orderguard.domain.iso4217 import EXPONENTS_EVER
from tests.client.pretend_server import Reply
from tests.connectors.driver import NOTE, Driver, Seen
from tests.connectors.woocommerce.merchant import Merchant
from tests.connectors.woocommerce.shoppers import BlockShopper, ClassicShopper, Shopper
from tests.connectors.woocommerce.shoppers import Seen as Shown
from tests.connectors.woocommerce.site import PLUGIN, Site
from tests.connectors.words import assert_a_new_total_is_told, notice_of

CHECKOUTS: dict[str, type[Shopper]] = {"classic": ClassicShopper, "block": BlockShopper}
LEFT_OF_ORDERS = {
    "wp_woocommerce_order_itemmeta.meta_key",
    "wp_wc_orders_meta.meta_key",
    "wp_postmeta.meta_key",
    "stub_orders.data",
}
"""Columns that say what orders say."""
TAXES = {
    "woocommerce_calc_taxes": "yes",
    "woocommerce_tax_based_on": "base",
}


class WooCommerceDriver(Driver):
    platform = "woocommerce"
    stops_at_the_first_silence = False  # each order is a job of its own
    lacks = {
        "two tabs put one fee": "a page of the checkout is sent by one browser",
        "another currency takes the fee off": "a shop has one currency",
        "right settings are said to be right": "`test_admin.py` presses the Test button",
        "swapped keys are said to be swapped": "`test_admin.py` presses the Test button",
    }

    def __init__(self, site: Site, merchant: Merchant, checkout: str) -> None:
        super().__init__(merchant)
        self.site = site
        self.shopper: Any = CHECKOUTS[checkout](site)
        site.control("options", self.shopper.page_option)
        self._currency = "USD"
        self._orders: list[str] = []
        self._by_hand: list[str] = []
        self._is_page_new = False
        self._is_connected = True
        self._last: Seen | None = None

    def close(self) -> None:
        self.shopper.http.close()

    def begin_anew(self) -> None:
        self.shopper.empty()
        self._is_page_new = False

    # The shopper.

    def add(self, product: str, pieces: int = 1) -> None:
        self.shopper.add(product, pieces)
        self._last = None

    def change(self, product: str, pieces: int) -> None:
        self.shopper.change(product, pieces)
        self._last = None

    def empty(self) -> None:
        super().empty()
        self._is_page_new = False

    def see(self) -> Seen:
        """The page, and when it was just loaded, what it shows after an update (W1)."""
        self._is_page_new = not self._is_page_new
        return self._seen(self.shopper.see() if self._is_page_new else self.shopper.update())

    def tick(self) -> Seen:
        return self._seen(self.shopper.tick())

    def untick(self) -> Seen:
        return self._seen(self.shopper.untick())

    def lie(self, terms: str) -> Seen:
        return self._seen(self.shopper.lie(terms))

    def set_rate(self, name: str) -> None:
        self.shopper.set_rate("pickup" if name == "pickup" else "ship")

    def coupon(self) -> None:
        self.shopper.coupon("ten")

    def sign_in(self) -> None:
        self.shopper.sign_in()
        self._is_page_new = False

    def place(self, spoiled: Reply | None = None, pay: str = "test_card") -> str:
        placed = self.shopper.place(pay)
        if placed.order is None:
            self.stops_for_a_new_total += 1
            assert_a_new_total_is_told(placed.error, self.see())
            placed = self.shopper.place(pay)
        assert placed.order, placed.error
        order = str(placed.order)
        assert not self._last or self.total(order) <= self._last.total
        self.merchant.front.spoiled = spoiled or self.merchant.front.spoiled
        self._orders.append(order)
        assert self._is_connected or "orderguard" not in str(self._order(order)["meta"])
        self._is_page_new = False
        return order

    def pay_fails(self) -> None:
        self.site.control("options", {"test_card_declines": "yes"})
        assert self.shopper.place().order is None
        self.site.control("options", {"test_card_declines": "no"})

    def place_unpaid(self) -> str:
        order = self.place(pay="bacs")
        assert "on-hold" == self._order(order)["status"]
        return order

    # The owner.

    def total(self, order: str) -> int:
        return self._minor(self._order(order)["total"])

    def fee(self, order: str) -> tuple[int, int] | None:
        for each in self._order(order)["fees"]:
            total, tax = self._minor(each["total"]), self._minor(each["tax"])
            return total + tax, total
        return None

    def capture(self, order: str) -> None:
        status = "completed" if order in self._by_hand else "processing"
        self.site.control("set_status", int(order), status)

    def ship(self, order: str) -> None:
        self.site.control("set_status", int(order), "completed")

    def refund(self, order: str, amount: int, *, pieces: int = 0, fee: bool = False) -> None:
        if amount == self.total(order):
            self.site.control("set_status", int(order), "refunded")
        elif pieces:
            self.site.control("refund", int(order), [pieces])
        else:
            other = "0" if fee else f"{amount / 100:.2f}"
            self.site.control("refund", int(order), [], int(fee), other)

    def cancel(self, order: str) -> None:
        self.site.control("set_status", int(order), "cancelled")

    def edit(self, order: str, pieces: int) -> None:
        self.site.control("edit", int(order), pieces)

    def delete(self, order: str) -> None:
        self.site.control("delete", int(order))
        self._orders.remove(order)

    def unpaid_by_hand(self) -> str:
        order = str(self.site.control("admin_order", "lamp", False)["id"])
        self._by_hand.append(order)
        return order

    def notes(self, order: str) -> list[str]:
        return [note for note in self._order(order)["notes"] if NOTE in note]

    def waiting(self) -> int:
        return sum(bool(self._order(order)["due"]) for order in self._orders)

    def refused(self) -> int:
        refused = [self._order(order)["refused"] for order in self._orders]
        assert all("422" in each for each in refused if each)
        report = self.site.control("status_report")
        assert ("cannot be read" in report) == any(refused)
        return sum(map(bool, refused))

    def push_again(self, order: str) -> None:
        self.site.control("push_again", int(order))
        self.site.control("run_queue", True)

    def connect(self, **changes: Any) -> None:
        settings = self.merchant.settings(**changes)
        self.site.control("options", {"woocommerce_orderguard_settings": settings})

    def disconnect(self) -> None:
        self._is_connected = False
        self.site.control("options", {"woocommerce_orderguard_settings": None})

    def sell_in(self, currency: str) -> None:
        self._currency = currency
        digits = EXPONENTS_EVER.get(currency, 2)
        options = {"woocommerce_currency": currency, "woocommerce_price_num_decimals": digits}
        self.site.control("options", options)

    def with_tax(self, *, included: bool, on_the_fee: bool) -> None:
        shown = "incl" if included else "excl"
        taxes = {
            "woocommerce_prices_include_tax": "yes" if included else "no",
            "woocommerce_tax_display_cart": shown,
            "woocommerce_tax_display_shop": shown,
        }
        self.site.control("options", TAXES | taxes)
        self.connect(tax_class="standard" if on_the_fee else "")

    # Time, the queue and the app.

    def run_queue(self) -> None:
        self.site.control("run_queue")

    def retry(self) -> None:
        self.site.control("sweep")
        self.site.control("run_queue", True)

    def age(self, seconds: int) -> None:
        self.site.control("age", seconds)

    def patience(self, *, is_short: bool) -> None:
        self.site.control("options", {"test_timeout": 1 if is_short else 20})

    def switch_off(self) -> None:
        self.site.control("deactivate", PLUGIN)
        assert [] == self.site.control("queue")

    def switch_on(self) -> None:
        self.site.control("activate", PLUGIN)
        self.site.control("queue")  # a page of the shop: the sweep is planned
        self.site.control("run_queue", True)

    def uninstall(self) -> list[str]:
        self.site.control("deactivate", PLUGIN)
        self.site.control("uninstall", PLUGIN)
        return sorted(set(self.site.control("search", "orderguard")) - LEFT_OF_ORDERS)

    def sell(self) -> tuple[str, int]:
        self.begin_anew()
        self.add("lamp")
        order = self.place()
        return order, self.total(order) - 5_00

    def _order(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = self.site.control("order", int(order))
        return found

    def _seen(self, shown: Shown) -> Seen:
        offer = None if shown.offer is None else self._minor(shown.offer)
        fee = None if shown.fee is None else self._minor(shown.fee)
        notice = notice_of(shown.notice, has_offer=offer is not None)
        self._last = Seen(offer, shown.checked, notice, fee, self._minor(shown.total))
        return self._last

    def _minor(self, text: Any) -> int:
        """Of "$4.98 (ex. tax)" and "59.98"."""
        found = re.search(r"\d[\d,]*(\.\d+)?", str(text))
        assert found, text
        amount = Decimal(found[0].replace(",", ""))
        return round(amount.scaleb(EXPONENTS_EVER.get(self._currency, 2)))


DRIVER = WooCommerceDriver
