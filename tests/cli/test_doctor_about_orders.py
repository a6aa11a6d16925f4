"""Mistakes of an integration that refuse nothing: the doctor, the list and the API tell them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from orderguard.domain.analytics.diagnosis import Severity
from orderguard.running.wiring import wire_examination
from orderguard.storage.database import SqlDatabase
from tests.cli.shell import Shell as Terminal
from tests.support.databases import new_database_url
from tests.support.order_desk import JUNE, Desk, accepted_order, usd, wire_fee, wire_order


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlDatabase]:
    database = SqlDatabase(new_database_url(tmp_path_factory.mktemp("doctor")))
    yield database
    database.dispose()


@pytest.fixture
def desk(database: SqlDatabase) -> Desk:
    return Desk(database)


NO_PRICE = [{"external_id": "lamp", "quantity": 2, "unitPrice": usd(25_00)}]

DOUBTS: dict[str, Any] = {
    "nothing_covered": lambda desk: accepted_order(desk.session(), line_items=NO_PRICE),
    "fee_unrecognised": lambda _: wire_order(
        fees=[{"name": "Order protection", "amount": usd(4_98)}]
    ),
    "fee_amount_ambiguous": lambda desk: accepted_order(desk.session(), fees=[wire_fee("7")]),
    "refund_not_understood": lambda desk: accepted_order(desk.session(), refunds=[{}]),
    "refund_exceeds_order": lambda desk: accepted_order(
        desk.session(), refunds=[{"amount": usd(99_00)}]
    ),
}


@pytest.mark.parametrize("code", DOUBTS)
def test_a_doubt_about_an_order_is_told_by_the_doctor_and_in_the_list(
    shell: Terminal, database: SqlDatabase, desk: Desk, code: str
) -> None:
    order = desk.push(DOUBTS[code](desk)).record

    def findings(days: int) -> list[tuple[Severity, str]]:
        found = wire_examination(database)(at=JUNE + timedelta(days=days))
        name = f"desk {desk.id[4:]}"
        return [(f.severity, f.found) for f in found if (f.check, f.merchant) == ("orders", name)]

    assert code in [warning.code for warning in order.acceptance.warnings]
    (told,) = findings(days=1)
    assert Severity.WARNING is told[0]
    assert told[1].startswith("1 orders of the last 7 days")
    assert code in told[1]
    assert [Severity.OK] == [severity for severity, _ in findings(days=8)]
    operator = Terminal(shell.directory, database_url=database.url)
    (listed,) = operator.run("orders", "review", desk.id, "--json").document
    assert code in [warning["code"] for warning in listed["warnings"]]


def test_orders_that_say_what_they_mean_are_all_right(database: SqlDatabase, desk: Desk) -> None:
    pushed = desk.push(accepted_order(desk.session()))

    assert [50_00, 50_00] == [each.scope.amount.amount for each in pushed.coverages]
    found = [f for f in wire_examination(database)(at=JUNE) if f.merchant == f"desk {desk.id[4:]}"]
    assert [Severity.OK] == [f.severity for f in found if f.check == "orders"]
