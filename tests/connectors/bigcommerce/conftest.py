"""One app for the run, as its operator would run it; every test has a store and a merchant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.bigcommerce import sdk_bundle
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.driver import BigCommerceDriver
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site, laid_out, running_site
from tests.connectors.bigcommerce.store import Store
from tests.connectors.node_package import node_version
from tests.connectors.seen import VERSIONS
from tests.connectors.woocommerce.merchant import Merchant, open_merchant
from tests.support.shop import RunningServer

EXCLUDING = {"exclusions": [{"collection": "Final sale"}]}
"""BigCommerce has no tags; its categories are collections."""


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """Where the package is installed."""
    VERSIONS["bigcommerce"] = {
        "a stand-in of the documentation of": "April 2026",
        "Checkout SDK": sdk_bundle.version(),
        "Node.js": node_version("the BigCommerce app"),
    }
    with laid_out() as place:
        yield place


@pytest.fixture(scope="session")
def all_shops() -> Iterator[BigCommerce]:
    shops = BigCommerce()
    with shops.server:
        yield shops


@pytest.fixture
def shops(all_shops: BigCommerce) -> Iterator[BigCommerce]:
    """BigCommerce, which was asked for nothing undocumented when the test is over."""
    all_shops.spoiled.clear()
    all_shops.undocumented.clear()
    all_shops.server.received.clear()
    yield all_shops
    assert [] == all_shops.undocumented


@pytest.fixture(scope="session")
def running_app(
    place: Path, all_shops: BigCommerce, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with running_site(place, tmp_path_factory.mktemp("kept"), all_shops.url) as site:
        yield site


@pytest.fixture
def site(running_app: Site) -> Site:
    running_app.control("age", 0)
    running_app.control("timeouts")
    return running_app


@pytest.fixture
def merchant(running_server: RunningServer) -> Iterator[Merchant]:
    with open_merchant(running_server, **EXCLUDING) as merchant:
        yield merchant


@pytest.fixture
def store(shops: BigCommerce) -> Store:
    store = Store()
    shops.stores[store.hash] = store
    return store


@pytest.fixture
def owner(site: Site, store: Store, merchant: Merchant) -> Owner:
    """Of a store with the app, connected to this merchant."""
    owner = Owner(site, store)
    owner.connect(merchant.settings())
    return owner


@pytest.fixture
def driver(site: Site, shops: BigCommerce, owner: Owner, merchant: Merchant) -> BigCommerceDriver:
    return BigCommerceDriver(site, shops, owner, merchant)


@pytest.fixture
def lasting(driver: BigCommerceDriver) -> BigCommerceDriver:
    return driver


@pytest.fixture
def shopper(site: Site, owner: Owner) -> Shopper:
    return Shopper(site, owner.store)
