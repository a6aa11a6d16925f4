"""The shop's checkout and its Storefront API, as far as the SDK and our box ask for it."""

from __future__ import annotations

import re
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

from tests.client.pretend_server import Received, Reply

if TYPE_CHECKING:
    from tests.connectors.bigcommerce.api import BigCommerce
    from tests.connectors.bigcommerce.store import Cart, Store

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def answer(shops: BigCommerce, received: Received, path: str, query: dict[str, str]) -> Reply:
    if path in shops.files:
        return Reply(text=shops.files[path], headers={"Content-Type": "text/javascript"})
    if path == "/checkout":
        return _page(shops, query)
    cookie = SimpleCookie(received.headers.get("cookie", ""))
    cart_id = cookie["cart"].value if "cart" in cookie else ""
    store = next((store for store in shops.stores.values() if cart_id in store.carts), None)
    if not store:
        return Reply(404, {"status": 404, "title": "No cart"})
    cart = store.carts[cart_id]
    if path == "/api/storefront/carts":
        return Reply(body=[_cart(store, cart)], headers=JSON)
    if path == f"/api/storefront/checkout/{cart.id}":
        return Reply(body=_checkout(store, cart), headers=JSON)
    if re.fullmatch(rf"/api/storefront/checkouts/{cart.id}/coupons", path):
        cart.coupon = Decimal(10)
        return Reply(body=_checkout(store, cart), headers=JSON)
    if path == "/api/storefront/checkout-settings":
        return Reply(body=SETTINGS, headers=JSON)
    if path == "/api/storefront/form-fields":
        return Reply(
            body={"customerAccount": [], "shippingAddress": [], "billingAddress": []}, headers=JSON
        )
    if path == "/api/storefront/checkout-extensions":
        return Reply(body=[], headers=JSON)
    return Reply(404, {"status": 404, "title": path})


SETTINGS: dict[str, Any] = {
    "context": {"checkoutId": "", "flashMessages": [], "payment": {"token": None}},
    "customization": {"languageData": {}},
    "storeConfig": {
        "checkoutSettings": {"features": {}, "remoteCheckoutProviders": []},
        "currency": {"code": "USD", "decimalPlaces": "2", "decimalSeparator": ".",
                     "thousandsSeparator": ",", "symbol": "$", "symbolLocation": "left"},
        "shopperCurrency": {"code": "USD", "decimalPlaces": "2", "decimalSeparator": ".",
                            "thousandsSeparator": ",", "symbol": "$", "symbolLocation": "left",
                            "exchangeRate": "1.0000000000", "isTransactional": True},
        "formFields": {}, "imageDirectory": "", "isAngularDebuggingEnabled": False,
        "links": {}, "paymentSettings": {}, "shopperConfig": {}, "storeProfile": {},
    },
}  # fmt: skip


def _cart(store: Store, cart: Cart) -> dict[str, Any]:
    checkout = store.checkout(cart)
    return {
        "id": cart.id,
        "customerId": cart.customer,
        "email": "",
        "currency": {"code": cart.currency, "name": "", "symbol": "$", "decimalPlaces": 2},
        "isTaxIncluded": store.tax_included,
        "baseAmount": checkout["cart"]["base_amount"],
        "discountAmount": 0,
        "cartAmount": checkout["cart"]["cart_amount_inc_tax"],
        "coupons": [],
        "discounts": [],
        "lineItems": {
            "physicalItems": [_camel(e) for e in checkout["cart"]["line_items"]["physical_items"]],
            "digitalItems": [],
            "giftCertificates": [],
            "customItems": [],
        },
        "createdTime": "2026-11-30T10:00:00+00:00",
        "updatedTime": "2026-11-30T10:00:00+00:00",
    }


def _checkout(store: Store, cart: Cart) -> dict[str, Any]:
    checkout = store.checkout(cart)
    return {
        "id": cart.id,
        "cart": _cart(store, cart),
        "customer": {"id": 0, "isGuest": True, "email": "", "addresses": [], "storeCredit": 0},
        "billingAddress": {"id": "", "email": "", "countryCode": "US", "customFields": []},
        "consignments": [],
        "taxes": [],
        "coupons": [],
        "fees": [
            {
                "id": fee["id"],
                "type": fee["type"],
                "name": fee["name"],
                "displayName": fee["display_name"],
                "cost": fee["cost_inc_tax"],
                "source": fee["source"],
            }
            for fee in checkout["fees"]
        ],
        "subtotal": checkout["cart"]["base_amount"],
        "taxTotal": checkout["tax_total"],
        "grandTotal": checkout["grand_total"],
        "outstandingBalance": checkout["grand_total"],
        "shippingCostTotal": 0,
        "handlingCostTotal": 0,
        "giftCertificates": [],
        "promotions": [],
        "isStoreCreditApplied": False,
        "orderId": None,
        "payments": [],
        "createdTime": "2026-11-30T10:00:00+00:00",
        "updatedTime": "2026-11-30T10:00:00+00:00",
    }


def _camel(item: dict[str, Any]) -> dict[str, Any]:
    return {
        re.sub(r"_(\w)", lambda found: found[1].upper(), name): value
        for name, value in item.items()
    } | {"options": [], "brand": "", "imageUrl": "", "discounts": []}


def _page(shops: BigCommerce, query: dict[str, str]) -> Reply:
    """The checkout: the real Checkout SDK where it is there, and the scripts of the store."""
    store = next(store for store in shops.stores.values() if query["cart"] in store.carts)
    scripts = "".join(
        f'<script src="{script["src"]}" integrity="{" ".join(script["integrity_hashes"])}"'
        f' crossorigin="anonymous" {script["load_method"]}></script>'
        for script in store.scripts
        if script["enabled"] and script["visibility"] == "checkout"
    )
    sdk = '<script src="/sdk.js"></script>' if "/sdk.js" in shops.files else ""
    text = (
        '<!doctype html><html lang="en"><title>Checkout</title><div class="layout">'
        '<div id="checkout-app"></div><aside class="layout-cart"><h2>Order summary</h2>'
        '<p id="total"></p><p id="fees"></p><button id="coupon">Coupon</button></aside></div>'
        f"{sdk}{scripts}</html>"
    )
    cookie = {"Set-Cookie": f"cart={query['cart']}; Path=/"}
    return Reply(text=text.encode(), headers=HTML | cookie)
