"""A house with a merchant in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orderguard.domain.ids import MerchantId
from tests.webhooks.house import House
from tests.webhooks.receiver import Receiver


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.database.dispose()


@pytest.fixture
def merchant(house: House) -> MerchantId:
    return house.a_merchant()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
