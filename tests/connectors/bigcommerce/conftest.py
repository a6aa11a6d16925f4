"""One app for the run, as its operator would run it; every test has a store and a merchant."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.bigcommerce import sdk_bundle
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.owner import Owner
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site, laid_out, running_site
from tests.connectors.bigcommerce.store import Store
from tests.connectors.seen import VERSIONS
from tests.connectors.woocommerce.merchant import Merchant
from tests.support.shop import RunningServer

EXCLUDING = {"exclusions": [{"collection": "Final sale"}]}
"""BigCommerce has no tags; its categories are collections."""


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """Where the package is installed."""
    lacking = [tool for tool in ("node", "npm") if not shutil.which(tool)]
    if lacking:
        reason = f"The app cannot run here. Missing: {', '.join(lacking)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(f"THE BIGCOMMERCE APP WAS NOT TRIED. {reason}")
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    VERSIONS["bigcommerce"] = {
        "a stand-in of the documentation of": "April 2026",
        "Checkout SDK": sdk_bundle.version(),
        "Node.js": node.stdout.strip().removeprefix("v"),
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
    merchant = Merchant(running_server, **EXCLUDING)
    with merchant.front.door:
        yield merchant
    merchant.front.close()


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
def shopper(site: Site, owner: Owner) -> Shopper:
    return Shopper(site, owner.store)
