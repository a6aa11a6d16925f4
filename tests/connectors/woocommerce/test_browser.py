"""The Block checkout in Chromium: our script between the server and a person who clicks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.chromium import Page
from tests.connectors.woocommerce.front import UNAVAILABLE
from tests.connectors.woocommerce.merchant import Merchant, covered
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


def opens_checkout(page: Page, shop: Site) -> None:
    page.goes_to(f"{shop.url}/?page_id={shop.ids['block']}")


def takes_picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES, f"{name}.png").write_bytes(page.picture())


def assert_placed_and_covered(page: Page, shop: Site, merchant: Merchant) -> None:
    """Wait for the order of a lamp; it has the fee, and is covered for its goods."""
    page.waits_for(IS_PLACED)
    order = shop.control("last_order")
    shop.control("run_queue", True)

    assert "59.98" == order["total"]
    assert covered(50_00, 4_98) == merchant.books(order["id"])
    assert [] == [text for text in page.complaints if "orderguard" in text.lower()]


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
    assert_placed_and_covered(page, shop, merchant)


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


UPDATED = """performance.getEntriesByType('resource').some(({ name, responseEnd }) =>
    name.includes('update_order_review') && responseEnd > 0)
  && !document.querySelector('.blockUI') && !(globalThis.jQuery?.active)"""
"""The classic checkout's script has fetched totals and box once, as it does for a new page."""


@pytest.mark.parametrize("place", ["totals", "payment"])
def test_a_person_ticks_the_box_of_the_classic_checkout_pays_and_is_covered(
    page: Page, shop: Site, merchant: Merchant, place: str
) -> None:
    options = {
        "woocommerce_checkout_page_id": shop.ids["classic"],
        "woocommerce_orderguard_settings": merchant.settings(place=place),
    }
    shop.control("options", options)
    page.goes_to(f"{shop.url}/?page_id={shop.ids['classic']}")
    page.waits_for(UPDATED)
    page.waits_for(f"{TICK}?.checked === false")

    for says_yes, total in ((True, "59.98"), (False, "55.00"), (True, "59.98")):
        page.clicks(TICK)
        page.waits_for(
            f"document.querySelector('.order-total').textContent.includes('{total}')"
            f" && {TICK}.checked === {str(says_yes).lower()} && !globalThis.jQuery?.active"
        )
    takes_picture(page, f"woocommerce-classic-checkout-{place}")

    page.clicks('document.querySelector("#place_order")')
    assert_placed_and_covered(page, shop, merchant)
