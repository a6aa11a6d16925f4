"""The Block checkout in Chromium: our script between the server and a person who clicks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, Page, running_chromium
from tests.connectors.woocommerce.front import UNAVAILABLE
from tests.connectors.woocommerce.merchant import Merchant, covered
from tests.connectors.woocommerce.shoppers import ADDRESS, EMAIL
from tests.connectors.woocommerce.site import Site

BOX = 'document.querySelector(".orderguard-box")'
TICK = f'{BOX}?.querySelector("input[type=checkbox]")'
TOTAL = (
    '(document.querySelector(".stub-total") ?? document.querySelector('
    '".wc-block-components-totals-footer-item .wc-block-components-totals-item__value"))'
)
PLACE = 'document.querySelector(".wc-block-components-checkout-place-order-button")'
IS_PLACED = (
    "document.querySelector('.stub-placed')?.textContent || /order-received/.test(location.search)"
)
PICTURES = os.environ.get("WOOCOMMERCE_PICTURES")
"""A folder for screenshots of the real checkout, for the guide."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, shop: Site) -> Page:
    """A browser with a lamp in the cart and an address, in front of the Block checkout."""
    options = {
        "woocommerce_checkout_page_id": shop.ids["block"],
        "woocommerce_bacs_settings": {"enabled": "no"},  # cash on delivery is what is left
    }
    shop.control("options", options)
    page = browser.page(width=1200)
    page.goes_to(f"{shop.url}/?add-to-cart={shop.ids['lamp']}")
    customer = {"billing_address": ADDRESS | {"email": EMAIL}, "shipping_address": ADDRESS}
    page.evaluate(f"""
      globalThis.ready = false;
      (async () => {{
        const cart = await fetch('/?rest_route=/wc/store/v1/cart');
        await fetch('/?rest_route=/wc/store/v1/cart/update-customer', {{
          method: 'POST',
          headers: {{'Content-Type': 'application/json', Nonce: cart.headers.get('Nonce')}},
          body: JSON.stringify({json.dumps(customer)}),
        }});
        globalThis.ready = true;
      }})();
      undefined
    """)
    page.waits_for("globalThis.ready")
    return page


def opens_checkout(page: Page, shop: Site) -> None:
    page.goes_to(f"{shop.url}/?page_id={shop.ids['block']}")


def takes_picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES, f"{name}.png").write_bytes(page.picture())


def test_a_person_ticks_the_box_pays_and_is_covered(
    page: Page, shop: Site, merchant: Merchant
) -> None:
    opens_checkout(page, shop)
    page.waits_for(f"Boolean({TICK})")
    assert page.evaluate(f"{TICK}.checked") is False
    assert "$4.98" in page.evaluate(f"{BOX}.textContent")
    # While PHP drew the page it asked nobody; the browser did, once.
    assert 1 == merchant.front.asked("/v1/analyze")

    page.clicks(TICK)
    page.waits_for(f"{TICK}.checked && !{TICK}.disabled")
    page.waits_for(f"/59\\.?98/.test({TOTAL}.textContent)")
    takes_picture(page, "woocommerce-block-checkout")

    page.clicks(PLACE)
    page.waits_for(IS_PLACED)
    order = shop.control("last_order")
    shop.control("run_queue", True)

    assert "59.98" == order["total"]
    assert covered(50_00, 4_98) == merchant.books(order["id"])
    assert [] == [text for text in page.complaints if "orderguard" in text.lower()]


def test_a_box_that_comes_and_goes_moves_with_the_cart(
    page: Page, shop: Site, merchant: Merchant
) -> None:
    opens_checkout(page, shop)
    page.clicks(TICK)
    page.waits_for(f"{TICK}.checked && !{TICK}.disabled")

    merchant.front.spoiled = UNAVAILABLE
    page.clicks(TICK)  # a no needs no Orderguard
    page.waits_for(f"!{TICK} || (!{TICK}.checked && !{TICK}.disabled)")

    page.waits_for(f"/55\\.?00/.test({TOTAL}.textContent)")
    assert 0 == merchant.billed()


def test_without_an_answer_there_is_a_checkout_without_a_box(
    page: Page, shop: Site, merchant: Merchant
) -> None:
    merchant.front.spoiled = UNAVAILABLE
    opens_checkout(page, shop)

    page.waits_for(f"/55\\.?00/.test({TOTAL}?.textContent)")
    page.waits_for("document.readyState === 'complete'")
    assert page.evaluate(f"!{BOX}")

    page.clicks(PLACE)
    page.waits_for(IS_PLACED)
    assert "55.00" == f"{float(shop.control('last_order')['total']):.2f}"
