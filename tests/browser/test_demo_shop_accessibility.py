"""axe on every page of the demo shop, in every state it can be in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page
from tests.browser.shop_page import (
    BOX,
    BUY,
    COVERED,
    PLAIN_BOX,
    TENT,
    VIEW,
    accepts,
    at_the_checkout,
    buys,
    changes_quantity,
    leaves_by,
    pretends,
)

OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true"


def the_catalogue(url: str, page: Page) -> None:
    page.goes_to(url)


def an_empty_cart(url: str, page: Page) -> None:
    page.goes_to(f"{url}/cart")


def a_full_cart(url: str, page: Page) -> None:
    at_the_checkout(url, page)
    page.goes_to(f"{url}/cart")


def an_offer(url: str, page: Page) -> None:
    at_the_checkout(url, page)
    page.waits_for(f"{VIEW} === 'shown'")


def an_offer_in_arabic(url: str, page: Page) -> None:
    at_the_checkout(url, page, locale="ar")
    page.waits_for(f"{VIEW} === 'shown'")


def an_accepted_offer(url: str, page: Page) -> None:
    at_the_checkout(url, page)
    accepts(page)


def an_offer_to_confirm_again(url: str, page: Page) -> None:
    an_accepted_offer(url, page)
    changes_quantity(page, 90)
    page.waits_for(f"{VIEW} === 'reconfirm'")


def no_offer(url: str, page: Page) -> None:
    at_the_checkout(url, page, is_b2b="yes")
    page.waits_for(f"{VIEW} === 'hidden'")


def a_dead_orderguard(url: str, page: Page) -> None:
    at_the_checkout(url, page, server="dead")
    page.waits_for(f"{VIEW} === 'hidden'")


def a_slow_orderguard(url: str, page: Page) -> None:
    at_the_checkout(url, page, server="slow")


def a_cart_changed_elsewhere(url: str, page: Page) -> None:
    at_the_checkout(url, page)
    other = page.another_tab()
    other.goes_to(f"{url}/cart")
    changes_quantity(other, 2)
    leaves_by(page, BUY)


def a_protected_order(url: str, page: Page) -> None:
    an_accepted_offer(url, page)
    page.clicks(BUY)
    page.waits_for(COVERED)


def an_unprotected_order(url: str, page: Page) -> None:
    at_the_checkout(url, page)
    buys(page)


def an_order_not_yet_confirmed(url: str, page: Page) -> None:
    # Given a yes, and then a server that dies before the order: only the mood changes, not the cart
    an_accepted_offer(url, page)
    other = page.another_tab()
    other.goes_to(url)
    pretends(other, server="dead")
    buys(page)


STATES: tuple[Callable[[str, Page], None], ...] = (
    the_catalogue,
    an_empty_cart,
    a_full_cart,
    an_offer,
    an_offer_in_arabic,
    an_accepted_offer,
    an_offer_to_confirm_again,
    no_offer,
    a_dead_orderguard,
    a_slow_orderguard,
    a_cart_changed_elsewhere,
    a_protected_order,
    an_unprotected_order,
    an_order_not_yet_confirmed,
)


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(
    shop_url: str, browser: Browser, state: Callable[[str, Page], None], width: int
) -> None:
    page = browser.page(width=width)
    state(shop_url, page)
    # The switches and the drawer, with all that was said, belong to every page
    page.evaluate(OPEN_ALL)

    assert [] == violations(page)
    assert width == page.evaluate("document.documentElement.scrollWidth")


def test_a_keyboard_alone_buys_protection(shop_url: str, browser: Browser) -> None:
    page = at_the_checkout(shop_url, browser.page(), sku=TENT)
    page.waits_for(f"{VIEW} === 'shown'")

    page.evaluate(f"{BOX}.focus()")
    page.presses("Space")
    page.waits_for(f"{BOX}.checked")
    page.presses("Tab", "Enter")

    page.waits_for(COVERED)


def test_axe_finds_nothing_in_the_plain_offer_either(shop_url: str, browser: Browser) -> None:
    # Given what people without scripts see, in a browser that runs axe: no element, no cookie
    page = browser.page()
    page.never_gets("*/widget/*")
    at_the_checkout(shop_url, page)
    page.evaluate("document.cookie = 'fjord_script=0; path=/'; undefined")
    page.goes_to(f"{shop_url}/checkout?plain")

    page.waits_for(f"Boolean({PLAIN_BOX})")
    assert [] == violations(page)
