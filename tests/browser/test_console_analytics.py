"""Analytics in a real browser: axe, a small phone, and charts under the strict policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orderguard.running.wiring import now, wire_roll_up
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.test_console_shell import signed_in
from tests.support.order_desk import OrderShop, accepted_order
from tests.support.shop import RunningServer
from tests.support.wire import wire_line

SCREENS = (
    "/analytics",
    "/analytics?by=cartValue&only=platform:woocommerce",
    "/analytics?from=2026-12-01&to=2026-11-01",
)


@pytest.fixture(scope="module")
def order_shop(running_server: RunningServer) -> OrderShop:
    """A merchant with an acceptance and a hidden offer."""
    order_shop = OrderShop(running_server.a_shop())
    order_shop.push(accepted_order(order_shop.analyze(wire_line())))
    order_shop.analyze(cart={"lines": []})
    for _ in wire_roll_up(running_server.database).catch_up(order_shop.shop.id, at=now()):
        pass
    return order_shop


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def at_desk(browser: Browser, order_shop: OrderShop) -> Page:
    return signed_in(browser, order_shop.shop)


@pytest.fixture(scope="module")
def on_phone(browser: Browser, order_shop: OrderShop) -> Page:
    return signed_in(browser, order_shop.shop, width=320)


def url_of(order_shop: OrderShop, screen: str) -> str:
    return f"{order_shop.shop.running.url}/console/m/{order_shop.shop.id}{screen}"


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(at_desk: Page, order_shop: OrderShop, screen: str) -> None:
    at_desk.goes_to(url_of(order_shop, screen))

    assert [] == violations(at_desk)
    assert [] == at_desk.complaints


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_scrolls_sideways_on_a_small_phone(
    on_phone: Page, order_shop: OrderShop, screen: str
) -> None:
    on_phone.goes_to(url_of(order_shop, screen))

    assert 320 == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)


def test_charts_are_drawn_under_the_policy(at_desk: Page, order_shop: OrderShop) -> None:
    at_desk.goes_to(url_of(order_shop, "/analytics"))

    at_desk.waits_for("document.querySelectorAll('.chart canvas').length === 2")
    painted = at_desk.evaluate(
        "[...document.querySelectorAll('.chart canvas')].every(canvas => "
        "canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.some(Boolean))"
    )
    assert painted
    assert [] == at_desk.complaints
