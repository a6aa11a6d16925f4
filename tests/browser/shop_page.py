"""What a shopper does and sees in the demo shop, in the words of a browser."""

from __future__ import annotations

from tests.browser.chromium import Page

TENT = "TN-TENT2-MOS"
CANOE = "HS-CANOE49"
MUG = "KK-MUG-EN"

BOX = "document.querySelector('order-protection')?.shadowRoot?.querySelector('input')"
PLAIN_BOX = "document.querySelector('.plain-offer input[type=checkbox]')"
VIEW = "document.querySelector('order-protection')?.dataset.view"
REASON = "document.querySelector('order-protection')?.dataset.reason"
FEE = "document.querySelector('#fee-row:not([hidden]) #fee')?.textContent"
TOTAL = "document.getElementById('total')?.textContent"
BUY = "document.querySelector('button.buy')"
COVERED = "Boolean(document.querySelector('.covered'))"
VERDICT = "document.querySelector('.verdict')?.textContent"
WORDS = "document.querySelector('main').textContent"

ARRIVED = "!document.isOld && document.readyState === 'complete'"


def leaves_by(page: Page, element: str) -> None:
    """Click something that leads to another page, and wait for that page."""
    page.waits_for(f"Boolean({element})")
    page.evaluate("document.isOld = true; undefined")
    page.clicks(element)
    page.waits_for(ARRIVED)


def pretends(page: Page, **switches: str) -> None:
    """Set these switches at the top of the page; `yes` ticks a box."""
    for name, value in switches.items():
        switch = f"document.querySelector('.switches [name={name}]')"
        page.evaluate(f"{switch}.type === 'checkbox' ? {switch}.checked = true "
                      f": {switch}.value = '{value}'; undefined")  # fmt: skip
    leaves_by(page, "document.querySelector('.switches form button')")


def puts_in_cart(page: Page, sku: str, engraving: str = "") -> None:
    """From the catalogue."""
    form = f"document.querySelector('[name=sku][value=\"{sku}\"]').form"
    if engraving:
        page.evaluate(f"{form}.querySelector('[name=engraving]').value = {engraving!r}")
    leaves_by(page, f"{form}.querySelector('button')")


def changes_quantity(page: Page, quantity: int, *, by: int = 1) -> None:
    """Press the button after the quantity of the first line, or before it, as if it said this."""
    button = f"document.querySelectorAll('.stepper button')[{0 if by < 0 else 1}]"
    page.evaluate(f"{button}.value = {button}.value.replace(/^\\d+/, '{quantity}'); undefined")
    leaves_by(page, button)


def at_the_checkout(
    shop_url: str, page: Page, *, sku: str = MUG, engraving: str = "", **switches: str
) -> Page:
    """The page at the checkout with one thing more in the cart."""
    page.goes_to(shop_url)
    if switches:
        pretends(page, **switches)
    puts_in_cart(page, sku, engraving)
    page.goes_to(f"{shop_url}/checkout")
    return page


_OUT_OF_TIME = ("timeout", "http_504")
"""The reasons that the element gives when the shop's time for Orderguard is over."""


def is_offered(page: Page) -> None:
    """Wait until the element offers protection.

    A busy machine may use up the 800 ms that the shop gives Orderguard; the checkout is then opened
    again, as a shopper would who was told of an offer.
    """
    settled = f"['shown', 'hidden'].includes({VIEW}) && {VIEW}"
    for _ in range(20):
        if page.waits_for(settled) == "shown" or page.evaluate(REASON) not in _OUT_OF_TIME:
            break
        page.evaluate("document.isOld = true; location.reload(); undefined")
        page.waits_for(ARRIVED)
    page.waits_for(f"{VIEW} === 'shown'")


def accepts(page: Page) -> str:
    """Tick the box of the element once it is offered. The fee that the shop then shows."""
    is_offered(page)
    page.clicks(BOX)
    fee: str = page.waits_for(FEE)
    return fee


def buys(page: Page) -> str:
    """Place the order. What the confirmation says."""
    page.clicks(BUY)
    page.waits_for("location.pathname.startsWith('/orders/') && document.readyState === 'complete'")
    words: str = page.evaluate(WORDS)
    return words


def buys_protected(page: Page) -> str:
    """Place the order, and wait for its coverage. What the confirmation says then."""
    page.clicks(BUY)
    page.waits_for(COVERED)
    words: str = page.evaluate(WORDS)
    return words
