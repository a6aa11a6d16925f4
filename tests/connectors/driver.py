"""What a driver of a platform can do, so that each row of the scenario table is one test for all.

A driver is one shopper in front of a shop, and the shop's owner behind it. Every test has a new
one, with a merchant of its own. All amounts are whole minor units of the cart's currency, whatever
the platform counts in. A platform implements the methods below in its `driver.py`; what it cannot
do is said in `lacks`, and ends in docs/integrate/platforms.md. The tests are in `rows`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.client.pretend_server import Reply
from tests.connectors.woocommerce.merchant import BOTH, DOCUMENT, Books, Merchant
from tests.support.builders import a_document

PRICE_ROSE = "price rose"
MODES_CHANGED = "modes changed"
GONE_OFFER = "gone"
CURRENCY_CHANGED = "currency changed"
NOTE = "Orderguard does not have this order"


@dataclass(frozen=True)
class Seen:
    """What the shopper sees: the box, if there is one, and the platform's own money.

    `offer` is the price at the box, `fee` what is in the cart for it, `total` what is to be paid
    for everything; all three in minor units. `notice` is what the box says of a yes that ended.
    """

    offer: int | None
    checked: bool
    notice: str | None
    fee: int | None
    total: int


class Driver(ABC):
    """One shopper, and the owner of the shop. Products are lamp (50.00), throw (15.00), coat
    (200.00, of the excluded collection), vase and, where there are any, ebook; sending is 5.00."""

    platform: ClassVar[str]
    lacks: ClassVar[dict[str, str]] = {}
    """What cannot be tried, by the name of the case or of the row's test, and why."""
    exclusions: ClassVar[list[dict[str, str]]] = [{"tag": "final-sale"}]
    """How the platform says that the coat is excluded."""
    coupon_leaves: ClassVar[dict[int, int]] = {150_00: 135_00, 45_00: 40_50}
    """What the goods cost with the coupon, by what they cost without."""
    vase = 133_00
    """What it costs, without the tax of `with_tax`."""
    sending_in_a_gross_shop: ClassVar[int] = 5_00
    """What sending costs where prices contain the tax."""
    holds_thousandths: ClassVar[bool] = True
    """Whether the platform can charge 1.255."""
    has_test_button: ClassVar[bool] = False
    """Whether the owner can have the settings tried, see `diagnosis`."""
    has_a_form: ClassVar[bool] = False
    """Whether settings are entered in a form, which keeps the right ones when others are wrong."""
    rests_after_an_error: ClassVar[bool] = True
    """Whether not only silence, but also an error keeps the shop from asking for a while."""
    stops_at_the_first_silence: ClassVar[bool] = True
    """Whether one try finds out that Orderguard is still away, or each order has its own."""
    stops_for_a_new_total = 0
    """How often "Place order" was answered with a new total instead of an order."""

    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant

    # The shopper.

    @abstractmethod
    def add(self, product: str, pieces: int = 1) -> None:
        """Put pieces into the cart. The first time the shopper also says where they live."""

    @abstractmethod
    def change(self, product: str, pieces: int) -> None:
        """So many pieces instead, or none."""

    @abstractmethod
    def see(self) -> Seen:
        """Look at the last page before the payment."""

    @abstractmethod
    def tick(self) -> Seen:
        """Say yes to the offer that was seen last."""

    def click(self) -> None:
        """The request of a tick and nothing else, from any thread."""
        raise NotImplementedError

    @abstractmethod
    def untick(self) -> Seen:
        """Say no."""

    @abstractmethod
    def lie(self, terms: str) -> Seen:
        """Say yes, with terms of one's own making."""

    @abstractmethod
    def set_rate(self, name: str) -> None:
        """Choose "parcel" or "pickup"; pickup is free."""

    @abstractmethod
    def coupon(self) -> None:
        """Enter a coupon of ten percent off the goods."""

    @abstractmethod
    def sign_in(self) -> None:
        """Log in to an account whose cart is empty, with the cart as it is."""

    @abstractmethod
    def place(self, spoiled: Reply | None = None) -> str:
        """Place the order and pay it. Its number, as it is reported.

        A shop that shows a new total first gets the button pressed again. What the shopper pays is
        never more than what the last page said. `spoiled` is how Orderguard answers from the
        payment on.
        """

    @abstractmethod
    def pay_fails(self) -> None:
        """The card is declined, and the shopper is back in the checkout."""

    @abstractmethod
    def place_unpaid(self) -> str:
        """Place an order whose money has yet to come."""

    def reason(self) -> str | None:
        """Why there is no offer, where the platform's API says it."""
        return None

    def change_currency(self) -> None:
        """Go on with the same cart in euros."""
        raise NotImplementedError

    # The owner.

    @abstractmethod
    def total(self, order: str) -> int:
        """What the order costs, as the platform has it."""

    @abstractmethod
    def fee(self, order: str) -> tuple[int, int] | None:
        """Our fee on the order, with its tax and without."""

    @abstractmethod
    def capture(self, order: str) -> None:
        """The money of an unpaid order is there."""

    @abstractmethod
    def ship(self, order: str) -> None:
        """Everything goes out."""

    @abstractmethod
    def refund(self, order: str, amount: int, *, pieces: int = 0, fee: bool = False) -> None:
        """Give money back: for pieces of the first line, for the fee, for all, or for nothing."""

    @abstractmethod
    def cancel(self, order: str) -> None:
        """The order is off."""

    def edit(self, order: str, pieces: int) -> None:
        """So many pieces of the first line instead, by hand."""
        raise NotImplementedError

    def delete(self, order: str) -> None:
        """The order is gone for good."""
        raise NotImplementedError

    def unpaid_by_hand(self) -> str:
        """An order of a lamp that the owner makes, and that has to be paid."""
        raise NotImplementedError

    @abstractmethod
    def notes(self, order: str) -> list[str]:
        """What we told the owner beside this order."""

    @abstractmethod
    def waiting(self) -> int:
        """How many orders wait to be reported."""

    @abstractmethod
    def refused(self) -> int:
        """How many orders Orderguard does not take."""

    def failure(self) -> str | None:
        """What the owner is told of the last failure; empty without one, None where nothing is."""
        return None

    @abstractmethod
    def push_again(self, order: str) -> None:
        """The owner asks for another report of this order."""

    @abstractmethod
    def connect(self, **changes: Any) -> None:
        """The settings of the README, with these changes: url, cart_key, orders_key."""

    @abstractmethod
    def disconnect(self) -> None:
        """No settings at all."""

    def diagnosis(self) -> str:
        """What the owner is told who has the settings tried."""
        raise NotImplementedError

    @abstractmethod
    def sell_in(self, currency: str) -> None:
        """The cart that begins now is in this currency; the lamp costs 50 of it, sending 5."""

    @abstractmethod
    def with_tax(self, *, included: bool, on_the_fee: bool) -> None:
        """19 % on goods, in prices or on top of them, for the cart that begins now."""

    def publish(self, **changes: Any) -> None:
        """Other terms of the merchant."""
        document = DOCUMENT | {"exclusions": self.exclusions} | changes
        self.merchant.shop.publish(a_document(**document))

    # Time, the queue and the app.

    @abstractmethod
    def run_queue(self) -> None:
        """What is due is reported."""

    @abstractmethod
    def retry(self) -> None:
        """The time comes when what waits is tried again."""

    @abstractmethod
    def age(self, seconds: int) -> None:
        """What shop and breaker remember of Orderguard becomes so much older."""

    @abstractmethod
    def patience(self, *, is_short: bool) -> None:
        """Whether pages and reports wait as short as in shops, or as long as busy machines need."""

    def recover(self, order: str) -> None:
        """Orderguard answers again. What else it takes until all is reported; this order waits."""
        self.retry()

    @abstractmethod
    def switch_off(self) -> None:
        """The app is there no more, with all its data kept."""

    @abstractmethod
    def switch_on(self) -> None:
        """It is back, with its settings, and has had the time to look around."""

    @abstractmethod
    def uninstall(self) -> list[str]:
        """Take the app away for good. Whatever of ours is left outside of orders."""

    @abstractmethod
    def sell(self) -> tuple[str, int]:
        """The order of a lamp while the app is away, and its total without what sending costs."""

    # What follows from the above.

    def cart(self, product: str = "lamp", pieces: int = 1) -> Seen:
        """A cart with the fee."""
        self.add(product, pieces)
        self.see()
        ticked = self.tick()
        assert ticked.checked
        assert ticked.fee == ticked.offer
        return ticked

    def protected(self, pieces: int = 1, spoiled: Reply | None = None) -> str:
        """A paid order with the fee, of which nothing need be reported yet."""
        self.cart(pieces=pieces)
        return self.place(spoiled)

    def reported(self) -> str:
        """The order of this cart, paid and reported."""
        order = self.place()
        self.run_queue()
        return order

    def pushes(self, order: str) -> list[dict[str, Any]]:
        """The reports of this order, in order."""
        received = self.merchant.front.door.received
        bodies = [each.body for each in received if each.path == "/api/v1/orders"]
        return [body for body in bodies if body and body["external_id"] == order]

    def asked(self) -> list[dict[str, Any]]:
        """What Orderguard was asked about carts, in order."""
        received = self.merchant.front.door.received
        return [dict(each.body) for each in received if each.path.startswith("/v1/analyze")]

    def assert_covered(
        self,
        order: str,
        *,
        total: int | None,
        goods: int,
        fee: int = 4_98,
        billed: int | None = None,
        modes: list[str] | None = None,
    ) -> None:
        """The money of a protected order: total and fee on the platform, cover, verdict, bill."""
        assert fee in (self.fee(order) or ())
        assert total is None or total == self.total(order)
        expected = Books(
            "accepted",
            "exact",
            dict.fromkeys(modes or BOTH, goods),
            fee if billed is None else billed,
            [],
        )
        assert expected == self.merchant.books(order)

    def assert_unprotected(self, order: str, *, total: int | None, billed: int = 0) -> None:
        """The money of an order without the fee."""
        assert self.fee(order) is None
        assert total is None or total == self.total(order)
        assert Books("declined", None, {}, billed, []) == self.merchant.books(order)

    def assert_ended(self, order: str) -> None:
        """The money of a protected order that has ended: no cover, and nothing billed."""
        books = self.merchant.books(order)
        assert books
        assert ({}, 0) == (books.covered, books.billed)

    def assert_nothing_billed(self) -> None:
        """Orderguard has no order and bills nothing."""
        assert ([], 0) == (self.merchant.orders(), self.merchant.billed())

    def assert_the_next_order_is_right(self) -> None:
        """The shopper of the next cart starts unticked, says yes, and pays what is covered."""
        before = self.merchant.billed()
        self.merchant.front.spoiled = None
        self.patience(is_short=False)
        self.begin_anew()
        self.age(600)
        self.add("lamp")
        seen = self.see()
        assert (4_98, False, None) == (seen.offer, seen.checked, seen.fee)
        assert 59_98 == self.tick().total
        order = self.reported()
        self.retry()
        self.assert_covered(order, total=59_98, goods=50_00, billed=before + 4_98)

    @abstractmethod
    def begin_anew(self) -> None:
        """Leave the cart behind, and the rate that was chosen, for an empty one."""

    def empty(self) -> None:
        """Take the lamp out again."""
        self.change("lamp", 0)
