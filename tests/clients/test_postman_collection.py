"""The collection for Postman and Bruno is that of the OpenAPI document, and sells protection."""

from __future__ import annotations

import json
from typing import Any

import httpx
from tools.generate_postman import COLLECTION, written

from tests.support.shop import RunningServer


def test_the_collection_is_current() -> None:
    text = COLLECTION.read_text(encoding="utf-8")

    assert written() == text, "run: python tools/generate_postman.py"


def test_its_requests_analyse_a_cart_and_cover_an_order(running_server: RunningServer) -> None:
    # Given the collection with the address of a server and a key
    folders = json.loads(COLLECTION.read_text(encoding="utf-8"))["item"]
    requests = {each["name"]: each["request"] for folder in folders for each in folder["item"]}
    key = running_server.a_shop().issue_key("cart", "orders").text
    variables = {"baseUrl": running_server.url, "key": key}

    # When a person sends three of its requests, the session of the first in the others
    analysed = sent(requests["Analyse a cart"], variables).json()
    variables["sessionId"] = analysed["sessionId"]
    shown = sent(requests["Show a session"], variables)
    order = sent(requests["Create or update an order"], variables).json()["order"]

    # Then the session is known, and the order is covered for what its lines cost
    assert 200 == shown.status_code
    assert "accepted" == order["acceptance"]["outcome"]
    assert {79_00 + 2 * 6_00} == {each["amount"]["amount"] for each in order["coverages"]}
    assert 200 == sent(requests["List coverages"], variables).status_code


def sent(request: dict[str, Any], variables: dict[str, str]) -> httpx.Response:
    """The answer to a request of the collection, its variables filled in as Postman does."""
    text = json.dumps(request)
    for name, value in variables.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    filled = json.loads(text)
    return httpx.request(
        filled["method"],
        filled["url"],
        headers={each["key"]: each["value"] for each in filled["header"]},
        content=filled.get("body", {}).get("raw"),
        timeout=60,
    )
