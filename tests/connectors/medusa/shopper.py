"""What a storefront does with Medusa's Store API."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import count
from typing import Any

from tests.connectors.medusa.site import Site

ADDRESS = {"first_name": "G", "last_name": "G", "address_1": "1 Main Street", "city": "Springfield"}
_NUMBERS = count(1)


def money(amount: Any) -> Decimal:
    """Medusa's amounts are in major units; to the hundredth, as pages show them."""
    return Decimal(str(amount)).quantize(Decimal("0.001")).normalize()


@dataclass(frozen=True)
class Seen:
    """The box and the total, as the shopper sees them, in major units."""

    offer: Decimal | None
    checked: bool
    notice: str | None
    fee: Decimal | None
    total: Decimal


class Shopper:
    """One browser."""

    def __init__(self, site: Site, region: str = "us") -> None:
        self.site = site
        self.region = region
        self._token = ""
        self._rate = "Parcel"
        self.cart: dict[str, Any] = {}
        self.said: dict[str, Any] = {}

    @property
    def cart_id(self) -> str:
        return str(self.cart["id"])

    @cached_property
    def regions(self) -> dict[str, str]:
        found = self.ask("GET", "/store/regions")["regions"]
        return {each["name"]: each["id"] for each in found}

    def add(self, handle: str, pieces: int = 1) -> None:
        """Into the cart; the first time the shopper also says where they live."""
        if not self.cart:
            self._begin()
        self._cart("POST", "/line-items", {"variant_id": self.variant(handle), "quantity": pieces})
        if not self.cart.get("shipping_methods"):
            self.set_rate(self._rate)

    def variant(self, handle: str) -> str:
        path = f"/store/products?handle={handle}&fields=variants.id"
        return str(self.ask("GET", path)["products"][0]["variants"][0]["id"])

    def remove(self, line: dict[str, Any]) -> None:
        said = self.ask("DELETE", f"/store/carts/{self.cart_id}/line-items/{line['id']}")
        self.cart = said["parent"]

    def change(self, line: dict[str, Any], **change: Any) -> None:
        self._cart("POST", f"/line-items/{line['id']}", change)

    def see(self) -> Seen:
        return self._seen(self.ask("GET", f"/store/orderguard/carts/{self.cart_id}"))

    def tick(self) -> Seen:
        return self.choose(accepted=True, token=self.said["offer"]["token"])

    def untick(self) -> Seen:
        return self.choose(accepted=False)

    def choose(self, **choice: Any) -> Seen:
        return self._seen(self.ask("POST", f"/store/orderguard/carts/{self.cart_id}", choice))

    def set_rate(self, name: str) -> None:
        self._rate = name
        path = f"/store/shipping-options?cart_id={self.cart_id}"
        found = {each["name"]: each["id"] for each in self.ask("GET", path)["shipping_options"]}
        self._cart("POST", "/shipping-methods", {"option_id": found[name]})

    def coupon(self, code: str) -> None:
        self._cart("POST", "/promotions", {"promo_codes": [code]})

    def set_region(self, region: str) -> None:
        self.region = region
        self._cart("POST", "", {"region_id": self.regions[region]})
        self._cart("POST", "", {"shipping_address": ADDRESS | {"country_code": region}})

    def sign_in(self) -> None:
        """With an account made a moment ago; Medusa keeps the guest's cart."""
        login = {"email": f"ada{next(_NUMBERS)}@example.com", "password": "secret"}
        base = "/auth/customer/emailpass"
        self._token = self.ask("POST", f"{base}/register", login)["token"]
        self.ask("POST", "/store/customers", {"email": login["email"]})
        self._token = self.ask("POST", base, login)["token"]
        self._cart("POST", "/customer", {})

    def to_payment(self, state: str = "captured") -> None:
        """The payment begins: from here its amount is fixed."""
        found = self.ask("POST", "/store/payment-collections", {"cart_id": self.cart_id})
        path = f"/store/payment-collections/{found['payment_collection']['id']}/payment-sessions"
        body = {"provider_id": "pp_card_card", "data": {"state": state}}
        self.payable = self.ask("POST", path, body)["payment_collection"]["amount"]
        self.refresh()

    def complete(self) -> dict[str, Any]:
        """Medusa's answer: an order, or the cart with an error."""
        said: dict[str, Any] = self.ask("POST", f"/store/carts/{self.cart_id}/complete")
        return said

    def place(self, state: str = "captured") -> str:
        """The id of the order, which is placed and paid."""
        self.to_payment(state)
        said = self.complete()
        assert "order" == said["type"], said
        self.order = said["order"]
        return str(self.order["id"])

    def refresh(self) -> None:
        self._cart("GET", "")

    def forget(self) -> None:
        """The next cart is another one, in the same browser."""
        self.cart = {}

    @property
    def total(self) -> Decimal:
        """Of the last answer with a cart."""
        return money(self.cart["total"])

    @property
    def fee_lines(self) -> list[dict[str, Any]]:
        return [item for item in self.cart["items"] if not item["variant_id"]]

    @property
    def fee(self) -> Decimal | None:
        (fee,) = [money(each["unit_price"] * each["quantity"]) for each in self.fee_lines] or [None]
        return fee

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.site.store(method, path, body, self._token)

    def _begin(self) -> None:
        address = ADDRESS | {"country_code": self.region}
        body = {"region_id": self.regions[self.region], "email": "guest@example.com"}
        body |= {"shipping_address": address}
        self.cart = self.ask("POST", "/store/carts", body)["cart"]

    def _cart(self, method: str, path: str, body: Any = None) -> None:
        self.cart = self.ask(method, f"/store/carts/{self.cart_id}{path}", body)["cart"]

    def _seen(self, said: dict[str, Any]) -> Seen:
        self.said = said
        self.cart = said["cart"]
        offer = said["offer"] and money(said["offer"]["amount"])
        return Seen(offer, said["accepted"], said["notice"], self.fee, self.total)
