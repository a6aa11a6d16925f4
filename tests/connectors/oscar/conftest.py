"""A shop per process and kind of checkout; every test starts from its pristine database."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.connectors.oscar import environment
from tests.connectors.oscar.driver import OscarDriver
from tests.connectors.oscar.environment import CannotRun, Environment
from tests.connectors.oscar.shopper import Shopper
from tests.connectors.oscar.site import Site, running_site
from tests.connectors.seen import VERSIONS
from tests.connectors.woocommerce.merchant import DOCUMENT, Merchant, open_merchant
from tests.support.shop import RunningServer

EXCLUSIONS = {"exclusions": [{"collection": "final-sale"}]}
"""Oscar's products have categories and no tags."""

OSCAR_DOCUMENT = DOCUMENT | EXCLUSIONS


@pytest.fixture(scope="session")
def oscar() -> Environment:
    try:
        prepared = environment.prepared()
    except CannotRun as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason))
        pytest.skip(f"THE CONNECTOR FOR DJANGO-OSCAR WAS NOT TRIED. {reason}")
    VERSIONS["oscar"] = prepared.versions()
    return prepared


@pytest.fixture(scope="session", params=["forked"])
def site(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    oscar: Environment,
) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp(request.param), request.param, oscar) as site:
        yield site


@pytest.fixture
def merchant(running_server: RunningServer) -> Iterator[Merchant]:
    with open_merchant(running_server, **EXCLUSIONS) as merchant:
        yield merchant


@pytest.fixture
def shop(site: Site, merchant: Merchant) -> Iterator[Site]:
    """The shop, pristine. Nothing of ours may fail, not even where nobody sees it."""
    site.reset(merchant)
    yield site
    assert [] == site.complaints(), site.log()[-6000:]


@pytest.fixture
def driver(shop: Site, merchant: Merchant) -> Iterator[OscarDriver]:
    driver = OscarDriver(shop, merchant)
    yield driver
    driver.close()


@pytest.fixture
def lasting(driver: OscarDriver) -> OscarDriver:
    return driver


@pytest.fixture
def shopper(shop: Site) -> Iterator[Shopper]:
    shopper = Shopper(shop)
    yield shopper
    shopper.close()
