"""What all connectors share: the merchant of a shop, the cases of the rows, and the record."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.seen import Recorder
from tests.connectors.woocommerce.merchant import Merchant, open_merchant
from tests.support.shop import RunningServer

pytest.register_assert_rewrite("tests.connectors.driver", "tests.connectors.rows")

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CONNECTORS_RECORD"):
        config.pluginmanager.register(Recorder())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The cases of a row that the platform does not lack."""
    if cases := getattr(metafunc.function, "cases", None):
        platform = metafunc.definition.path.relative_to(HERE).parts[0]
        lacks = importlib.import_module(f"tests.connectors.{platform}.driver").DRIVER.lacks
        found = [case for case in cases if case.name not in lacks]
        metafunc.parametrize("case", found, ids=[case.name for case in found])


@pytest.fixture
def merchant(running_server: RunningServer) -> Iterator[Merchant]:
    with open_merchant(running_server) as merchant:
        yield merchant
