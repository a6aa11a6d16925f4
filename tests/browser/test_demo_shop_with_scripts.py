"""The demo shop in a real browser: the element, its glue, and the drawer."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest

from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.running_demo import RunningDemo, running_demo

BOX = "document.querySelector('order-protection')?.shadowRoot?.querySelector('input')"
VIEW = "document.querySelector('order-protection')?.dataset.view"
FEE = "document.querySelector('#fee-row:not([hidden]) #fee')?.textContent"
BUY = "document.querySelector('button.buy')"
COVERED = "Boolean(document.querySelector('.covered'))"
VERDICT = "document.querySelector('.verdict')?.textContent"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def at_the_checkout(
    demo: RunningDemo,
    browser: Browser,
    *,
    server: str = "well",
    engraving: str = "",
    width: int = 1280,
) -> Page:
    """A page at the checkout with one mug more in the cart, on its own words."""
    page = browser.page(width=width)
    page.goes_to(demo.shop_url)
    page.evaluate(f"document.querySelector('[name=server]').value = '{server}'")
    page.evaluate("document.marked = true; document.querySelector('.switches form button').click()")
    page.waits_for("!document.marked && document.readyState === 'complete'")
    page.evaluate(f"document.querySelector('[name=engraving]').value = {engraving!r}")
    page.clicks("document.querySelector('[name=engraving]').form.querySelector('button')")
    page.waits_for("location.pathname === '/cart' && document.readyState === 'complete'")
    page.goes_to(f"{demo.shop_url}/checkout")
    return page


def test_a_click_adds_the_fee_and_the_order_is_covered(demo: RunningDemo, browser: Browser) -> None:
    # Given a checkout with a hostile engraving, and an offer that is off
    page = at_the_checkout(demo, browser, engraving="<img src=x onerror='document.pwned=1'>")
    page.waits_for(f"{VIEW} === 'shown'")
    assert page.evaluate(f"{BOX}.checked") is False
    before = page.evaluate("document.getElementById('total').textContent")

    # When the shopper ticks it, and buys
    page.clicks(BOX)
    fee = page.waits_for(FEE)
    with_fee = page.evaluate("document.getElementById('total').textContent")
    page.clicks(BUY)

    # Then the confirmation shows the coverage, and the drawer that the fee was exact
    page.waits_for(COVERED)
    assert before != with_fee
    assert fee == page.evaluate(FEE.replace("#fee-row:not([hidden]) ", ""))
    assert "accepted, fee exact" == page.evaluate(VERDICT)
    assert page.evaluate("document.pwned") is None


def test_taking_the_tick_away_takes_the_fee_away(demo: RunningDemo, browser: Browser) -> None:
    page = at_the_checkout(demo, browser)
    page.waits_for(f"{VIEW} === 'shown'")
    page.clicks(BOX)
    page.waits_for(FEE)

    page.clicks(BOX)
    page.waits_for(f"!{FEE}")
    page.clicks(BUY)

    page.waits_for("document.body.textContent.includes('You ordered without protection.')")


def test_a_dearer_cart_asks_again_and_a_reload_remembers_the_answer(
    demo: RunningDemo, browser: Browser
) -> None:
    # Given a shopper who said yes
    page = at_the_checkout(demo, browser)
    page.waits_for(f"{VIEW} === 'shown'")
    page.clicks(BOX)
    page.waits_for(FEE)

    # When the cart becomes a hundred times as dear
    page.evaluate("document.querySelector('[name=change][value^=\"2 \"]').value = '90 KK-MUG-EN'")
    page.clicks("document.querySelector('[name=change][value^=\"90 \"]')")

    # Then the shopper is asked again, and the new yes survives a reload
    page.waits_for(f"{VIEW} === 'reconfirm'")
    assert not page.evaluate(FEE)
    page.clicks(BOX)
    fee = page.waits_for(FEE)
    page.goes_to(f"{demo.shop_url}/checkout")
    assert fee == page.waits_for(FEE)
    page.clicks(BUY)
    page.waits_for(COVERED)


@pytest.mark.parametrize("mood", ["dead", "slow"])
def test_a_server_that_fails_hides_the_offer_and_nobody_waits(
    demo: RunningDemo, browser: Browser, mood: str
) -> None:
    # Given a checkout while the server is dead or slow
    started = perf_counter()
    page = at_the_checkout(demo, browser, server=mood)
    page.waits_for(f"Boolean({BUY})")

    # When the shopper buys at once
    page.clicks(BUY)
    page.waits_for("location.pathname.startsWith('/orders/') && document.readyState === 'complete'")

    # Then the order is placed
    assert "without protection" in page.evaluate("document.body.textContent")
    assert perf_counter() - started < 10


def test_the_drawer_tells_why_an_offer_is_hidden(demo: RunningDemo, browser: Browser) -> None:
    page = at_the_checkout(demo, browser, server="dead")

    page.waits_for(f"{VIEW} === 'hidden'")

    assert page.waits_for(f"{VERDICT}?.startsWith('unreachable')")
    assert not page.evaluate("document.querySelector('.plain-offer')")


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_of_the_shop_scrolls_sideways(
    demo: RunningDemo, browser: Browser, width: int
) -> None:
    page = at_the_checkout(demo, browser, engraving="W" * 60, width=width)
    page.waits_for(f"{VIEW} === 'shown'")
    widths = [page.evaluate("document.documentElement.scrollWidth")]

    for path in ("/", "/cart"):
        page.goes_to(demo.shop_url + path)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert [width] * 3 == widths
