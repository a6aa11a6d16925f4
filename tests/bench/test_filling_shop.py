"""A shop filled for the benchmark counts as if the real actions had made all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bench.bulk import filling
from bench.filling_shop import fill, plan
from bench.model_shop import make_models, open_model_shop
from sqlalchemy import select

from orderguard.running.wiring import now, wire_roll_up
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import analytics_months, analytics_rollups


def _sums(database: SqlDatabase, table: Any) -> set[Any]:
    with database.engine.connect() as connection:
        return set(connection.execute(select(table).where(table.c.total != 0)))


def test_counting_everything_anew_gives_the_sums_that_were_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.model_shop.ROUNDS", 1)
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    shop = make_models(url, open_model_shop(url), tmp_path)
    at = now()

    with filling(url) as bulk:
        fill(bulk, shop, plan(shop, sessions=400, orders=100), at=at)

    database = SqlDatabase(url)
    filled = {table: _sums(database, table) for table in (analytics_rollups, analytics_months)}
    counted = sum(wire_roll_up(database).rebuild(shop.merchant, at=at))
    anew = {table: _sums(database, table) for table in filled}
    with database.read() as work:
        assert {0} == set(work.ledger.trial_balance(shop.merchant).values())
    database.dispose()
    assert counted == len(shop.models) + 400
    assert filled == anew
