"""Keys: their form, their checksum, and what they allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.people.api_key import (
    ALPHABET,
    PREFIX,
    ApiKey,
    Scope,
    compose_key,
    hash_key,
    is_well_formed_key,
    parse_origin,
    parse_scope,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
RANDOM = "0123456789abcdefghijABCDEFGHIJxy"
KEY = compose_key(RANDOM)


def a_key(**changes: Any) -> ApiKey:
    values: dict[str, Any] = {
        "id": ApiKeyId("key_abcdefghijkl"),
        "merchant": MerchantId("mer_abcdefghijklmnop"),
        "scopes": frozenset({Scope.CART}),
        "created_at": NOON,
    }
    return ApiKey(**(values | changes))


def test_a_key_is_the_prefix_32_random_characters_and_a_checksum_of_6() -> None:
    assert KEY.startswith(PREFIX + RANDOM)
    assert len("og_") + 32 + 6 == len(KEY)


def test_the_checksum_never_changes_or_every_issued_key_would_be_refused() -> None:
    assert ("og_" + "0" * 32 + "3azeXf", "og_" + "z" * 32 + "2fyE69") == (
        compose_key("0" * 32),
        compose_key("z" * 32),
    )


@given(st.text(ALPHABET, min_size=32, max_size=32))
def test_every_composed_key_is_well_formed(random_part: str) -> None:
    assert is_well_formed_key(compose_key(random_part))


@given(st.integers(3, len(KEY) - 1), st.sampled_from(ALPHABET))
def test_a_typo_in_one_place_is_noticed(place: int, typo: str) -> None:
    mistyped = KEY[:place] + typo + KEY[place + 1 :]

    assert (mistyped == KEY) is is_well_formed_key(mistyped)


@given(st.integers(3, len(KEY) - 2))
def test_two_neighbours_in_the_wrong_order_are_noticed(place: int) -> None:
    swapped = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]

    assert (swapped == KEY) is is_well_formed_key(swapped)


@pytest.mark.parametrize(
    "text", ["", "og_", KEY[:-1], KEY + "0", " " + KEY, KEY + "\n", "OG" + KEY[2:], "x" * 41]
)
def test_what_does_not_look_like_a_key_is_refused_without_a_look_up(text: str) -> None:
    assert not is_well_formed_key(text)


def test_only_a_hash_of_a_key_is_stored() -> None:
    assert sha256(KEY.encode()).digest() == hash_key(KEY)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("cart", Scope.CART),
        ("carts", Scope.CART),
        ("orders", Scope.ORDERS),
        ("admin", Scope.ADMIN),
    ],
)
def test_a_scope_is_known_by_its_name(text: str, scope: Scope) -> None:
    assert scope is parse_scope(text)


@pytest.mark.parametrize("text", ["", "Cart", "order", "everything"])
def test_an_unknown_scope_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_scope(text)

    assert f"{text!r} is not a scope; expected one of cart, orders, admin." == str(refusal.value)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_an_origin_is_scheme_and_host(text: str, origin: str) -> None:
    assert origin == parse_origin(text)


@pytest.mark.parametrize(
    "text",
    ["", "shop.example", "https://", "https://shop.example/", "ftp://shop.example", "*", "null"],
)
def test_anything_else_is_no_origin(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_origin(text)

    assert (
        f"{text!r} is not an origin; expected scheme and host only, as in https://shop.example."
        == str(refusal.value)
    )


def test_a_key_without_an_end_is_live() -> None:
    assert a_key().is_live(at=NOON + timedelta(days=10_000))


def test_a_key_is_live_just_before_it_expires() -> None:
    assert a_key(expires_at=NOON).is_live(at=NOON - timedelta(microseconds=1))


def test_a_key_expires_at_the_instant_given() -> None:
    assert not a_key(expires_at=NOON).is_live(at=NOON)


def test_a_revoked_key_is_not_live() -> None:
    assert not a_key(revoked_at=NOON, expires_at=NOON + timedelta(days=1)).is_live(at=NOON)


def test_a_key_without_origins_may_be_used_from_anywhere() -> None:
    assert a_key().allows_origin(None)
    assert a_key().allows_origin("https://other.example")


@pytest.mark.parametrize("origin", ["https://shop.example", "https://SHOP.example"])
def test_a_key_for_a_shop_may_be_used_from_its_pages(origin: str) -> None:
    assert a_key(origins=frozenset({"https://shop.example"})).allows_origin(origin)


@pytest.mark.parametrize("origin", [None, "null", "https://other.example"])
def test_a_key_for_a_shop_may_not_be_used_from_elsewhere(origin: str | None) -> None:
    assert not a_key(origins=frozenset({"https://shop.example"})).allows_origin(origin)


@pytest.mark.parametrize(
    ("origin", "host", "is_exposed"),
    [
        ("https://shop.example", "orderguard.example", True),
        ("https://Orderguard.example", "orderguard.example", False),
        ("https://shop.example", None, True),
        (None, "orderguard.example", False),
    ],
)
def test_a_page_of_another_host_exposes_the_key_of_a_server(
    origin: str | None, host: str | None, is_exposed: bool
) -> None:
    assert is_exposed is a_key().is_exposed_by(origin, host)


def test_the_key_of_a_browser_is_not_exposed_by_one() -> None:
    key = a_key(origins=frozenset({"https://shop.example"}))

    assert not key.is_exposed_by("https://shop.example", "orderguard.example")
