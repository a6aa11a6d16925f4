"""From an empty shop to a covered order, as a merchant walks it in a browser. Prints the seconds.

.venv/bin/pytest -s tests/connectors/woocommerce/test_walk.py
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.build_woocommerce import SLUG, build

from tests.browser.chromium import Browser, Page
from tests.browser.test_console_shell import signed_in
from tests.connectors.woocommerce.merchant import Merchant, covered
from tests.connectors.woocommerce.site import PLUGIN, Site
from tests.connectors.woocommerce.test_browser import (
    IS_PLACED,
    PLACE,
    TICK,
    TOTAL,
    opens_checkout,
)


class Steps:
    """How long each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began
        print(f"{self.seconds[name]:7.1f} s  {name}")


def fills_in(page: Page, element: str, text: str) -> None:
    page.waits_for(f"Boolean(document.querySelector('{element}'))")
    page.evaluate(f"document.querySelector('{element}').focus()")
    page.types(text)


def signs_in_as_owner(page: Page, shop: Site) -> None:
    page.goes_to(f"{shop.url}/wp-login.php")
    page.evaluate("document.querySelector('#user_login').value = 'owner'")
    page.evaluate("document.querySelector('#user_pass').value = 'owner'")
    page.clicks("document.querySelector('#wp-submit')")
    page.waits_for("Boolean(document.querySelector('#adminmenu'))")


def uploads_the_zip(page: Page, shop: Site, file: Path) -> None:
    page.goes_to(f"{shop.url}/wp-admin/plugin-install.php?tab=upload")
    page.chooses_file("document.querySelector('#pluginzip')", file)
    page.clicks("document.querySelector('#install-plugin-submit')")
    page.clicks("""document.querySelector('a[href*="action=activate"]')""")
    row = f"""document.querySelector('tr[data-plugin="{PLUGIN}"].active')"""
    page.clicks(f"""{row}?.querySelector('a[href*="section=orderguard"]')""")


def fills_in_three_fields_and_tests(page: Page, merchant: Merchant) -> None:
    page.waits_for("document.readyState === 'complete' && location.search.includes('wc-settings')")
    for name in ("url", "cart_key", "orders_key"):
        fills_in(page, f"#woocommerce_orderguard_{name}", merchant.settings()[name])
    page.clicks("document.querySelector('#orderguard-test')")
    page.waits_for("document.querySelectorAll('#orderguard-test-steps li').length === 3")
    assert 3 == page.evaluate("document.querySelectorAll('.orderguard-ok').length")
    page.clicks("document.querySelector('.woocommerce-save-button')")


def test_from_an_empty_shop_to_a_covered_order(
    browser: Browser,
    page: Page,
    shop: Site,
    merchant: Merchant,
    tmp_path: Path,
) -> None:
    shop.control("deactivate", PLUGIN)
    shop.control("uninstall", PLUGIN)
    shop.control("options", {"woocommerce_orderguard_settings": None})
    file = build(tmp_path / f"{SLUG}.zip")
    owner = browser.page(width=1200)
    steps = Steps()
    print(f"\n{shop.kind}")

    with steps.step("sign in to WordPress"):
        signs_in_as_owner(owner, shop)
    with steps.step("upload the zip, activate, open the settings"):
        uploads_the_zip(owner, shop, file)
    with steps.step("fill in three fields, Test, save"):
        fills_in_three_fields_and_tests(owner, merchant)
        owner.waits_for("document.readyState === 'complete'")
        saved = merchant.settings()["url"]
        owner.waits_for(
            f"document.querySelector('#woocommerce_orderguard_url')?.value === '{saved}'"
        )
    with steps.step("a shopper ticks the box in the Block checkout and pays"):
        opens_checkout(page, shop)
        page.clicks(TICK)
        page.waits_for(f"{TICK}.checked && !{TICK}.disabled")
        page.waits_for(f"/59\\.?98/.test({TOTAL}.textContent)")
        page.clicks(PLACE)
        page.waits_for(IS_PLACED)
    with steps.step("Action Scheduler reports the order"):
        shop.control("run_queue", True)
    with steps.step("the console shows the order's coverage and its amount"):
        order = shop.control("last_order")["id"]
        console = signed_in(browser, merchant.shop)
        stored = merchant.order(order)
        assert stored
        desk = f"{merchant.shop.running.url}/console/m/{merchant.shop.id}"
        console.goes_to(f"{desk}/orders/{stored['id']}")
        console.waits_for(
            "[...document.querySelectorAll('section')].some((each) =>"
            " each.querySelector('h2')?.textContent === 'Coverage'"
            " && each.textContent.includes('50.00'))"
        )

    assert covered(50_00, 4_98) == merchant.books(order)
    print(f"{sum(steps.seconds.values()):7.1f} s  in all")
