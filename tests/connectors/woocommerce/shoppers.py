"""Shoppers of a WooCommerce: one for the classic checkout, one for what the Block checkout sends.

Both do the same things under the same names, so that a scenario is written once.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.connectors.woocommerce.site import PATIENCE_SECONDS, Site

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "",
    "address_1": "1 Main St",
    "address_2": "",
    "city": "Columbus",
    "state": "OH",
    "postcode": "43004",
    "country": "US",
    "phone": "5550100",
}
EMAIL = "ada@shop.example"


@dataclass(frozen=True)
class Seen:
    """What the checkout shows: the box, if there is one, and the money as the shop shows it."""

    offer: str | None
    checked: bool
    notice: str
    fee: str | None
    total: str


@dataclass(frozen=True)
class Placed:
    """What became of "Place order"."""

    order: int | None
    error: str = ""


class Shopper:
    """What both have in common: a browser's cookies and a login."""

    checkout = ""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.http = httpx.Client(
            base_url=site.url,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            follow_redirects=True,
            headers={"Referer": self.page},
        )

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def page(self) -> str:
        return f"{self.site.url}/?page_id={self.site.ids[self.checkout]}"

    @property
    def page_option(self) -> dict[str, int]:
        """The option by which WooCommerce knows this checkout."""
        return {"woocommerce_checkout_page_id": self.site.ids[self.checkout]}

    def empty(self) -> None:
        """Remove every line, one after the other."""
        self._change_lines(lambda _: 0)

    def change(self, product: str, pieces: int) -> None:
        """So many pieces of this product, or none."""
        self._change_lines(lambda line: pieces if line["id"] == self.site.ids[product] else None)

    def _change_lines(self, pieces_of: Callable[[dict[str, Any]], int | None]) -> None:
        cart = self.http.get("/", params={"rest_route": "/wc/store/v1/cart"})
        for line in cart.json()["items"]:
            pieces = pieces_of(line)
            if pieces is not None:
                self.http.post(
                    "/",
                    params={
                        "rest_route": f"/wc/store/v1/cart/{'update' if pieces else 'remove'}-item"
                    },
                    json={"key": line["key"]} | ({"quantity": pieces} if pieces else {}),
                    headers={"Nonce": cart.headers["Nonce"]},
                ).raise_for_status()

    def pay_for(self, order: int) -> None:
        """Pay an order that exists, on the page that WooCommerce's e-mail links to."""
        self.pay(order, self.open_order(order, "order-pay"))

    def open_order(self, order: int, page: str) -> str:
        """The page to pay this order, or the one that thanks for it."""
        answer = self.http.get("/", params=self._of(order, page) | {"pay_for_order": "true"})
        return answer.text

    def pay(self, order: int, page: str) -> None:
        """The button of the page to pay an order."""
        nonce = re.search(r'name="woocommerce-pay-nonce" value="(\w+)"', page)
        assert nonce, f"the page has no form to pay with: {_text(page)[-1500:]}"
        fields = {"woocommerce_pay": "1", "payment_method": "test_card"}
        answer = self.http.post(
            "/",
            params=self._of(order, "order-pay"),
            data=fields | {"woocommerce-pay-nonce": nonce[1]},
        )
        assert "order-received" in str(answer.url), _text(answer.text)[-1500:]

    def _of(self, order: int, page: str) -> dict[str, Any]:
        key = self.site.control("order", order)["key"]
        return {"page_id": self.site.ids[self.checkout], page: order, "key": key}

    def sign_in(self) -> None:
        self.http.get("/wp-login.php")
        answer = self.http.post(
            "/wp-login.php", data={"log": "shopper", "pwd": "shopper", "testcookie": "1"}
        )
        assert any("logged_in" in cookie.name for cookie in self.http.cookies.jar), (
            answer.status_code
        )


class ClassicShopper(Shopper):
    """Sends what WooCommerce's own script sends from the classic checkout."""

    checkout = "classic"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.ticked = False
        self._rates = {0: site.ids["ship"]}
        self._page = ""
        self._box = ""

    def add(self, product: str, quantity: int = 1) -> None:
        self.http.get("/", params={"add-to-cart": self.site.ids[product], "quantity": quantity})

    def see(self) -> Seen:
        """The checkout page, loaded."""
        self._page = self.http.get(self.page).text
        self._box = _box(self._page)
        self.ticked = _is_checked(self._box)
        return _seen(self._page)

    def update(self) -> Seen:
        """What follows when the shopper changes something on the page."""
        if not self._page:
            self.see()
        answer = self.http.post("/?wc-ajax=update_order_review", data=self._update_fields())
        fragments = answer.json()["fragments"]
        text = "".join(fragments.values())
        self._box = _box(text)
        self.ticked = _is_checked(self._box)
        return _seen(text)

    def tick(self) -> Seen:
        self.ticked = True
        return self.update()

    def untick(self) -> Seen:
        self.ticked = False
        return self.update()

    def lie(self, shown: str) -> Seen:
        """Tick, with terms of one's own making."""
        self.ticked = True
        self._box = re.sub(r'(name="orderguard_shown" value=")[^"]*', rf"\g<1>{shown}", self._box)
        return self.update()

    def set_rate(self, name: str, package: int = 0) -> Seen:
        self._rates[package] = self.site.ids[name]
        return self.update()

    def coupon(self, code: str) -> Seen:
        self.see()
        nonce = re.search(r'"apply_coupon_nonce":"(\w+)"', self._page)
        assert nonce
        self.http.post("/?wc-ajax=apply_coupon", data={"security": nonce[1], "coupon_code": code})
        return self.update()

    def place(self, pay: str = "test_card") -> Placed:
        if not self._page:
            self.see()
        nonce = re.search(r'name="woocommerce-process-checkout-nonce" value="(\w+)"', self._page)
        assert nonce, "the page has no form to place the order with"
        fields = self._form() | {
            "payment_method": pay,
            "woocommerce-process-checkout-nonce": nonce[1],
            "_wp_http_referer": "/?wc-ajax=update_order_review",
        }
        answer = self.http.post("/?wc-ajax=checkout", data=fields)
        told = answer.json()
        if told["result"] != "success":
            return Placed(None, _text(told.get("messages", "")))
        order = re.search(r"(?:order-received[=/])(\d+)", told["redirect"].replace("%2F", "/"))
        assert order, told
        self._page = ""
        return Placed(int(order[1]))

    def _form(self) -> dict[str, str]:
        form = {f"billing_{name}": value for name, value in ADDRESS.items()}
        form |= {"billing_email": EMAIL} | self._methods()
        shown = re.search(r'name="orderguard_shown" value="([^"]*)"', self._box)
        if shown:
            form["orderguard_shown"] = html.unescape(shown[1])
            if self.ticked:
                form["orderguard"] = "yes"
        return form

    def _update_fields(self) -> dict[str, str]:
        nonce = re.search(r'"update_order_review_nonce":"(\w+)"', self._page)
        assert nonce, "the page has no nonce for updates"
        short = {"s_address": "address_1", "s_city": "city", "s_state": "state"}
        fields = {name: ADDRESS[of] for name, of in short.items()}
        return (
            fields
            | {
                "security": nonce[1],
                "payment_method": "test_card",
                "country": ADDRESS["country"],
                "state": ADDRESS["state"],
                "postcode": ADDRESS["postcode"],
                "city": ADDRESS["city"],
                "address": ADDRESS["address_1"],
                "address_2": "",
                "s_country": ADDRESS["country"],
                "s_postcode": ADDRESS["postcode"],
                "s_address_2": "",
                "has_full_address": "true",
                "post_data": str(httpx.QueryParams(self._form())),
            }
            | self._methods()
        )

    def _methods(self) -> dict[str, str]:
        """The chosen rate of each package."""
        return {f"shipping_method[{package}]": rate for package, rate in self._rates.items()}


class BlockShopper(Shopper):
    """Sends what the Block checkout's scripts send: the Store API, with our script's two calls."""

    checkout = "block"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._nonce = ""
        self._cart: dict[str, Any] = {}
        self._on_page = False

    def add(self, product: str, quantity: int = 1) -> None:
        self._call("cart/add-item", {"id": self.site.ids[product], "quantity": quantity})

    def see(self) -> Seen:
        """What the page's scripts do until they know whether there is an offer."""
        self._on_page = True
        self._call("cart")
        self._call(
            "cart/update-customer",
            {"billing_address": ADDRESS | {"email": EMAIL}, "shipping_address": ADDRESS},
        )
        return self._settled()

    def update(self) -> Seen:
        """What follows when something changes."""
        if not self._on_page:
            return self.see()
        self._call("cart")
        return self._settled()

    def tick(self) -> Seen:
        return self._choose(yes=True)

    def untick(self) -> Seen:
        return self._choose(yes=False)

    def lie(self, shown: str) -> Seen:
        self._extend({"action": "choose", "yes": True, "shown": shown, "amount": 1})
        return self._settled()

    def set_rate(self, name: str, package: int = 0) -> Seen:
        if not self._on_page:
            self.see()
        rate = self.site.ids["collect" if name == "pickup" else name]
        chosen = self._cart["shipping_rates"][package]["package_id"]
        self._call("cart/select-shipping-rate", {"package_id": chosen, "rate_id": rate})
        return self._settled()

    def coupon(self, code: str) -> Seen:
        self._call("cart/apply-coupon", {"code": code})
        return self._settled()

    def place(self, pay: str = "test_card") -> Placed:
        if not self._on_page:
            self.see()
        answer = self._send(
            "checkout",
            {
                "billing_address": ADDRESS | {"email": EMAIL},
                "shipping_address": ADDRESS,
                "payment_method": pay,
                "payment_data": [],
            },
        )
        told = answer.json()
        if answer.status_code != 200 or told["payment_result"]["payment_status"] != "success":
            if isinstance(told.get("data", {}).get("cart"), dict):
                self._cart = told["data"]["cart"]
            return Placed(None, _text(told.get("message", "") or json.dumps(told)))
        self._on_page = False
        return Placed(told["order_id"])

    def sheet(self, beside: str) -> str:
        """The total in the sheet of an express button that stands on this page of the shop."""
        self.http.headers["Referer"] = beside
        self._on_page = True
        self._call("cart")
        self._call("cart/update-customer", {"shipping_address": ADDRESS})
        return self._total()

    def _choose(self, *, yes: bool) -> Seen:
        if not self._on_page:
            self.see()
        offer = self._cart["extensions"]["orderguard"]["offer"]
        assert offer, "there is no box to tick"
        self._extend({"action": "choose", "yes": yes, "shown": offer["shown"]})
        return self._settled()

    def _settled(self) -> Seen:
        for _ in range(3):
            ours = self._ours()
            if not ours or ours["known"]:
                break
            self._extend({"action": "ask"})
        ours = self._ours()
        unit = 10 ** self._cart["totals"]["currency_minor_unit"]
        fees = [
            int(fee["totals"]["total"]) + int(fee["totals"]["total_tax"])
            for fee in self._cart["fees"]
            if fee["key"] == "orderguard"
        ]
        offer = ours and ours["offer"]
        return Seen(
            offer["price"] if offer else None,
            bool(ours and ours["checked"]),
            ours["notice"] if ours else "",
            _decimal(fees[0], unit) if fees else None,
            self._total(),
        )

    def _total(self) -> str:
        totals = self._cart["totals"]
        return _decimal(int(totals["total_price"]), 10 ** totals["currency_minor_unit"])

    def extension(self) -> dict[str, Any]:
        """What the Store API said last of our offer."""
        ours = self._ours()
        assert ours, "the Store API has nothing of ours"
        return ours

    def _ours(self) -> dict[str, Any] | None:
        extensions = self._cart.get("extensions") or {}
        return extensions.get("orderguard") if isinstance(extensions, dict) else None

    def _extend(self, data: dict[str, Any]) -> None:
        self._call("cart/extensions", {"namespace": "orderguard", "data": data})

    def _call(self, route: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._send(route, body)
        assert answer.status_code < 300, f"{route}: {answer.text[:1500]} {self.site.complaints()}"
        self._cart = answer.json()
        return self._cart

    def _send(self, route: str, body: dict[str, Any] | None) -> httpx.Response:
        if body is not None and not self._nonce:
            self._call("cart")
        answer = self.http.request(
            "GET" if body is None else "POST",
            "/",
            params={"rest_route": f"/wc/store/v1/{route}"},
            json=body,
            headers={"Nonce": self._nonce} if self._nonce else {},
        )
        self._nonce = answer.headers.get("Nonce", self._nonce)
        return answer

    def sign_in(self) -> None:
        super().sign_in()
        self._nonce = ""
        self._call("cart")


def _decimal(amount: int, unit: int) -> str:
    return f"{amount / unit:.{len(str(unit)) - 1}f}"


def _box(page: str) -> str:
    """From our hidden field to the end of the box; empty without one."""
    found = re.search(r'<div class="orderguard-box.*?</div>', page, re.DOTALL)
    return found[0] if found else ""


def _is_checked(box: str) -> bool:
    return bool(re.search(r'type="checkbox"[^>]*\bchecked', box))


def _seen(page: str) -> Seen:
    box = _box(page)
    price = re.search(r'class="orderguard-price">(.*?)</span></label>', box, re.DOTALL)
    notice = re.search(r'class="orderguard-notice"[^>]*>(.*?)</p>', box, re.DOTALL)
    fee = re.search(
        r'<tr class="fee">\s*<th>Order protection</th>\s*<td[^>]*>(.*?)</td>', page, re.DOTALL
    )
    total = re.search(r'<tr class="order-total">.*?<td>(.*?)</td>', page, re.DOTALL)
    return Seen(
        _text(price[1]) if price else None,
        _is_checked(box),
        _text(notice[1]) if notice else "",
        _number(_text(fee[1])) if fee else None,
        _number(_text(total[1])) if total else "",
    )


def _text(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def _number(text: str) -> str:
    """The first amount in a text such as "$59.98 (includes …)"."""
    found = re.search(r"\d[\d,]*(\.\d+)?", text)
    return found[0].replace(",", "") if found else text
