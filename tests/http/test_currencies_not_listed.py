"""Currencies that ISO 4217 has withdrawn, or never listed: read for ever, offered never again."""

from __future__ import annotations

import pytest

from orderguard.domain import money
from orderguard.domain.iso4217 import EXPONENTS
from orderguard.domain.people.account import Role
from tests.support.console import a_visitor
from tests.support.order_desk import OrderShop, an_order_shop, states, wire_order
from tests.support.shop import RunningServer


def an_accepted_order_in(currency: str, session: str) -> dict[str, object]:
    """One lamp at 50.00, and the fee of 4.98."""

    def money(amount: int) -> dict[str, object]:
        return {"amount": amount, "currency_code": currency}

    return wire_order(
        total_price=money(54_98),
        line_items=[{"external_id": "lamp", "quantity": 1, "unit_price": money(50_00)}],
        fees=[
            {"amount": money(4_98), "accepted_offer_mode": ["returnCoverage", "shippingProtection"]}
        ],
        metadata=[{"key": "session_id", "value": session}],
    )


def test_an_order_in_a_withdrawn_currency_is_covered_and_ended(
    running_server: RunningServer,
) -> None:
    desk = an_order_shop(running_server)
    order = an_accepted_order_in("BGN", desk.analyze(cart={"currencyCode": "BGN"}))

    pushed = desk.push(order)
    billed = desk.billed()
    cancelled = desk.push(order | {"status": "cancelled"})

    assert {50_00} == {each["amount"]["amount"] for each in pushed["coverages"]}
    assert 4_98 == sum(billed.values())
    assert {"returnCoverage": "voided", "shippingProtection": "voided"} == states(cancelled)
    assert 0 == sum(desk.billed().values())
    assert desk.http.delete("/api/v1/orders/external/1001").status_code in (200, 204)


def test_what_was_sold_before_a_withdrawal_ends_after_it(
    running_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an offer and an order in forints
    prices = [{"base": {"USD": 2_49, "HUF": 2_49}}]
    pricing = {"returnCoverage": prices, "shippingProtection": prices}
    desk = an_order_shop(running_server, currencies=["HUF", "USD"], pricing=pricing)
    order = an_accepted_order_in("HUF", desk.analyze(cart={"currencyCode": "HUF"}))
    assert "exact" == desk.push(order)["acceptance"]["verdict"]

    # When ISO withdraws the forint
    listed = {code: digits for code, digits in EXPONENTS.items() if code != "HUF"}
    monkeypatch.setattr(money, "EXPONENTS", listed)
    after = running_server.a_shop(currencies=["HUF", "USD"], pricing=pricing)

    # Then nothing is offered in it, dollars are as they were, and the order can be ended
    assert "currency_not_supported" == after.analyze(cart={"currencyCode": "HUF"})["reason"]
    assert 4_98 == after.analyze()["chargeInstructions"]["amount"]
    assert {"voided"} == {*states(desk.push(order | {"status": "cancelled"})).values()}
    assert 0 == sum(desk.billed().values())


def test_the_console_shows_a_cart_in_a_currency_that_nobody_lists(
    running_server: RunningServer,
) -> None:
    desk = OrderShop(running_server.a_shop())
    session = desk.analyze(cart={"currencyCode": "IRT", "subtotalAmount": 500_000})
    viewer = a_visitor(desk.shop, Role.VIEWER)

    pages = [
        viewer.http.get(f"/console/m/{desk.id}{path}", follow_redirects=True)
        for path in (f"/sessions/{session}", "/sessions", "/overview", "/analytics")
    ]

    assert [200] * len(pages) == [page.status_code for page in pages]
    assert "500,000\N{NO-BREAK SPACE}IRT" in pages[0].text
