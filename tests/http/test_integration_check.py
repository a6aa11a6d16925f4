"""Mistakes that the API cannot answer at once are found by the integration check (contract §13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orderguard.actions.check_integration import check_integration
from orderguard.actions.find_merchant import get_merchant
from orderguard.domain.integration.check import IntegrationCheck, Standing, Verdict
from orderguard.running.wiring import now, wire_find_configuration
from tests.support.order_desk import OrderShop, accepted_order, of_session, wire_fee, wire_order
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer
from tests.support.wire import wire_line

SHIPPED = [{"deliveryMethod": "SHIPPING"}]


class Integration:
    """A sandbox's integration: one that makes no mistake but those of the test."""

    def __init__(self, shop: OrderShop) -> None:
        self.shop = shop
        self.carts = 0

    def analyze(self, **changes: Any) -> dict[str, Any]:
        self.carts += 1
        request = {"cartId": f"cart-{self.carts}", "deliveryGroups": SHIPPED} | changes
        answer: dict[str, Any] = self.shop.shop.analyze(**request)
        return answer

    def buy(self, **changes: Any) -> dict[str, Any]:
        """An order with the fee as quoted, of a cart of its own."""
        session = self.analyze()["sessionId"]
        order = accepted_order(session, external_id=f"order-{self.carts}", **changes)
        return self.shop.push(order)

    def check(self) -> IntegrationCheck:
        with self.shop.shop.running.database.read() as work:
            merchant = get_merchant(work, self.shop.id)
            return check_integration(work, merchant, wire_find_configuration(), real_at=now())

    def standing(self, code: str) -> tuple[Standing, str]:
        [line] = [each for each in self.check().lines if each.rule.code == code]
        return line.standing, line.evidence[0].note if line.evidence else ""


@pytest.fixture
def integration(running_server: RunningServer) -> Integration:
    return Integration(OrderShop(running_server.a_shop(is_sandbox=True)))


def whole_dollars(of: Integration) -> None:
    cart = dict.fromkeys(("subtotalAmount", "discountedSubtotalAmount", "totalAmount"), 50)
    request = {"cartId": "dollars", "deliveryGroups": SHIPPED, "cart": cart}
    of.shop.shop.analyze(wire_line(50), **request)


def a_currency_that_is_not_configured(of: Integration) -> None:
    of.analyze(cart={"currencyCode": "EUR"})


def no_session_id(of: Integration) -> None:
    of.analyze()
    of.shop.push(accepted_order())


def a_misspelt_session_id(of: Integration) -> None:
    session = of.analyze()["sessionId"]
    of.shop.push(wire_order(metadata=[{"key": "sessionId", "value": session}]))


def a_fee_in_major_units(of: Integration) -> None:
    of.buy(fees=[wire_fee(4)])


def a_fee_without_modes(of: Integration) -> None:
    of.buy(fees=[{"name": "Fee", "amount": wire_fee()["amount"]}])


def a_fee_with_misspelt_modes(of: Integration) -> None:
    fee = wire_fee()
    fee["acceptedOfferMode"] = fee.pop("accepted_offer_mode")
    of.buy(fees=[fee])


def no_delivery_groups(of: Integration) -> None:
    of.analyze(deliveryGroups=None)


def an_id_only_inside_cart(of: Integration) -> None:
    of.analyze(cartId=None, cart={"id": "cart-7"})


def an_order_before_any_analysis(of: Integration) -> None:
    of.shop.push(wire_order(metadata=of_session("cart-7")))


@pytest.mark.parametrize(
    ("mistake", "code", "note"),
    [
        (whole_dollars, "minor_units", "50 was probably meant as 50.00 USD"),
        (a_currency_that_is_not_configured, "currencies_seen", "is in EUR"),
        (no_session_id, "session_on_order", "has the fee but no session_id"),
        (
            a_misspelt_session_id,
            "session_on_order",
            "metadata.0.value has a session id, which is not read",
        ),
        (a_fee_in_major_units, "fee_as_quoted", "4.98 USD was quoted: The fee was never quoted"),
        (a_fee_without_modes, "mode_verbatim", "no accepted_offer_mode"),
        (a_fee_with_misspelt_modes, "mode_verbatim", "A fee has acceptedOfferMode"),
        (no_delivery_groups, "delivery_groups", "came without deliveryGroups"),
        (an_id_only_inside_cart, "analysed_again", "only inside cart"),
        (an_order_before_any_analysis, "analysed_before_order", "before any cart"),
    ],
)
def test_a_mistake_that_is_legal_is_found(
    mistake: Callable[[Integration], None], code: str, note: str, integration: Integration
) -> None:
    mistake(integration)

    standing, found = integration.standing(code)

    assert Standing.BROKEN is standing
    assert note in found
    assert Verdict.BROKEN is integration.check().verdict


def test_an_integration_without_a_mistake_passes(integration: Integration) -> None:
    # Given a cart that changes, an accepted, a declined and a cancelled order
    for price in (50_00, 60_00):
        cart = dict.fromkeys(("subtotalAmount", "discountedSubtotalAmount"), price)
        integration.shop.shop.analyze(
            wire_line(price), cartId="changes", deliveryGroups=SHIPPED, cart=cart
        )
    bought = [integration.buy(), integration.buy()]
    declined = integration.analyze(deliveryGroups=[{"deliveryMethod": "PICKUP"}])["sessionId"]
    integration.shop.push(wire_order("declined", metadata=of_session(declined)))
    cancelled = {"external_id": bought[0]["external_id"], "status": "cancelled"}
    integration.shop.push({**accepted_order(), **cancelled, "metadata": bought[0]["metadata"]})

    # When its traffic is checked
    checked = integration.check()

    # Then nothing is broken, and the evidence names the orders
    standings = {line.rule.code: line.standing for line in checked.lines}
    assert Verdict.PASSED is checked.verdict, standings
    assert (4, 3) == (checked.sessions, checked.orders)
    held = {code for code, standing in standings.items() if standing is Standing.HELD}
    assert {"analysed_again", "delivery_groups", "declined_pushed", "given_back"} <= held
    assert {"same_order_once", "new_session_per_order", "modes_seen"} <= held
    evidence = {each.id for line in checked.lines for each in line.evidence}
    assert {str(each["id"]) for each in bought} <= evidence


def test_a_key_in_a_browser_is_found_but_not_on_a_page_of_our_own(
    integration: Integration,
) -> None:
    shop = integration.shop.shop

    def sent_from(origin: str) -> Standing:
        shop.http.post("/v1/analyze", json={}, headers={"Origin": origin})
        return integration.standing("key_on_server")[0]

    # Uses of keys are stored every few seconds.
    wait_until(lambda: sent_from(shop.running.url) is Standing.HELD, seconds=60)
    wait_until(lambda: sent_from("https://shop.example") is Standing.BROKEN, seconds=60)


def test_old_mistakes_are_past_when_only_new_traffic_is_read(integration: Integration) -> None:
    admin = integration.shop.shop.running.client(
        **{"X-Authorization": integration.shop.shop.issue_key("admin").text}
    )
    no_delivery_groups(integration)
    answer = admin.get("/admin/v1/integration")
    assert 200 == answer.status_code, answer.text
    before = answer.json()

    assert 200 == admin.post("/admin/v1/sandbox/clock", json={"advance": "2h"}).status_code
    after = admin.get("/admin/v1/integration", params={"within": "1h"}).json()
    refused = admin.get("/admin/v1/integration", params={"within": "yesterday"})

    assert ("broken", 1) == (before["verdict"], before["sessionsRead"])
    assert ("incomplete", 0) == (after["verdict"], after["sessionsRead"])
    assert (400, "within") == (refused.status_code, refused.json()["error"]["details"][0]["field"])
