"""A draft tried out over the admin API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orderguard.domain.configuration.draft import Draft
from tests.admin.test_admin_api import admin_client
from tests.admin.test_configuration_form_pages import PRICE_TEST, a_draft
from tests.support.shop import NOTHING_STORED, RunningServer, Shop
from tests.support.wire import wire_line, wire_request


@pytest.fixture
def admin(shop: Shop) -> httpx.Client:
    return admin_client(shop)


def url(draft: Draft, then: str) -> str:
    return f"/admin/v1/configuration/drafts/{draft.id}/{then}"


def carts_in(preview: dict[str, Any], currency: str) -> list[dict[str, Any]]:
    [carts] = [each["carts"] for each in preview["currencies"] if currency == each["currencyCode"]]
    assert isinstance(carts, list)
    return carts


def test_prices_are_previewed_beside_what_is_published(shop: Shop, admin: httpx.Client) -> None:
    preview = admin.get(url(a_draft(shop), "price-preview")).json()

    cart = carts_in(preview, "USD")[1]
    assert 50_00 == cart["goods"]
    assert (3_48, 4_98, -1_50) == (
        cart["draft"]["amount"],
        cart["published"]["amount"],
        cart["change"],
    )
    assert [{"mode": "returnCoverage", "amount": 3_48, "plan": 1, "when": None}] == cart["draft"][
        "modes"
    ]
    assert "currency_not_supported" == carts_in(preview, "JPY")[0]["published"]["reason"]


def test_the_shopper_can_be_chosen(shop: Shop, admin: httpx.Client) -> None:
    answer = admin.get(url(a_draft(shop), "price-preview?region=CA&group=vip,staff&locale=fr"))

    offer = carts_in(answer.json(), "USD")[0]["draft"]
    assert (False, "Rule 'nothing to Canada'") == (offer["eligible"], offer["because"])


def test_a_group_is_no_longer_than_in_a_request(shop: Shop, admin: httpx.Client) -> None:
    path = url(a_draft(shop), "price-preview")

    assert 200 == admin.get(path, params={"group": "x" * 1_000}).status_code
    assert 400 == admin.get(path, params={"group": "x" * 1_001}).status_code


def test_a_cart_is_tried_and_nothing_recorded(shop: Shop, admin: httpx.Client) -> None:
    request = wire_request(wire_line(), region="CA")

    answer = admin.post(url(a_draft(shop), "try-cart"), json=request)

    told = answer.json()
    assert 200 == answer.status_code
    assert ("eligibility_rule_not_met", None) == (
        told["draft"]["reason"],
        told["draft"]["chargeInstructions"],
    )
    assert "mode" not in told["draft"]
    assert 4_98 == told["published"]["chargeInstructions"]["amount"]
    rules = told["draft"]["debug"]["eligibility"]["checks"][-2]["compared"]["rules"]
    assert [{"name": "nothing to Canada", "holds": True, "failed": None}] == rules
    assert NOTHING_STORED == shop.row_counts()


def test_an_arm_of_the_running_experiment_can_be_chosen(shop: Shop, admin: httpx.Client) -> None:
    draft = a_draft(shop, PRICE_TEST)

    preview = admin.get(url(draft, "price-preview?arm=higher")).json()
    tried = admin.post(url(draft, "try-cart?arm=higher"), json=wire_request()).json()

    assert 9_98 == carts_in(preview, "USD")[0]["draft"]["amount"]
    assert 9_98 == tried["draft"]["chargeInstructions"]["amount"]
    assert 4_98 == tried["published"]["chargeInstructions"]["amount"]


@pytest.mark.parametrize("then", ["price-preview?region=nowhere", "price-preview?locale=%21"])
def test_a_shopper_that_cannot_be_is_refused(shop: Shop, admin: httpx.Client, then: str) -> None:
    answer = admin.get(url(a_draft(shop), then))

    assert 400 == answer.status_code
    assert 1 == len(answer.json()["error"]["details"])


def test_a_draft_with_problems_is_refused_with_them(shop: Shop, admin: httpx.Client) -> None:
    draft = a_draft(shop, 'modes = ["returnCoverage"]\n')

    answers = [
        admin.get(url(draft, "price-preview")),
        admin.post(url(draft, "try-cart"), json=wire_request()),
    ]

    for answer in answers:
        assert 400 == answer.status_code
        fields = [each["field"] for each in answer.json()["error"]["details"]]
        assert ["currencies", "pricing"] == fields


def test_a_request_that_is_none_is_refused(shop: Shop, admin: httpx.Client) -> None:
    answer = admin.post(url(a_draft(shop), "try-cart"), json={"platform": "custom"})

    assert 400 == answer.status_code
    assert "cart" in [each["field"] for each in answer.json()["error"]["details"]]


def test_another_merchants_draft_is_not_found(
    admin: httpx.Client, running_server: RunningServer
) -> None:
    theirs = a_draft(running_server.a_shop())

    assert 404 == admin.get(url(theirs, "price-preview")).status_code
    assert 404 == admin.post(url(theirs, "try-cart"), json=wire_request()).status_code
