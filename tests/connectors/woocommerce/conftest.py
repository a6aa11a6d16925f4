"""A shop per file and kind of WooCommerce; every test starts from its pristine database."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, Page, running_chromium
from tests.connectors.seen import VERSIONS
from tests.connectors.woocommerce import wordpress
from tests.connectors.woocommerce.driver import CHECKOUTS, WooCommerceDriver
from tests.connectors.woocommerce.merchant import Merchant
from tests.connectors.woocommerce.money import assert_the_money_agrees
from tests.connectors.woocommerce.shoppers import (
    ADDRESS,
    EMAIL,
    Shopper,
)
from tests.connectors.woocommerce.site import STORAGES, STUB, Kind, Site, running_site

REAL = [Path(folder) for folder in os.environ.get("WOOCOMMERCE_DIR", "").split(":") if folder]
# The stub keeps orders in one way. WOOCOMMERCE_ONLY_REAL leaves it out of a run.
STUBS = [] if os.environ.get("WOOCOMMERCE_ONLY_REAL") else [Kind(STUB)]
KINDS = STUBS + [Kind(folder, storage) for folder in REAL for storage in STORAGES]


@pytest.fixture(scope="module", params=KINDS, ids=str)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    if lacking := wordpress.missing():
        reason = f"WordPress cannot run here. Missing: {', '.join(lacking)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(f"THE WOOCOMMERCE PLUGIN WAS NOT TRIED. {reason}")
    VERSIONS["woocommerce"] = {"WordPress": wordpress.version(wordpress.prepared())}
    with running_site(tmp_path_factory.mktemp(str(request.param)), request.param) as site:
        yield site


@pytest.fixture
def shop(
    site: Site, merchant: Merchant, record_property: Callable[[str, object], None]
) -> Iterator[Site]:
    """The shop, pristine, with the merchant's settings. PHP must not complain of anything."""
    record_property("versions", {"WooCommerce": str(site.kind)})
    site.reset(**merchant.settings())
    site.control("run_queue")  # the sweep that follows an activation would hide a missing push
    yield site
    assert_the_money_agrees(site, merchant)
    complaints = site.complaints()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(params=CHECKOUTS)
def driver(
    request: pytest.FixtureRequest,
    shop: Site,
    merchant: Merchant,
    record_property: Callable[[str, object], None],
) -> Iterator[WooCommerceDriver]:
    record_property("checkout", request.param)
    driver = WooCommerceDriver(shop, merchant, request.param)
    yield driver
    driver.close()


@pytest.fixture
def lasting(driver: WooCommerceDriver) -> WooCommerceDriver:
    return driver


@pytest.fixture
def shopper(driver: WooCommerceDriver) -> Shopper:
    found: Shopper = driver.shopper
    return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, shop: Site) -> Iterator[Page]:
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
    yield page
    page.goes_to("about:blank")  # it must not ask the shop of the next test
