"""Keys and configurations are remembered, and looked up once for all who need them."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.publish_configuration import publish_configuration, read_configuration
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_merchant_id
from orderguard.running.wiring import now
from orderguard.storage import schema
from orderguard.storage.change_watch import SqliteChangeWatch
from orderguard.storage.database import SqlDatabase
from orderguard.storage.remembered import RememberedConfigurations
from orderguard.storage.sqlite import sqlite_path
from tests.support.shop import A_TESTER, COMPILER

SOURCE = """
modes = ["returnCoverage"]
currencies = ["USD"]
[[pricing.returnCoverage]]
base = { USD = 298 }
"""
CALLS = 50


def test_a_published_configuration_is_read_once_for_all_who_wait_for_it(tmp_path: Path) -> None:
    database = SqlDatabase(f"sqlite:///{tmp_path / 'orderguard.db'}")
    schema.upgrade(database)
    merchant = create_merchant(
        database, "acme", new_id=new_merchant_id(), change=Change(A_TESTER, now())
    ).id
    publish_configuration(database, COMPILER, merchant, SOURCE, change=Change(A_TESTER, now()))
    readings: list[ConfigurationVersion] = []
    all_are_waiting = threading.Event()

    def read(source: str, version: ConfigurationVersion) -> MerchantConfiguration:
        readings.append(version)
        all_are_waiting.wait(30)
        return read_configuration(source, COMPILER, version=version)

    async def ask() -> list[MerchantConfiguration | None]:
        watch = SqliteChangeWatch(sqlite_path(database.url))
        watch.start()
        remembered = RememberedConfigurations(database, watch, read)
        asking = [asyncio.create_task(remembered.find(merchant)) for _ in range(CALLS)]
        await asyncio.sleep(0.1)
        all_are_waiting.set()
        found = await asyncio.gather(*asking)
        await watch.stop()
        return found

    found = asyncio.run(ask())

    assert [1] == readings
    assert CALLS == len([each for each in found if each and each.version == 1])
    database.dispose()
