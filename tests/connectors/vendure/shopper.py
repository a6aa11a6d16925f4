"""What a storefront does with Vendure's shop API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.connectors.vendure.site import Api, Site

OFFER = """
    offer { amount currencyCode modes token } accepted notice reason sessionId
    order { code state totalWithTax surcharges { sku priceWithTax price } }
"""
ORDER = """
    __typename
    ... on Order { id code state total totalWithTax surcharges { sku price priceWithTax } }
    ... on ErrorResult { errorCode message }
"""
ADDRESS = {"streetLine1": "1 Main Street", "city": "Springfield", "countryCode": "US"}


@dataclass(frozen=True)
class Seen:
    """The box and the total, as the shopper sees them; amounts as Vendure counts."""

    offer: int | None
    checked: bool
    notice: str | None
    fee: int | None
    total: int


class Shopper:
    """One browser session."""

    def __init__(self, site: Site, channel: str = "net", currency: str | None = None) -> None:
        self._site = site
        self._channel = channel
        self._currency = currency
        self.shop = Api(site, "/shop-api", channel)
        self._rate = "parcel"
        self._is_known = False
        self.code = ""
        self.last: dict[str, Any] = {}

    def add(self, slug: str, pieces: int = 1) -> dict[str, Any]:
        """Into the cart; the first time the shopper also says where they live."""
        found = self._ask(
            "query ($slug: String!) { product(slug: $slug) { variants { id } } }", slug=slug
        )
        added = self._order(
            "mutation ($id: ID!, $n: Int!)"
            " { addItemToOrder(productVariantId: $id, quantity: $n) { ORDER } }",
            id=found["variants"][0]["id"], n=pieces,
        )  # fmt: skip
        if added["code"] != self.code:
            self.code = added["code"]
            self._order(
                "mutation ($a: CreateAddressInput!)"
                " { setOrderShippingAddress(input: $a) { ORDER } }",
                a=ADDRESS,
            )
            self.set_rate(self._rate)
        return self.last

    def empty(self) -> None:
        self._order("mutation { removeAllOrderLines { ORDER } }")

    def see(self) -> Seen:
        return self._seen(self._ask("{ orderguardOffer { OFFER } }".replace("OFFER", OFFER)))

    def tick(self) -> Seen:
        return self._choose(accepted=True, token=self.offered["token"])

    def untick(self) -> Seen:
        return self._choose(accepted=False)

    def lie(self, token: str) -> Seen:
        return self._choose(accepted=True, token=token)

    def set_rate(self, code: str) -> dict[str, Any]:
        self._rate = code
        methods = self._ask("{ eligibleShippingMethods { id code } }")
        (chosen,) = [method["id"] for method in methods if method["code"] == code]
        return self._order(
            "mutation ($ids: [ID!]!) { setOrderShippingMethod(shippingMethodId: $ids) { ORDER } }",
            ids=[chosen],
        )

    def coupon(self, code: str) -> dict[str, Any]:
        return self._order(
            "mutation ($c: String!) { applyCouponCode(couponCode: $c) { ORDER } }", c=code
        )

    def sign_in(self) -> None:
        done = self._ask(
            'mutation { login(username: "ada@example.com", password: "secret") { __typename } }'
        )
        assert "CurrentUser" == done["__typename"]
        self._is_known = True

    def to_payment(self) -> dict[str, Any]:
        """The order, once Vendure has let the shopper go on to pay."""
        if not self._is_known:
            self.says_who()
        return self.go("ArrangingPayment")

    def says_who(self) -> None:
        guest = {"firstName": "G", "lastName": "Guest", "emailAddress": f"{self.code}@example.com"}
        self._order(
            "mutation ($c: CreateCustomerInput!) { setCustomerForOrder(input: $c) { ORDER } }",
            c=guest,
        )

    def go(self, state: str) -> dict[str, Any]:
        return self._order(
            "mutation ($s: String!) { transitionOrderToState(state: $s) { ORDER } }", s=state
        )

    def pay(self, outcome: str = "Settled") -> dict[str, Any]:
        """The order, or Vendure's error."""
        return self._order(
            "mutation ($i: PaymentInput!) { addPaymentToOrder(input: $i) { ORDER } }",
            i={"method": "card", "metadata": {"state": outcome}},
            may_fail=True,
        )

    def place(self, outcome: str = "Settled") -> str:
        """The code of the order, which is placed and paid."""
        self.to_payment()
        paid = self.pay(outcome)
        assert "Order" == paid["__typename"], paid
        return str(paid["code"])

    @property
    def total(self) -> int:
        """Of the last answer with an order."""
        return int(self.last["totalWithTax"])

    @property
    def fee(self) -> int | None:
        (fee,) = [each["priceWithTax"] for each in self.last["surcharges"]] or [None]
        return fee

    def _choose(self, **choice: Any) -> Seen:
        return self._seen(
            self._ask(
                "mutation ($accepted: Boolean!, $token: String)"
                " { setOrderguardChoice(accepted: $accepted, token: $token) { OFFER } }".replace(
                    "OFFER", OFFER
                ),
                **choice,
            )
        )

    def _seen(self, said: dict[str, Any]) -> Seen:
        self.offered = said["offer"]
        self.said = said
        self.last = said["order"] or {"totalWithTax": 0, "surcharges": []}
        amount = said["offer"] and said["offer"]["amount"]
        return Seen(amount, said["accepted"], said["notice"], self.fee, self.total)

    def _order(self, query: str, *, may_fail: bool = False, **variables: Any) -> dict[str, Any]:
        said: dict[str, Any] = self._ask(query.replace("ORDER", ORDER), **variables)
        if "Order" == said["__typename"]:
            self.last = said
        else:
            assert may_fail, said
        return said

    def _ask(self, query: str, **variables: Any) -> Any:
        return self.shop(query, self._currency, **variables)
