"""One shop per file; every test has a merchant of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.connectors.medusa.driver import MedusaDriver
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
def driver(site: Site, merchant: Merchant) -> MedusaDriver:
    """With nothing left of the tests before."""
    return MedusaDriver(site, merchant)


@pytest.fixture
def lasting(ground: Ground, merchant: Merchant) -> Iterator[MedusaDriver]:
    """A shop of its own, whose database outlives it."""
    database = ground.copy()
    site = Site(ground.folder, database, ground.keys)
    try:
        driver = MedusaDriver(site, merchant, ground, database)
        yield driver
        site = driver.site
    finally:
        site.stop()
