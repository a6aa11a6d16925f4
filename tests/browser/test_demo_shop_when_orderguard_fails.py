"""The demo shop in a real browser, with an Orderguard that fails in every way it can."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from orderguard.client.breaker import REST_SECONDS
from orderguard.demo.shop.orderguard_client import ShopAccess
from tests.browser.chromium import Browser
from tests.browser.running_demo import RunningDemo
from tests.browser.shop_page import (
    BOX,
    BUY,
    COVERED,
    FEE,
    MUG,
    PLAIN_BOX,
    REASON,
    VERDICT,
    VIEW,
    accepts,
    at_the_checkout,
    buys,
    changes_quantity,
    is_offered,
    pretends,
)
from tests.browser.unreliable_orderguard import (
    UnreliableOrderguard,
    a_shop_of,
    a_shop_with_unreliable_orderguard,
    url_of,
)
from tests.client.pretend_server import Reply, elapsed_ms

# Asks the shop, because the drawer of a page that was left is never drawn again.
EXCHANGES = """(() => {
  const request = new XMLHttpRequest();
  request.open('GET', '/what-just-happened', false);
  request.send();
  return request.responseText.split('class="path"').length - 1;
})()"""

FAILURES = {
    "answers 500": (Reply(500, {"error": {"code": "internal_error"}}), {"http_500"}),
    "sends a login page": (Reply(200, text=b"<!doctype html><p>Sign in"), {"malformed"}),
    "sends half an answer": (Reply(200, text=b'{"sessionId": "lop_'), {"malformed"}),
    "sends another answer": (Reply(200, {"eligible": True}), {"malformed"}),
    "hangs up": (Reply(drops=True), {"http_504"}),
    # The patience of the element and that of the shop end at about the same moment
    "drips": (Reply(200, drips=True), {"timeout", "http_504"}),
}

Shop = tuple[str, UnreliableOrderguard]


@pytest.fixture
def shop(demo: RunningDemo) -> Iterator[Shop]:
    """A shop for each test, because shops remember that nobody answered."""
    with a_shop_with_unreliable_orderguard(demo) as shop:
        yield shop


@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_orderguard_answers_the_order_goes_through_without_a_fee(
    shop: Shop, browser: Browser, failure: str
) -> None:
    url, orderguard = shop
    orderguard.spoiled, reasons = FAILURES[failure]

    page = at_the_checkout(url, browser.page())
    page.waits_for(f"{VIEW} === 'hidden'")

    assert page.evaluate(REASON) in reasons
    assert not page.evaluate(FEE)
    assert "You ordered without protection." in buys(page)
    assert [] == page.complaints


@pytest.mark.parametrize("failure", FAILURES)
def test_the_same_without_scripts(shop: Shop, browser: Browser, failure: str) -> None:
    url, orderguard = shop
    orderguard.spoiled, _ = FAILURES[failure]

    page = at_the_checkout(url, browser.page(scripts=False))

    assert not page.evaluate(PLAIN_BOX)
    assert "You ordered without protection." in buys(page)


def test_without_scripts_a_plain_box_buys_the_same_protection(shop: Shop, browser: Browser) -> None:
    # Given a browser without scripts, in which no element can appear
    url, _ = shop
    page = at_the_checkout(url, browser.page(scripts=False))
    assert page.evaluate(VIEW) is None

    # When the shopper ticks the plain box and buys
    assert page.evaluate(f"{PLAIN_BOX}.checked") is False
    page.clicks(PLAIN_BOX)
    page.clicks(BUY)

    # Then the order is protected
    page.waits_for(COVERED)
    page.waits_for(f"{VERDICT} === 'accepted, fee exact'")


def test_nobody_waits_for_an_answer_that_never_comes(shop: Shop, browser: Browser) -> None:
    # Given a checkout whose analysis has been asked for, and is not answered
    url, orderguard = shop
    held = orderguard.holds_next()
    page = at_the_checkout(url, browser.page())
    held.waits_for_arrival()

    # When the shopper buys
    words = buys(page)

    # Then the order is placed while Orderguard still owes its answer
    assert not held.released.is_set()
    assert "You ordered without protection." in words


def test_the_page_comes_without_the_element_if_its_script_never_does(
    demo: RunningDemo, browser: Browser
) -> None:
    # Given an Orderguard that is gone altogether, the element's script included
    with a_shop_with_unreliable_orderguard(demo) as (url, orderguard):
        orderguard.front.__exit__()
        page = at_the_checkout(url, browser.page())

        # Then the form is all there is, and it buys
        assert page.evaluate(VIEW) is None
        assert "You ordered without protection." in buys(page)


def test_an_orderguard_that_takes_calls_and_never_answers_holds_up_nothing(
    demo: RunningDemo, browser: Browser
) -> None:
    # Given somebody who takes every call, those for the element's script too, and says nothing
    with (
        socket.create_server(("127.0.0.1", 0), backlog=100) as silence,
        a_shop_of(ShopAccess(url_of(silence), demo.key, demo.orders_key)) as url,
    ):
        # When a shopper goes to the checkout, then the browser has all it waits for
        page = at_the_checkout(url, browser.page())
        assert page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") > 0

        # And the script is still being waited for, by nobody
        page.waits_for(f"performance.getEntriesByName('{url}/static/checkout.js').length")
        assert page.evaluate(VIEW) is None
        assert "You ordered without protection." in buys(page)


def test_pages_without_scripts_soon_stop_waiting_for_a_silent_orderguard(shop: Shop) -> None:
    # Given an Orderguard that never ends its answers, and three pages that have waited for it
    url, orderguard = shop
    orderguard.spoiled = Reply(200, drips=True)
    with httpx.Client(base_url=url, trust_env=False) as shopper:
        shopper.post("/cart/add", data={"sku": MUG})
        for _ in range(3):
            shopper.get("/checkout")
        asked = len(orderguard.front.received)

        # When six more come
        seconds = elapsed_ms(lambda: [shopper.get("/checkout") for _ in range(6)]) / 1000

    # Then at most one has waited for each rest that was over
    assert 3 == asked
    assert len(orderguard.front.received) - asked <= 1 + seconds / REST_SECONDS


def test_a_yes_to_an_offer_that_then_fails_is_asked_for_again(shop: Shop, browser: Browser) -> None:
    # Given a yes
    url, orderguard = shop
    page = at_the_checkout(url, browser.page())
    accepts(page)

    # When the next analysis fails
    orderguard.spoiled = Reply(500, {})
    changes_quantity(page, 2)
    page.waits_for(f"{VIEW} === 'hidden'")
    assert "http_500" == page.evaluate(REASON)
    assert not page.evaluate(FEE)

    # Then the yes does not come back by itself
    orderguard.lets_go()
    page.goes_to(f"{url}/checkout")
    page.waits_for(f"['shown', 'reconfirm'].includes({VIEW})")
    assert page.evaluate(f"{BOX}.checked") is False
    assert not page.evaluate(FEE)


def test_two_rapid_changes_answered_out_of_order_leave_the_last(
    shop: Shop, browser: Browser
) -> None:
    # Given a cart that changes while its analysis is under way
    url, orderguard = shop
    page = at_the_checkout(url, browser.page())
    is_offered(page)
    earlier = orderguard.holds_next()
    changes_quantity(page, 40)
    earlier.waits_for_arrival()

    # When the answer to the later change comes first
    changes_quantity(page, 90)
    page.waits_for(f"{VIEW} === 'shown'")
    earlier.released.set()
    page.waits_for(f"{EXCHANGES} === 3")

    # Then the later one counts: it can be accepted, and is what the order is charged
    fee = accepts(page)
    page.clicks(BUY)
    page.waits_for(COVERED)
    assert fee == page.evaluate("document.getElementById('fee').textContent")
    page.waits_for(f"{VERDICT} === 'accepted, fee exact'")


def test_a_confirmation_that_comes_late_appears_by_itself(shop: Shop, browser: Browser) -> None:
    # Given a yes, and an Orderguard that is dead when the order is placed
    url, _ = shop
    page = at_the_checkout(url, browser.page())
    accepts(page)
    other = page.another_tab()
    other.goes_to(url)
    pretends(other, server="dead")
    assert "still waiting for its confirmation" in buys(page)

    # When it comes back
    pretends(other, server="well")

    # Then the page tells, without being loaded again
    page.evaluate("document.isTheSame = true; undefined")
    page.waits_for(COVERED)
    assert page.evaluate("document.isTheSame")
    assert [] == page.complaints
