"""Orders of an older schema get their status, and whether they stand, when they are upgraded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from orderguard.domain.ids import MerchantId, OrderId
from orderguard.storage import schema
from orderguard.storage.database import SqlDatabase
from tests.support.databases import ON_POSTGRESQL, cluster

BEFORE = "0011"
MERCHANT = "mer_before"


@pytest.fixture
def old(tmp_path: Path) -> SqlDatabase:
    """A database of the schema before orders had a status of their own."""
    url = cluster().new_database() if ON_POSTGRESQL else f"sqlite:///{tmp_path / 'old.db'}"
    database = SqlDatabase(url)
    database.create()
    with database.engine.begin() as connection:
        command.upgrade(schema._config(connection), BEFORE)
    return database


def an_old_order(
    database: SqlDatabase,
    id_: int,
    document: bytes,
    *,
    verdict: str | None = "exact",
    deleted_at: int | None = None,
    void_reason: str | None = None,
) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO orders (merchant_id, id, external_id, document, acceptance, outcome,"
                " verdict, revision, received_at, changed_at, deleted_at) VALUES (:merchant, :id,"
                " :external_id, :document, :acceptance, 'declined', :verdict, 1, 5, 5, :deleted)"
            ),
            {
                "merchant": MERCHANT,
                "id": id_,
                "external_id": f"e{id_}",
                "document": document,
                "acceptance": b'{"outcome":"declined"}',
                "verdict": verdict,
                "deleted": deleted_at,
            },
        )
        connection.execute(
            text(
                "INSERT INTO coverages (merchant_id, id, order_id, mode, state, void_reason, scope,"
                " active_from, expires_at, history) VALUES (:merchant, :id, :id, 'returnCoverage',"
                " :state, :reason, :scope, 5, 6, :history)"
            ),
            {
                "merchant": MERCHANT,
                "id": id_,
                "state": "voided" if void_reason else "active",
                "reason": void_reason,
                "scope": b"{}",
                "history": b"[]",
            },
        )


def found(database: SqlDatabase) -> dict[int, tuple[str, bool, bool]]:
    query = "SELECT id, status, stands, needs_review FROM orders ORDER BY id"
    with database.engine.connect() as connection:
        return {
            row.id: (row.status, bool(row.stands), bool(row.needs_review))
            for row in connection.execute(text(query))
        }


def a_document(**members: Any) -> bytes:
    return json.dumps({"name": "#1", "line_items": []} | members, ensure_ascii=False).encode()


def test_old_orders_get_what_follows_from_them(old: SqlDatabase) -> None:
    an_old_order(old, 1, a_document())
    an_old_order(old, 2, a_document(status="active"), verdict="altered")
    an_old_order(old, 3, a_document(status="cancelled"), void_reason="order_cancelled")
    an_old_order(old, 4, a_document(status="archived"), void_reason="order_refunded")
    an_old_order(old, 5, a_document(status="unknown"), deleted_at=7, void_reason="order_deleted")
    an_old_order(old, 6, a_document(status=None), verdict=None, void_reason="fee_removed")

    schema.upgrade(old)

    assert schema.is_current(old)
    assert {
        1: ("active", True, False),
        2: ("active", True, True),
        3: ("cancelled", False, False),
        4: ("archived", False, False),
        5: ("unknown", False, False),
        6: ("active", True, False),
    } == found(old)
    with old.read() as work:
        record = work.orders.find(MerchantId(MERCHANT), OrderId(3))
    assert record is not None
    assert ("e3", False) == (record.external_id, record.stands)
    old.dispose()


AWKWARD = {
    "a zero character": b'{"note":"a\\u0000b","status":"cancelled"}',
    "half an emoji": b'{"note":"\\ud83d","status":"cancelled"}',
    "a low half": b'{"note":"\\ude00 x","status":"cancelled"}',
    "a zero in a name": b'{"a\\u0000":{"status":"active"},"status":"cancelled"}',
    "backslashes": b'{"note":"\\\\u0000 \\\\\\\\","status":"cancelled"}',
    "a deep one": b'{"a":' + b"[" * 90 + b"]" * 90 + b',"status":"cancelled"}',
    "a large number": b'{"n":1e400,"m":123456789012345678901234567890,"status":"cancelled"}',
    "emoji": '{"note":"🎁 \u2028","status":"cancelled"}'.encode(),
    "another status inside": b'{"line":{"status":"active"},"status":"cancelled"}',
}


@pytest.mark.parametrize("document", AWKWARD.values(), ids=AWKWARD)
def test_no_text_of_an_old_order_stops_the_upgrade(old: SqlDatabase, document: bytes) -> None:
    an_old_order(old, 1, document)

    schema.upgrade(old)

    assert {1: ("cancelled", False, False)} == found(old)
    old.dispose()
