"""One shop per file; every test has a merchant of its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tools import build_vendure
from tools.npm import Unreachable

from tests.connectors.node_package import node_version
from tests.connectors.seen import VERSIONS
from tests.connectors.vendure.driver import VendureDriver
from tests.connectors.vendure.shopper import Shopper
from tests.connectors.vendure.site import Site, laid_out, running_site
from tests.connectors.woocommerce.merchant import Merchant

NOT_TRIED = "THE VENDURE PLUGIN WAS NOT TRIED. npm has no registry; once it has: make vendure-test"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, None]:
    """All tests that were not tried are one line of the summary."""
    report = (yield).get_result()
    if report.skipped and NOT_TRIED in str(report.longrepr):
        report.longrepr = (__file__, 1, f"Skipped: {NOT_TRIED}")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """The shop with the plugin from its tarball; the first run fetches Vendure from npm."""
    VERSIONS["vendure"] = {
        "Vendure": build_vendure.version(),
        "Node.js": node_version("the Vendure plugin"),
    }
    try:
        build_vendure.prepared()
    except Unreachable:
        pytest.skip(NOT_TRIED)
    with laid_out() as folder:
        yield folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    with running_site(folder) as site:
        yield site


@pytest.fixture
def shop(site: Site, merchant: Merchant) -> Site:
    """The shop with this merchant's keys, and nothing left of the tests before."""
    site.control("settings", {})
    site.control("forget")
    site.control("timeouts")
    VendureDriver(site, merchant)
    return site


@pytest.fixture
def driver(shop: Site, merchant: Merchant) -> VendureDriver:
    return VendureDriver(shop, merchant)


@pytest.fixture
def lasting(folder: Path, tmp_path: Path, merchant: Merchant) -> Iterator[VendureDriver]:
    """A shop of its own, whose database outlives it."""
    site = Site(folder, database=tmp_path / "shop.sqlite")
    try:
        site.control("timeouts")
        driver = VendureDriver(site, merchant, folder)
        yield driver
        site = driver.site
    finally:
        site.stop()


@pytest.fixture
def shopper(shop: Site) -> Shopper:
    return Shopper(shop)
