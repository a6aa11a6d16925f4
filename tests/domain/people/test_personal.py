"""What a kept request does not say about a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderguard.domain.people.personal import (
    BLANKED,
    DEEPER,
    DEPTH_AT_MOST,
    TEXT_AT_MOST,
    blanked,
    blanked_problem,
    blanked_text,
    is_personal,
)

SECRETS = (
    "Jane",
    "Roe",
    "jane@shop.example",
    "555",
    "High Street",
    "94107",
    "203.0.113.9",
    "hunter",
)

ORDER: dict[str, Any] = {
    "external_id": "5001234567890",
    "name": "#1001",
    "email": "jane@shop.example",
    "contact_email": None,
    "total_price": {"amount": "104.98", "currency_code": "USD"},
    "browserIP": "203.0.113.9",
    "customer": {
        "id": "customer-555",
        "name": "Jane Roe",
        "isB2B": True,
        "groups": ["vip"],
        "default_address": {"line": "12 High Street"},
        "loves": ["Jane", 555, None],
    },
    "shipping_address": {"name": "Jane Roe", "country_code": "US", "zip": "94107"},
    "billing": "Jane Roe, 12 High Street",
    "line_items": [{"title": "Lamp for jane@shop.example", "quantity": 2, "sku": "L-1"}],
    "fees": [{"name": "Order Protection", "amount": 498, "accepted_offer_mode": ["a"]}],
    "metadata": [
        {"key": "session_id", "value": "lop_a1b2c3d4e5f6g7h8i9j0"},
        {"key": "phone", "value": "+1 (555) 010-9999"},
        {"name": "gift recipient", "value": "Jane"},
        {"key": "login", "value": None},
    ],
    "db_password": "hunter2",
    "note": "call +1 555 010 9999",
}


def test_what_tells_who_the_shopper_is_is_blanked() -> None:
    shown = json.dumps(blanked(ORDER))

    assert [] == [secret for secret in SECRETS if secret in shown.replace("customer", "")]


def test_what_an_integrator_looks_for_stays() -> None:
    shown = blanked(ORDER)

    for name in ("external_id", "name", "total_price", "fees"):
        assert ORDER[name] == shown[name]
    assert ORDER["metadata"][0] == shown["metadata"][0]
    assert ORDER["metadata"][3] == shown["metadata"][3]
    assert {"title": f"Lamp for {BLANKED}", "quantity": 2, "sku": "L-1"} == shown["line_items"][0]
    assert (True, ["vip"]) == (shown["customer"]["isB2B"], shown["customer"]["groups"])
    assert [BLANKED, BLANKED, None] == shown["customer"]["loves"]
    assert {"name": BLANKED, "country_code": "US", "zip": BLANKED} == shown["shipping_address"]
    assert shown["contact_email"] is None


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "customerEmail",
        "BILLING_PHONE",
        "first-name",
        "emails",
        "clientIp",
        "address_1 line",
    ],
)
def test_a_member_is_personal_by_its_words_however_it_is_spelt(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize(
    "name", ["currencyCode", "shipping_lines", "warehouse", "title", "0", "shipping_address"]
)
def test_members_of_the_documented_bodies_are_not_personal_by_accident(name: str) -> None:
    assert not is_personal(name)


def test_the_name_of_a_member_may_be_an_address() -> None:
    assert {BLANKED: 1} == blanked({"jane@shop.example": 1})


def test_long_texts_and_deep_documents_are_cut() -> None:
    deep: Any = "end"
    for _ in range(DEPTH_AT_MOST + 5):
        deep = [deep]

    assert "x" * TEXT_AT_MOST + "…" == blanked("x" * 500)
    assert DEEPER in json.dumps(blanked(deep))


def test_network_addresses_are_blanked_in_any_text_and_versions_are_not() -> None:
    assert f"from {BLANKED}" == blanked_text("from 203.0.113.9")
    assert f"from {BLANKED}" == blanked_text("from 2001:db8::1:2")
    assert "at 12:30:00, 1.2.3" == blanked_text("at 12:30:00, 1.2.3")
    assert "ab" == blanked_text("a\0b")


def test_an_address_across_the_cut_is_blanked() -> None:
    shown = blanked_text("x" * (TEXT_AT_MOST - 14) + " jane@shop.example")

    assert "jane" not in shown


def test_a_problem_does_not_quote_what_is_personal() -> None:
    told = blanked_problem("customer.name", "expected text, found 'Jane' of \"Roe\".")

    assert f"expected text, found {BLANKED}." == told
    assert f"{BLANKED} is not one." == blanked_problem("cart.email", "'jane' is not one.")
    message = "expected one of active, archived; found 'activ'."
    assert message == blanked_problem("status", message)
