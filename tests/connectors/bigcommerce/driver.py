"""BigCommerce's driver: a cart of the stand-in store, our box's requests, and the app's page."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from orderguard.domain.iso4217 import EXPONENTS_EVER
from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Seen as Shown
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import (
    AWAITING_FULFILLMENT,
    AWAITING_PAYMENT,
    CANCELLED,
    DECLINED,
    INCOMPLETE,
    PARTIALLY_REFUNDED,
    REFUNDED,
    SHIPPED,
    STANDARD,
    UNTAXED,
    Order,
    Store,
)
from tests.connectors.driver import GONE_OFFER, MODES_CHANGED, NOTE, PRICE_ROSE, Driver, Seen
from tests.connectors.woocommerce.merchant import Merchant

NOTICES = {"price_rose": PRICE_ROSE, "modes_changed": MODES_CHANGED, "gone": GONE_OFFER}
ASKS_NOTHING = "BigCommerce asks no app when an order is placed"


class BigCommerceDriver(Driver):
    platform = "bigcommerce"
    exclusions = [{"collection": "Final sale"}]  # BigCommerce has no tags
    has_test_button = has_a_form = True
    lacks = {
        "another currency takes the fee off": "a cart has one currency",
        "a lost answer is no second order": "the owner cannot send an order that was taken",
        "an edited order is reported as it ends up": "the stand-in edits no order",
        "a price that changes while placing is shown before it is charged (higher)": ASKS_NOTHING,
        "a price that changes while placing is shown before it is charged (higher for minutes)": (
            ASKS_NOTHING
        ),
        "a price that changes while placing is shown before it is charged (lower)": ASKS_NOTHING,
        "a much higher price while placing takes a new yes": ASKS_NOTHING,
        "protection switched off while placing is not charged": ASKS_NOTHING,
    }

    def __init__(self, site: Site, shops: BigCommerce, owner: Owner, merchant: Merchant) -> None:
        super().__init__(merchant)
        self.site = site
        self._shops = shops
        self.owner = owner
        self._entered: dict[str, Any] = {}
        self._currency = "USD"
        self._tax_class: int | None = None
        self.begin_anew()

    @property
    def store(self) -> Store:
        return self.owner.store

    def begin_anew(self) -> None:
        self.shopper = Shopper(self.site, self.store, self._currency)
        self._begun: Order | None = None
        self._is_placed = False

    # The shopper.

    def add(self, product: str, pieces: int = 1) -> None:
        if self._is_placed:
            self.begin_anew()
        self.shopper.add(product, pieces)

    def change(self, product: str, pieces: int) -> None:
        self.shopper.cart.pieces[product] = pieces
        if not pieces:
            del self.shopper.cart.pieces[product]

    def empty(self) -> None:
        super().empty()
        seen = self.see()
        assert (None, None) == (seen.offer, seen.fee)

    def see(self) -> Seen:
        before = self.shopper.fee
        seen = self._seen(self.shopper.see())
        # The page loads its total again when the box says so.
        assert self.shopper.said["isChanged"] or before == self.shopper.fee
        return seen

    def tick(self) -> Seen:
        return self._seen(self.shopper.tick())

    def click(self) -> None:
        self.shopper.ask(accepted=True, token=self.shopper.said["offer"]["token"])

    def untick(self) -> Seen:
        return self._seen(self.shopper.untick())

    def lie(self, terms: str) -> Seen:
        more = {"amount": 1, "mode": ["returnCoverage"], "sessionId": "lop_x"}
        return self._seen(self.shopper.lie(terms, **more))

    def set_rate(self, name: str) -> None:
        self.shopper.cart.is_pickup = name == "pickup"

    def coupon(self) -> None:
        self.shopper.cart.coupon = Decimal(10)

    def sign_in(self) -> None:
        self.shopper.sign_in()

    def place(self, spoiled: Reply | None = None) -> str:
        order = self._begun or self.shopper.begin()
        order.staff_notes = "Ring twice."
        self.merchant.front.spoiled = spoiled or self.merchant.front.spoiled
        self.store.set_status(order, AWAITING_FULFILLMENT)
        self._is_placed = True
        return str(order.id)

    def pay_fails(self) -> None:
        self._begun = order = self.shopper.begin()  # BC3: BigCommerce tells of it at once
        self.owner.deliver()
        for status in (DECLINED, INCOMPLETE):
            self.store.set_status(order, status)
        self.owner.deliver()

    def place_unpaid(self) -> str:
        order = self.shopper.begin()
        self.store.set_status(order, AWAITING_PAYMENT)
        return str(order.id)

    def reason(self) -> str:
        return str(self.shopper.said["reason"])

    # The owner.

    def total(self, order: str) -> int:
        return self.store.total(self._order(order).cart)

    def fee(self, order: str) -> tuple[int, int] | None:
        for each in self.store.order_fees(self._order(order)):
            assert each["source"].startswith("orderguard:")
            assert self._tax_class in (None, each["tax_class_id"])
            return self._minor(each["cost_inc_tax"]), self._minor(each["cost_ex_tax"])
        return None

    def capture(self, order: str) -> None:
        self.store.set_status(self._order(order), AWAITING_FULFILLMENT)

    def ship(self, order: str) -> None:
        self.store.set_status(self._order(order), SHIPPED)

    def refund(self, order: str, amount: int, *, pieces: int = 0, fee: bool = False) -> None:
        found = self._order(order)
        item: dict[str, Any] = {"item_type": "ORDER", "item_id": found.id}
        status = REFUNDED if amount == self.total(order) else PARTIALLY_REFUNDED
        if pieces:
            (line,) = self.store.order_products(found)
            item = {"item_type": "PRODUCT", "item_id": line["id"], "quantity": pieces}
        if fee:
            item = {"item_type": "FEE", "item_id": self.store.order_fees(found)[0]["id"]}
        self.store.refund(found, [{"quantity": 1, "requested_amount": amount / 100} | item])
        self.store.set_status(found, status)

    def cancel(self, order: str) -> None:
        self.store.set_status(self._order(order), CANCELLED)

    def delete(self, order: str) -> None:
        """BigCommerce calls it archiving."""
        found = self._order(order)
        found.is_deleted = True
        self.store.set_status(found, AWAITING_FULFILLMENT)

    def unpaid_by_hand(self) -> str:
        self.add("lamp")
        return self.place_unpaid()

    def notes(self, order: str) -> list[str]:
        kept, *ours = re.split(f"^(?={NOTE})", self._order(order).staff_notes, flags=re.MULTILINE)
        assert "Ring twice." == kept.strip()
        return ours

    def waiting(self) -> int:
        return int(self.owner.health["Orders waiting"])

    def refused(self) -> int:
        return len(re.findall(r"\d+: ", self.owner.health["Orders refused"]))

    def failure(self) -> str:
        failure = self.owner.health["Last failure"]
        return "" if failure == "none" else failure

    def push_again(self, order: str) -> None:
        self.owner.enters("send")
        self.owner.deliver()

    def connect(self, **changes: Any) -> None:
        self._entered = changes
        self.owner.enters(**changes)

    def disconnect(self) -> None:
        store = Store()
        self._shops.stores[store.hash] = store
        self.owner = Owner(self.site, store)
        self.owner.install().raise_for_status()
        self.begin_anew()

    def diagnosis(self) -> str:
        self.owner.enters("test", **self._entered)
        return "\n".join(text for _, text in self.owner.steps)

    def sell_in(self, currency: str) -> None:
        self._currency = currency
        self.begin_anew()

    def with_tax(self, *, included: bool, on_the_fee: bool) -> None:
        self.store.tax_included, self.store.tax_rate = included, Decimal("0.19")
        self._tax_class = STANDARD if on_the_fee else UNTAXED
        self.owner.enters(tax_class=self._tax_class)

    # Time, the queue and the app.

    def run_queue(self) -> None:
        self.owner.deliver()

    def retry(self) -> None:
        self.site.control("age", 301_000)
        self.site.control("sweep", self.store.hash)

    def recover(self, order: str) -> None:
        """The first report that is taken brings the others along."""

    def age(self, seconds: int) -> None:
        self.site.control("age", seconds * 1_000)

    def patience(self, *, is_short: bool) -> None:
        self.site.control("timeouts", *([800, 300] if is_short else []))

    def switch_off(self) -> None:
        self.owner.uninstall()

    def switch_on(self) -> None:
        self.owner.connect(self.merchant.settings())
        self.owner.enters("send")
        self.owner.deliver()

    def uninstall(self) -> list[str]:
        self.owner.uninstall()
        self.site.control("run_queue", self.store.hash)
        assert 401 == self.owner.load().status_code
        assert 404 == Shopper(self.site, self.store).ask().status_code
        kept = (self.site.folder / "stores" / self.store.hash / "store.json").read_text()
        left = [name for name in ("url", "cartKey", "country") if f'"{name}":"' in kept]
        return left + [str(each) for each in (*self.store.hooks, *self.store.scripts)]

    def sell(self) -> tuple[str, int]:
        self.begin_anew()
        self.add("lamp")
        order = self.place()
        assert [] == self.store.notices  # nobody is told
        return order, self.total(order) - 5_00

    def _order(self, order: str) -> Order:
        return self.store.orders[int(order)]

    def _minor(self, amount: Any) -> int:
        return int(Decimal(str(amount)).scaleb(EXPONENTS_EVER.get(self._currency, 2)))

    def _seen(self, shown: Shown) -> Seen:
        notice = shown.notice and NOTICES[shown.notice]
        return Seen(shown.offer, shown.checked, notice, shown.fee, shown.total)


DRIVER = BigCommerceDriver
