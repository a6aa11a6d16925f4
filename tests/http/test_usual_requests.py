"""A cart in the usual form is read straight, and as the tolerant way reads it."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from bench.carts import cart_template
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.errors import InvalidDocument
from orderguard.http.wire.cart import analysis_request_from_wire
from orderguard.http.wire.notes import Notes
from orderguard.http.wire.usual_request import usual_request_from_body

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        ["", " ", "12", "US", "us-oh", "USD", "usd", "en_us", "x" * 600, "a\x07b", "0"]
    ),
    st.sampled_from([1.0, 1.5, -0.0, 1e13, 10**12, 10**12 + 1, 10**30]),
    st.sampled_from([[], {}, [""], ["a", "b"], [1], [None]]),
    st.just({"amount": 5, "currencyCode": "USD"}),
    st.sampled_from(["SHIPPING", "DIGITAL", "lop_a1b2c3d4e5f6g7h8i9j0", "lop_short"]),
    TEXTS,
)


def a_document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(cart_template(3).body("cart-1"))
    return document


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all members of a document, with one member per table that it lacks."""
    found = [path] if path else []
    if isinstance(value, dict):
        optional = ("cartId", "sessionId", "debug", "unitPrice", "currencyCode", "id", "locale")
        for key in (*value, *optional, "region", "customer", "deliveryGroups", "unknown"):
            found += places(value.get(key), (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            found += places(each, (*path, index))
    return found


PLACES = places(a_document())


def as_tolerated(document: dict[str, Any]) -> Any:
    """The request that the tolerant way reads; None when it refuses or changes something."""
    try:
        request, notes = analysis_request_from_wire(deepcopy(document), request_id="r")
    except InvalidDocument:
        return None
    return request if notes == Notes() else None


@pytest.mark.parametrize("lines", [0, 1, 10])
def test_the_cart_of_the_benchmark_has_the_usual_form(lines: int) -> None:
    document = a_document()
    document["cart"]["lines"] = document["cart"]["lines"][:1] * lines

    usual = usual_request_from_body(json.dumps(document).encode(), request_id="r")

    assert usual is not None
    assert as_tolerated(document) == usual


@pytest.mark.parametrize("left_out", ["tags", "collections", "sku", "variantId", "vendor"])
def test_a_line_without_what_may_be_left_out_has_the_usual_form(left_out: str) -> None:
    document = a_document()
    del document["cart"]["lines"][0][left_out]

    usual = usual_request_from_body(json.dumps(document).encode(), request_id="r")

    assert usual is not None
    assert as_tolerated(document) == usual


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("cart", "lines", 0, "tags"), []),
        (("cart", "lines", 0, "requiresShipping"), False),
        (("customer", "isB2B"), False),
        (("customer", "groups"), []),
        (("deliveryGroups",), []),
        (("debug",), False),
        (("experimentationConsent",), False),
        (("cart", "totalDiscountAmount"), 0),
        (("cart", "itemCount"), 0),
    ],
)
def test_a_member_with_its_usual_value_keeps_the_usual_form(
    path: tuple[Any, ...], value: Any
) -> None:
    """A value that the encoder leaves out would look like a key that was sent twice."""
    document = a_document()
    put(document, path, value)

    usual = usual_request_from_body(json.dumps(document).encode(), request_id="r")

    assert usual is not None
    assert as_tolerated(document) == usual


@given(st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), min_size=1, max_size=3))
def test_whatever_is_read_straight_is_read_as_the_tolerant_way_does(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    document = a_document()
    for path, value in changes:
        put(document, path, value)

    usual = usual_request_from_body(json.dumps(document).encode(), request_id="r")

    if usual is not None:
        assert as_tolerated(document) == usual


def test_a_key_sent_twice_has_no_usual_form() -> None:
    body = json.dumps(a_document()).encode()
    twice = body.replace(b'"totalPrice": ', b'"totalPrice": 1, "totalPrice": ', 1)

    assert usual_request_from_body(twice, request_id="r") is None


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set a member, where its table still is one."""
    for step in path[:-1]:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            return
    last = path[-1]
    if isinstance(document, dict) or (isinstance(document, list) and last in range(len(document))):
        document[last] = value
