"""One shop per file; every test has a merchant of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.connectors.medusa.shopper import Shopper
from tests.connectors.medusa.site import Ground, Site, laid_out, version
from tests.connectors.node_package import node_version
from tests.connectors.seen import VERSIONS
from tests.connectors.woocommerce.merchant import Merchant


@pytest.fixture(scope="session")
def ground() -> Iterator[Ground]:
    """The shop with the plugin from its tarball; `make medusa-test` asks for it."""
    if os.environ.get("ORDERGUARD_MEDUSA") != "yes":
        pytest.skip("THE MEDUSA PLUGIN WAS NOT TRIED. In a real Medusa: make medusa-test")
    VERSIONS["medusa"] = {
        "Medusa": version(),
        "PostgreSQL": "15",
        "Node.js": node_version("the Medusa plugin"),
    }
    with laid_out() as ground:
        yield ground


@pytest.fixture(scope="module")
def site(ground: Ground) -> Iterator[Site]:
    with ground.site() as site:
        yield site


@pytest.fixture
def shop(site: Site, merchant: Merchant) -> Site:
    """The shop with this merchant's keys, and nothing left of the tests before."""
    return prepared(site, merchant)


@pytest.fixture
def shopper(shop: Site) -> Shopper:
    return Shopper(shop)


def prepared(site: Site, merchant: Merchant) -> Site:
    """A shop in which every region has this merchant's keys."""
    site.control("settings", {})
    site.control("forget")
    site.control("timeouts")
    site.control("options", {"coverAuthorized": False})
    connect(site, merchant)
    return site


def connect(site: Site, merchant: Merchant, **more: object) -> None:
    """The plugin's options; the same for every region."""
    regions = ("us", "ca", "de", "fr", "jp", "kw")
    site.control("settings", dict.fromkeys(regions, connected(merchant, **more)))


def connected(merchant: Merchant, **more: object) -> dict[str, object]:
    """The plugin's options for one region."""
    entered = merchant.settings()
    return {name: entered[name] for name in ("url", "cart_key", "orders_key")} | more
