"""What all connectors share: the merchant of a shop, and the record of what was seen to hold."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.connectors.seen import Recorder
from tests.connectors.woocommerce.merchant import Merchant, open_merchant
from tests.support.shop import RunningServer


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CONNECTORS_RECORD"):
        config.pluginmanager.register(Recorder())


@pytest.fixture
def merchant(running_server: RunningServer) -> Iterator[Merchant]:
    with open_merchant(running_server) as merchant:
        yield merchant
