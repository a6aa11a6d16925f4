"""The box in Chromium: beside BigCommerce's real Checkout SDK, and in a page without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.browser.chromium import Browser, Page, running_chromium
from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce import sdk_bundle
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.woocommerce.front import UNAVAILABLE
from tests.connectors.woocommerce.merchant import DOCUMENT, Merchant, covered
from tests.support.builders import a_document

BOX = "document.querySelector('[data-orderguard-box]')"
TICK = f"{BOX}?.shadowRoot.querySelector('input')"
TEXT = f"({BOX}?.shadowRoot.textContent ?? '')"
IS_SHOWN = f"Boolean({TICK}) && !{BOX}.hidden"
TOTAL = "document.querySelector('#total').textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def sdk() -> bytes:
    if os.environ.get("ORDERGUARD_BIGCOMMERCE") != "yes" and os.environ.get("CI") != "true":
        pytest.skip("THE CHECKOUT SDK WAS NOT TRIED. With it, from npm: make bigcommerce-test")
    return sdk_bundle.bundle()


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.page(width=1200)


def opens_checkout(page: Page, shops: BigCommerce, shopper: Shopper) -> None:
    page.goes_to(f"{shops.url}/checkout?cart={shopper.cart.id}")


def reported(owner: Owner, shopper: Shopper) -> int:
    order = shopper.place()
    owner.deliver()
    return order.id


def test_02_a_person_ticks_the_box_and_the_sdk_shows_the_fee_in_its_total(
    page: Page, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce, sdk: bytes
) -> None:
    shops.files["/sdk.js"] = sdk
    shopper.add("lamp")
    opens_checkout(page, shops, shopper)
    page.waits_for(IS_SHOWN)
    page.waits_for(f"{TOTAL} === '55'")
    assert page.evaluate(f"{TICK}.checked") is False
    assert "$4.98" in page.evaluate(TEXT)

    page.clicks(TICK)
    page.waits_for(f"{TOTAL} === '59.98'")
    page.waits_for(f"{TICK}.checked && !{TICK}.disabled")
    assert "orderguard:" in page.evaluate("document.querySelector('#fees').textContent")

    assert page.evaluate("globalThis.fault ?? null") is None
    assert [] == page.complaints
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_02_a_click_that_a_change_of_the_page_overtakes_still_reaches_the_total(
    page: Page, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce, sdk: bytes
) -> None:
    shops.files["/sdk.js"] = sdk
    shopper.add("lamp")
    opens_checkout(page, shops, shopper)
    page.waits_for(f"{IS_SHOWN} && {TOTAL} === '55'")
    # While the click is answered the page asks for the checkout, as it does after any change.
    page.evaluate("globalThis.ask = fetch; globalThis.sent = 0; undefined")
    page.evaluate("""
      globalThis.fetch = (...given) => {
        if (!String(given[0]).includes('/offer/')) return ask(...given);
        sent += 1;
        if (sent > 1) return ask(...given);
        ask(location.origin + '/api/storefront/carts/');
        const later = () => new Promise((done) => setTimeout(done, 20));
        const isNext = () => (sent > 1 ? undefined : later().then(isNext));
        return isNext().then(() => ask(...given));
      };
      undefined
    """)

    page.clicks(TICK)

    page.waits_for(f"sent > 1 && {TOTAL} === '59.98' && {TICK}.checked")
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_10_what_the_sdk_changes_in_the_cart_reaches_box_and_fee(
    page: Page, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce, sdk: bytes
) -> None:
    shops.files["/sdk.js"] = sdk
    plans = [{"when": "cart.discountedSubtotalAmount > 14000", "base": {"USD": 3_10}}]
    pricing = {**DOCUMENT["pricing"], "returnCoverage": [*plans, {"base": {"USD": 2_98}}]}
    merchant.shop.publish(a_document(**DOCUMENT | {"exclusions": [], "pricing": pricing}))
    shopper.add("lamp", 3)
    opens_checkout(page, shops, shopper)
    page.waits_for(f"{IS_SHOWN} && {TOTAL} === '155'")
    page.clicks(TICK)
    page.waits_for(f"{TOTAL} === '160.1'")  # 150.00, 5.00 of shipping, 5.10

    page.clicks("document.querySelector('#coupon')")  # ten percent off, by the SDK

    page.waits_for(f"{TOTAL} === '144.98'")
    page.waits_for(f"{TEXT}.includes('$4.98') && {TICK}.checked")
    assert covered(135_00, 4_98) == merchant.books(reported(owner, shopper))


def test_02_a_page_that_does_not_listen_is_loaded_again(
    page: Page, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shops.files.pop("/sdk.js", None)
    shopper.add("lamp")
    opens_checkout(page, shops, shopper)
    page.waits_for(IS_SHOWN)
    page.evaluate("globalThis.isFirst = true")

    page.clicks(TICK)

    page.waits_for(f"!globalThis.isFirst && {IS_SHOWN} && {TICK}.checked")
    assert 59_98 == shopper.total
    assert covered(50_00, 4_98) == merchant.books(reported(owner, shopper))


def test_05_a_yes_that_ended_is_said_and_asked_for_again(
    page: Page, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    shops.files.pop("/sdk.js", None)
    shopper.add("lamp")
    shopper.see()
    shopper.tick()
    shopper.add("lamp", 4)

    opens_checkout(page, shops, shopper)

    # The fee went, so the page was loaded again; the sentence is still there.
    says = ("The price has changed", "$11.98")
    page.waits_for(" && ".join(f"{TEXT}.includes({word!r})" for word in says))
    page.waits_for(f"{IS_SHOWN} && !{TICK}.checked")
    assert (None, 255_00) == (shopper.fee, shopper.total)
    assert 0 == merchant.billed()


@pytest.mark.parametrize("fault", ["orderguard", "bigcommerce"])
def test_17_without_an_answer_there_is_a_checkout_without_a_box(
    page: Page, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce, fault: str
) -> None:
    shops.files.pop("/sdk.js", None)
    shopper.add("lamp")
    shopper.cart.coupon = Decimal(0)
    if fault == "orderguard":
        merchant.front.spoiled = UNAVAILABLE
    else:
        shops.fails("GET /stores/.*/checkouts/", Reply(500, {}), times=99)

    opens_checkout(page, shops, shopper)
    page.waits_for("performance.getEntriesByType('resource').some(e => e.name.includes('/offer/'))")

    page.waits_for(f"!{BOX} || {BOX}.hidden")
    assert [] == page.complaints
    merchant.front.spoiled = None
    shops.spoiled.clear()
    assert 55_00 == shopper.total
    assert "declined" == merchant.books(reported(owner, shopper)).outcome  # type: ignore[union-attr]
