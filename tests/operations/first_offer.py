"""The first steps after an installation: an offer, a covered order, a backup, a sign-in."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from tests.operations.machines import wait_for
from tests.operations.places import Place
from tests.support.order_desk import of_session, usd, wire_fee, wire_order
from tests.support.wire import wire_request

CONFIGURATION = """
modes = ["shippingProtection"]
currencies = ["USD"]

[[rules]]
name = "no cart without a line"
reject_when = "cart.lines.size() == 0"

[[pricing.shippingProtection]]
base = { USD = 450 }
"""
TLS_PORT = 443
"""Where a proxy with a certificate listens, for the host localhost."""
PRICE, GOODS = 4_50, 50_00


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(place: Place, port: int) -> Iterator[None]:
    process = place.start("serve", "--port", str(port))
    try:
        wait_until_ready(port)
        yield
    finally:
        process.terminate()
        process.wait(60)


def wait_until_ready(port: int) -> None:
    def is_ready() -> bool:
        with suppress(OSError, HTTPException):
            return 200 == ask(port, "GET", "/readyz")[0]
        return False

    wait_for("the server", is_ready)


def ask(port: int, method: str, path: str, key: str = "", body: Any = None) -> tuple[int, Any]:
    """The status, and the answer: parsed when it is JSON, else its text."""
    if port == TLS_PORT:
        own = ssl._create_unverified_context()
        connection: HTTPConnection = HTTPSConnection("localhost", port, timeout=30, context=own)
    else:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"X-Authorization": key, "Content-Type": "application/json"}
    connection.request(method, path, body and json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read().decode()
    connection.close()
    return response.status, json.loads(answer) if answer.startswith("{") else answer


def make_the_first_offer(place: Place, port: int) -> tuple[str, dict[str, Any]]:
    """A merchant, a configuration, a key and a cart: the key, and the offer."""
    place.write("shop.toml", CONFIGURATION)
    place.run("merchants", "create", "acme")
    place.run("config", "publish", "acme", "shop.toml")
    scopes = ("--scope", "cart", "--scope", "orders")
    issued = place.run("keys", "issue", "acme", *scopes, "--json")
    found = re.search(r"og_\w+", issued)
    assert found, issued
    status, offer = ask(port, "POST", "/v1/analyze", found[0], wire_request(cartId="first"))
    assert (200, ["shippingProtection"]) == (status, offer["mode"]), offer
    assert (PRICE, "USD") == tuple(
        offer["chargeInstructions"][name] for name in ("amount", "currencyCode")
    )
    return found[0], offer


def buy(port: int, key: str, offer: dict[str, Any]) -> None:
    """The order of the offer is covered with the price of its goods."""
    order = wire_order(
        total_price=usd(GOODS + PRICE),
        fees=[wire_fee(PRICE, offer["mode"])],
        metadata=of_session(offer["sessionId"]),
    )
    status, answer = ask(port, "PUT", "/api/v1/orders", key, order)
    assert status in (200, 201), answer
    bought = answer["order"]
    outcome = [bought["acceptance"][name] for name in ("outcome", "verdict")]
    assert ["accepted", "exact"] == outcome
    covered = [(each["mode"], each["state"], each["amount"]) for each in bought["coverages"]]
    assert [("shippingProtection", "active", usd(GOODS))] == covered


def look_after_it(place: Place, port: int) -> None:
    """The commands that the documents name, and the console's first page."""
    assert "acme" in place.run("merchants", "list")
    assert "acme" in place.run("doctor")
    assert f"{PRICE // 100}.{PRICE % 100}" in place.run("statement", "acme")
    place.run("backup", "shop.backup")
    assert "balance" in place.run("restore", "--check", "shop.backup")
    sign_in(place, port)


def sign_in(place: Place, port: int) -> None:
    """By the link of a new account, as a browser without scripts does."""
    url = f"http://127.0.0.1:{port}"
    made = place.run("accounts", "create", "ida@shop.example", "--merchant", "acme", "--url", url)
    found = re.search(r"http://\S+", made)
    assert found, made
    link = urlsplit(found[0])
    status, page = ask(port, "GET", f"{link.path}?{link.query}")
    assert (200, True) == (status, 'name="form_token"' in page), page
