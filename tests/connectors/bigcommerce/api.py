"""BigCommerce in the tests: its login and its Management API for stores of our own, as documented.

Every request is validated against connectors/bigcommerce/schemas, and so is every answer.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs

from tests.client.pretend_server import PretendServer, Received, Reply
from tests.connectors.bigcommerce import storefront
from tests.connectors.bigcommerce.store import (
    CATEGORIES,
    FEES_AT_MOST,
    PRODUCTS,
    STANDARD,
    UNTAXED,
    Cart,
    Order,
    Store,
)

CLIENT_ID = "an-app"
CLIENT_SECRET = "a secret of the app, at least thirty-two bytes"
SCHEMAS = Path(__file__).parents[3] / "connectors/bigcommerce/schemas/bigcommerce.json"
DEFINITIONS = json.loads(SCHEMAS.read_text())["$defs"]
VALIDATORS = {
    name: jsonschema_rs.validator_for({"$ref": f"#/$defs/{name}", "$defs": DEFINITIONS})
    for name in DEFINITIONS
}
NO_BODY = Reply(204, text=b"")
NOT_FOUND = Reply(404, {"status": 404, "title": "Not found"})
Query = dict[str, str]


class Undocumented(AssertionError):
    """A request or an answer that is not as documented."""


def checked(name: str, value: Any) -> Any:
    if errors := [error.message for error in VALIDATORS[name].iter_errors(value)]:
        raise Undocumented(name, errors, value)
    return value


class BigCommerce:
    """All stores, behind one address."""

    def __init__(self) -> None:
        self.stores: dict[str, Store] = {}
        self.server = PretendServer(self._answer)
        self.undocumented: list[str] = []
        self.spoiled: list[tuple[re.Pattern[str], Reply, list[int]]] = []
        self.files: dict[str, bytes] = {}
        """Of the storefront: the bundle of the Checkout SDK."""
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        return self.server.url

    def fails(self, pattern: str, reply: Reply, times: int = 1) -> None:
        """The next requests that match, as `METHOD /path`, are answered so."""
        self.spoiled.append((re.compile(pattern), reply, [times]))

    def asked(self, pattern: str) -> int:
        """How many requests matched."""
        return sum(
            bool(re.search(pattern, f"{received.method} {received.path}"))
            for received in self.server.received
        )

    def _answer(self, received: Received, _number: int) -> Reply:
        parts = urlsplit(received.path)
        for pattern, reply, left in self.spoiled:
            if left[0] and pattern.search(f"{received.method} {parts.path}"):
                left[0] -= 1
                return reply
        try:
            with self._lock:
                return self._route(received, parts.path, dict(parse_qsl(parts.query)))
        except Undocumented as error:
            self.undocumented.append(str(error))
            return Reply(422, {"status": 422, "title": str(error)})

    def _route(self, received: Received, path: str, query: Query) -> Reply:
        if path == "/oauth2/token":
            return self._token(checked("TokenRequest", received.body))
        found = re.fullmatch(r"/stores/(\w+)(/v[23]/.+)", path)
        if not found:
            return storefront.answer(self, received, path, query)
        store = self.stores.get(found[1])
        if not store or not store.token or received.headers.get("x-auth-token") != store.token:
            return Reply(401, {"status": 401, "title": "Unauthorized"})
        return StoreApi(store).answer(received.method, found[2], query, received.body)

    def _token(self, body: dict[str, str]) -> Reply:
        store = self.stores.get(body["context"].removeprefix("stores/"))
        is_known = (body["client_id"], body["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        if not store or not is_known or body["code"] != store.code:
            return Reply(400, {"error": "invalid_grant"})
        store.token = f"token-{uuid.uuid4()}"
        return Reply(
            body={
                "access_token": store.token,
                "scope": body["scope"],
                "user": {"id": 1, "username": "o@shop.example", "email": "o@shop.example"},
                "owner": {"id": 1, "username": "o@shop.example", "email": "o@shop.example"},
                "context": body["context"],
                "account_uuid": str(uuid.uuid4()),
            }
        )


class StoreApi:
    """The routes of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, method: str, path: str, query: Query, body: Any) -> Reply:
        routes: list[tuple[str, Callable[..., Reply]]] = [
            (r"/v3/checkouts/([\w-]+)", self._checkout),
            (r"/v3/checkouts/([\w-]+)/fees", self._fees),
            (r"/v3/carts/([\w-]+)/metafields(?:/(\d+))?", self._cart_fields),
            (r"/v3/orders/(\d+)/metafields(?:/(\d+))?", self._order_fields),
            (r"/v3/orders/(\d+)/payment_actions/refunds", self._refunds),
            (r"/v3/catalog/(products|categories|brands)", self._catalog),
            (r"/v3/hooks(?:/(\d+))?", self._hooks),
            (r"/v3/content/scripts(?:/([\w-]+))?", self._scripts),
            (r"/v2/orders", self._orders),
            (r"/v2/orders/(\d+)", self._order),
            (r"/v2/orders/(\d+)/(products|fees)", self._part_of_order),
            (r"/v2/store", self._information),
            (r"/v2/tax_classes", self._tax_classes),
        ]
        for pattern, route in routes:
            if found := re.fullmatch(pattern, path):
                return route(method, *found.groups(), query=query, body=body)
        raise Undocumented(f"{method} {path}")

    def _checkout(self, method: str, checkout: str, **_: Any) -> Reply:
        assert method == "GET"
        cart = self._store.carts.get(checkout)
        return self._with_checkout(cart) if cart else NOT_FOUND

    def _with_checkout(self, cart: Cart) -> Reply:
        return Reply(body={"data": checked("Checkout", self._store.checkout(cart)), "meta": {}})

    def _fees(self, method: str, checkout: str, *, body: Any, **_: Any) -> Reply:
        cart = self._store.carts.get(checkout)
        if not cart:
            return NOT_FOUND
        known = [fee["id"] for fee in cart.fees]
        if method == "POST":
            fees = checked("FeesToAdd", body)["fees"]
            if len(cart.fees) + len(fees) > FEES_AT_MOST:
                return Reply(422, {"status": 422, "title": "Maximum of 5 fees per checkout."})
            cart.fees += [self._store.put_fee(cart, fee) for fee in fees]
        elif method == "PUT":
            for fee in checked("FeesToUpdate", body)["fees"]:
                if fee["id"] not in known:
                    return NOT_FOUND
                cart.fees[known.index(fee["id"])] = self._store.put_fee(cart, fee)
        else:
            gone = checked("FeesToDelete", body)["ids"]
            if not set(gone) <= set(known):
                return NOT_FOUND
            cart.fees = [fee for fee in cart.fees if fee["id"] not in gone]
        return self._with_checkout(cart)

    def _cart_fields(self, method: str, cart: str, field: str | None, **given: Any) -> Reply:
        found = self._store.carts.get(cart)
        return self._metafields(found, method, field, **given) if found else NOT_FOUND

    def _order_fields(self, method: str, order: str, field: str | None, **given: Any) -> Reply:
        found = self._store.orders.get(int(order))
        return self._metafields(found, method, field, **given) if found else NOT_FOUND

    def _metafields(
        self, of: Cart | Order, method: str, field: str | None, *, query: Query, body: Any
    ) -> Reply:
        if method == "GET":
            found = [
                each
                for each in of.metafields
                if each["namespace"] == query.get("namespace", each["namespace"])
            ]
            return Reply(body={"data": found, "meta": {}})
        asked = checked("MetafieldToWrite", body)
        if method == "PUT":
            (known,) = [each for each in of.metafields if str(each["id"]) == field]
            known |= asked
            return Reply(body={"data": known})
        if any((each["namespace"], each["key"]) == (asked["namespace"], asked["key"])
               for each in of.metafields):  # fmt: skip
            return Reply(409, {"status": 409, "title": "In conflict with another metafield."})
        of.metafields.append(asked | {"id": len(of.metafields) + 1})
        return Reply(body={"data": of.metafields[-1]})

    def _refunds(self, _method: str, order: str, **_: Any) -> Reply:
        found = self._store.orders.get(int(order))
        refunds = [checked("Refund", each) for each in found.refunds] if found else []
        return Reply(body={"data": refunds, "meta": {}}) if found else NOT_FOUND

    def _catalog(self, _method: str, kind: str, *, query: Query, **_: Any) -> Reply:
        ids = [int(each) for each in query["id:in"].split(",")]
        found: list[dict[str, Any]] = []
        if kind == "products":
            found = [
                {"id": each.id, "categories": [each.category], "brand_id": 9}
                for each in PRODUCTS.values()
            ]
        elif kind == "categories":
            found = [{"id": number, "name": name} for number, name in CATEGORIES.items()]
        else:
            found = [{"id": 9, "name": "Acme"}]
        return Reply(body={"data": [each for each in found if each["id"] in ids], "meta": {}})

    def _hooks(self, method: str, hook: str | None, *, query: Query, body: Any) -> Reply:
        hooks = self._store.hooks
        if method == "GET":
            page, limit = int(query.get("page", 1)), int(query.get("limit", 50))
            # Headers are the caller's secret, and are not given back.
            shown = [{k: v for k, v in each.items() if k != "headers"} for each in hooks]
            return Reply(body={"data": shown[(page - 1) * limit : page * limit], "meta": {}})
        if method == "DELETE":
            self._store.hooks = [each for each in hooks if str(each["id"]) != hook]
            return Reply(body={"data": {}})
        asked = checked("HookToWrite", body)
        if method == "POST":
            hooks.append(asked | {"id": 1 + max((each["id"] for each in hooks), default=0)})
            return Reply(body={"data": hooks[-1]})
        (known,) = [each for each in hooks if str(each["id"]) == hook]
        known |= asked
        return Reply(body={"data": known})

    def _scripts(self, method: str, script: str | None, *, body: Any, **_: Any) -> Reply:
        scripts = self._store.scripts
        if method == "GET":
            return Reply(body={"data": scripts, "meta": {}})
        if method == "DELETE":
            self._store.scripts = [each for each in scripts if each["uuid"] != script]
            return NO_BODY
        asked = checked("ScriptToWrite", body)
        if method == "POST":
            scripts.append(asked | {"uuid": str(uuid.uuid4())})
        else:
            (known,) = [each for each in scripts if each["uuid"] == script]
            known |= asked
        return Reply(body={"data": scripts[-1]})

    def _orders(self, _method: str, *, query: Query, **_: Any) -> Reply:
        since = datetime.fromisoformat(query["min_date_modified"])
        found = [self._store.order(each) for each in self._store.modified_since(since)]
        return _page([checked("Order", each) for each in found], query)

    def _order(self, method: str, order: str, *, body: Any, **_: Any) -> Reply:
        found = self._store.orders.get(int(order))
        if not found:
            return NOT_FOUND
        if method == "PUT":
            found.staff_notes = checked("OrderToUpdate", body)["staff_notes"]
        return Reply(body=checked("Order", self._store.order(found)))

    def _part_of_order(
        self, _method: str, order: str, part: str, *, query: Query, **_: Any
    ) -> Reply:
        found = self._store.orders.get(int(order))
        if not found:
            return NOT_FOUND
        if part == "fees":
            fees = [checked("OrderFee", each) for each in self._store.order_fees(found)]
            return Reply(body={"fees": fees})
        products = self._store.order_products(found)
        return _page([checked("OrderProduct", each) for each in products], query)

    def _information(self, _method: str, **_: Any) -> Reply:
        return Reply(body={"country_code": "US", "currency": self._store.currency})

    def _tax_classes(self, _method: str, *, query: Query, **_: Any) -> Reply:
        classes = [
            {"id": str(UNTAXED), "name": "Non-Taxable Products"},
            {"id": str(STANDARD), "name": "Standard"},
        ]
        return _page(classes, query)


def _page(entries: list[Any], query: Query) -> Reply:
    """V2 lists have 50 entries a page; the page after the last is 204 without a body."""
    page, limit = int(query.get("page", 1)), min(50, int(query.get("limit", 50)))
    part = entries[(page - 1) * limit : page * limit]
    return Reply(body=part) if part else NO_BODY
