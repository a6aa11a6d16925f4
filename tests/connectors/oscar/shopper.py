"""A shopper of Oscar: a browser without JavaScript, by HTTP."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import httpx

from tests.connectors.oscar.site import PATIENCE_SECONDS, Site

ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "line1": "1 Main St",
    "line4": "Columbus",
    "state": "OH",
    "postcode": "43004",
    "country": "US",
}
PREVIEW = "/checkout/preview/"
PRODUCTS = {"lamp": 1, "throw": 2, "coat": 3, "vase": 4, "ebook": 5}


@dataclass(frozen=True)
class Seen:
    """What the last page before the order shows: the box, if there is one, and the money."""

    offer: str | None
    checked: bool
    notice: str
    fee: str | None
    total: str


@dataclass(frozen=True)
class Placed:
    """What became of "Place order"."""

    order: str | None
    error: str = ""


class Shopper:
    """The verbs of the scenario table."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.http = httpx.Client(
            base_url=site.url, timeout=PATIENCE_SECONDS, trust_env=False, follow_redirects=True
        )
        self._has_address = self._is_member = False
        self._ships = False
        self._rate = "standard"
        self._page = ""

    def close(self) -> None:
        self.http.close()

    def add(self, product: str, quantity: int = 1) -> None:
        self._ships = self._ships or product != "ebook"
        self._post(f"/basket/add/{PRODUCTS[product]}/", quantity=quantity)

    def change(self, quantity: int) -> None:
        """Set every line to so many pieces."""
        page = self.http.get("/basket/").text
        count = len(re.findall(r'name="form-\d+-id"', page))
        fields: dict[str, Any] = dict(
            re.findall(r'name="(form-(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)\w*)" value="(\d+)"', page)
        )
        for each in range(count):
            line = re.search(rf'name="form-{each}-id" value="(\d+)"', page)
            assert line
            fields |= {f"form-{each}-id": line[1], f"form-{each}-quantity": quantity}
        self._post("/basket/", **fields)

    def basket(self) -> Seen:
        """The page of the basket."""
        return self._seen(self.http.get("/basket/"))

    def see(self) -> Seen:
        """The last page before the order, after whatever has to come before it."""
        if not self._has_address:
            self._go_to_the_preview()
        return self._seen(self.http.get(PREVIEW))

    def tick(self) -> Seen:
        return self._choose(yes=True)

    def untick(self) -> Seen:
        return self._choose(yes=False)

    def lie(self, shown: str) -> Seen:
        """Tick, with terms of one's own making."""
        return self._choose(yes=True, shown=shown)

    def set_rate(self, name: str) -> Seen:
        self._rate = name
        self._post("/checkout/shipping-method/", method_code=name)
        return self.see()

    def coupon(self, code: str) -> Seen:
        self._post("/basket/vouchers/add/", code=code)
        return self.see()

    def sign_in(self) -> None:
        self._post(
            "/accounts/login/",
            **{
                "login-username": "shopper@shop.example",
                "login-password": "shopper",
                "login_submit": "Log In",
            },
        )
        self._is_member = True

    def place(self, *, ticked: bool | None = None) -> Placed:
        """The button. `ticked` is what the box says in the form, if not what the page says."""
        return self.outcome(self.press(ticked=ticked))

    def press(self, *, ticked: bool | None = None) -> httpx.Response:
        """The page that follows the button."""
        if not self._page:
            self.see()
        fields = {"action": "place_order"}
        shown = _shown(self._page)
        if shown is not None:
            fields["orderguard_shown"] = shown
            if ticked if ticked is not None else _is_checked(self._page):
                fields["orderguard"] = "yes"
        return self._post(PREVIEW, follow=True, **fields)

    def outcome(self, answer: httpx.Response) -> Placed:
        """What that page says."""
        if str(answer.url).endswith("/checkout/thank-you/"):
            self._page, self._has_address = "", False
            return Placed(self.site.control("orders")[-1])
        self._page = answer.text
        error = re.search(
            r'<div class="alert alert-danger">\s*(.*?)\s*</div>', self._page, re.DOTALL
        )
        return Placed(None, _text(error[1]) if error else "")

    def go_and_pay(self) -> None:
        """The button, in a shop whose payment page is elsewhere."""
        fields = {"action": "place_order", "orderguard_shown": _shown(self._page) or ""}
        if _is_checked(self._page):
            fields["orderguard"] = "yes"
        assert self._post(PREVIEW, **fields).headers["Location"] == "/control/payment-page"

    def come_back(self) -> Placed:
        """From the payment page, having paid."""
        answer = self.http.get("/come-back/")
        assert str(answer.url).endswith("/checkout/thank-you/"), (
            f"{answer.url} {answer.text[:3000]}"
        )
        self._page, self._has_address = "", False
        return Placed(self.site.control("orders")[-1])

    def _choose(self, *, yes: bool, shown: str | None = None) -> Seen:
        if not self._page:
            self.see()
        known = shown or _shown(self._page)
        assert known is not None, "there is no box to tick"
        fields = {"action": "place_order", "orderguard_shown": known}
        if yes:
            fields["orderguard"] = "yes"
        return self._seen(self._post("/orderguard/choose/", follow=True, **fields))

    def _go_to_the_preview(self) -> None:
        if not self._is_member:
            self._post("/checkout/", username="ada@shop.example", options="anonymous")
        self._post("/checkout/shipping-address/", **ADDRESS)
        if self._ships:
            self._post("/checkout/shipping-method/", method_code=self._rate)
        else:
            self.http.get("/checkout/shipping-method/", follow_redirects=False)
        self._has_address = True

    def _post(self, path: str, *, follow: bool = False, **fields: Any) -> httpx.Response:
        """Send a form. Every one leads to another page, which is read when the test asks for it."""
        if "csrftoken" not in self.http.cookies:
            self.http.get("/accounts/login/")
        token = self.http.cookies["csrftoken"]
        answer = self.http.post(
            path,
            data={"csrfmiddlewaretoken": token, **fields},
            headers={"Referer": f"{self.site.url}{PREVIEW}"},
            follow_redirects=follow,
        )
        right = (200,) if follow else (302,)
        assert answer.status_code in right, (
            f"{path}: {answer.status_code} {answer.text[:2000]} {self.site.log()[-4000:]}"
        )
        return answer

    def _seen(self, answer: httpx.Response) -> Seen:
        assert answer.status_code == 200, f"{answer.url}: {self.site.log()[-4000:]}"
        self._page = page = answer.text
        box = re.search(r'<section id="orderguard".*?</section>', page, re.DOTALL)
        offer = re.search(r'<span class="price_color">(.*?)</span>', box[0]) if box else None
        notice = re.search(r'<p role="status".*?>(.*?)</p>', box[0]) if box else None
        fee = re.search(
            r">\s*Order protection\s*</th>\s*<th[^>]*>\s*(.*?)\s*</th>", page, re.DOTALL
        )
        total = re.search(r"Order total.*?price_color\">\s*(.*?)\s*</h3>", page, re.DOTALL)
        return Seen(
            _text(offer[1]) if offer else None,
            _is_checked(page),
            _text(notice[1]) if notice else "",
            _text(fee[1]) if fee else None,
            _text(total[1]) if total else "",
        )


def _shown(page: str) -> str | None:
    found = re.search(r'name="orderguard_shown" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else None


def _is_checked(page: str) -> bool:
    return bool(re.search(r'<input[^>]*name="orderguard"[^>]* checked', page))


def _text(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).replace("\xa0", " ").strip()
