"""Every operation of the admin API by callers it is not for: read off the table, so that no
operation is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import Table, select

from orderguard.actions.register_webhook_endpoint import register_webhook_endpoint
from orderguard.actions.shadow_run import ManageShadowRuns
from orderguard.admin.api.description import ADMIN_BASE
from orderguard.admin.api.operation import Operation
from orderguard.admin.api.table import OPERATIONS
from orderguard.domain.people.account import Role
from orderguard.domain.people.api_key import Scope
from orderguard.domain.people.audit import Change
from orderguard.randomness import (
    new_shadow_run_id,
    new_webhook_endpoint_id,
    new_webhook_secret,
)
from orderguard.running.wiring import now
from orderguard.storage.tables import metadata
from tests.admin.test_admin_api import admin_client
from tests.admin.test_experiments_api import HOLDOUT
from tests.support.builders import a_document
from tests.support.console import Visitor, a_visitor
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop

EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=[o.operation_id for o in OPERATIONS])
OTHER_SCOPES = [scope for scope in Scope if scope is not Scope.ADMIN]
NOT_ANOTHERS = {"month"}
"""Parts of a path that every merchant has."""
KEPT_BY_CHORES = {"counted", "last_used_at"}
"""Columns that the server itself writes some time after a request."""
NEXT_YEAR = f"{now().year + 1}-01-01T00:00Z"


@dataclass(frozen=True)
class Scene:
    """A merchant who has one of everything, and those who have no business with it."""

    shop: Shop
    ids: dict[str, str]
    """By the names that paths have for them."""
    keys: dict[Scope, str]
    """Live keys of the merchant's own, each of another scope than `admin`."""
    viewer: Visitor

    def path(self, operation: Operation) -> str:
        return ADMIN_BASE + re.sub(r"\{(\w+)\}", lambda name: self.ids[name[1]], operation.path)

    def body(self, operation: Operation) -> Any:
        """An example of a body; one that names something of the merchant's, if there is one."""
        bodies = [dict(each.value) for each in operation.body_examples.values()]
        bodies.sort(key=lambda body: "draftId" not in body)
        if not bodies:
            return None
        real = {"draftId": self.ids["draft_id"], "dueAt": NEXT_YEAR}
        return bodies[0] | {name: real[name] for name in real if name in bodies[0]}

    def call(self, operation: Operation, client: httpx.Client, **headers: str) -> httpx.Response:
        query = {"revision": "1"} if "revision" in operation.query else None
        return client.request(
            operation.method,
            self.path(operation),
            params=query,
            json=self.body(operation),
            headers=headers,
        )

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All rows that are the merchant's, without what is written of each request."""
        tables = [
            table
            for table in metadata.sorted_tables
            if "merchant_id" in table.columns
            and not table.name.startswith(("analytics_", "request_log"))
        ]
        with self.shop.running.database.engine.connect() as connection:
            return {table.name: self._rows(connection, table) for table in tables}

    def _rows(self, connection: Any, table: Table) -> list[dict[str, Any]]:
        own = select(table).where(table.c.merchant_id == self.shop.id)
        rows = [dict(row) for row in connection.execute(own).mappings()]
        kept = [{name: row[name] for name in row if name not in KEPT_BY_CHORES} for row in rows]
        return sorted(kept, key=str)


@pytest.fixture(scope="module")
def scene(running_server: RunningServer) -> Iterator[Scene]:
    shop = running_server.a_shop()
    for minimum in (1_00, 2_00, 3_00):
        shop.publish(a_document(limits={"USD": {"subtotal_minimum": minimum}}))
    admin = admin_client(shop)
    session = shop.analyze()["sessionId"]
    assert 201 == admin.post("/admin/v1/experiments", json=HOLDOUT).status_code
    draft = admin.post("/admin/v1/configuration/drafts", json={"name": "Sale"}).json()["draft"]
    scheduled = admin.post(
        "/admin/v1/configuration/scheduled-publications",
        json={"dueAt": NEXT_YEAR, "name": "Sale", "source": draft["source"]},
    ).json()["scheduledPublication"]
    endpoint = register_webhook_endpoint(
        running_server.database,
        shop.id,
        "http://127.0.0.1:9/hooks",
        event_types=(),
        new_id=new_webhook_endpoint_id(),
        secret=new_webhook_secret(),
        resolve=lambda _host, _port: (),
        allows_private=True,
        change=Change(A_TESTER, now()),
    )
    runs = ManageShadowRuns(running_server.database, COMPILER, new_shadow_run_id, lambda _run: None)
    run = runs.start(shop.id, draft["source"], change=Change(A_TESTER, now()))
    a_visitor(shop, Role.OWNER)
    ids = {
        "draft_id": draft["id"],
        "publication_id": scheduled["id"],
        "endpoint_id": endpoint.id,
        "run_id": run.id,
        "key": "holdout",
        "key_id": shop.issued.key.id,
        "account_id": admin.get("/admin/v1/members").json()["members"][0]["id"],
        "session_id": session,
        "version": "4",
        "month": "2026-10",
    }
    keys = {scope: shop.issue_key(scope).text for scope in OTHER_SCOPES}
    yield Scene(shop, ids, keys, a_visitor(shop, Role.VIEWER))
    runs.cancel(shop.id, run.id, change=Change(A_TESTER, now()))


def test_every_id_in_a_path_is_in_the_scene(scene: Scene) -> None:
    named = {name for each in OPERATIONS for name in re.findall(r"\{(\w+)\}", each.path)}

    assert set(scene.ids) == named


@EVERY
def test_without_a_key_nothing_is_answered_and_nothing_changes(
    operation: Operation, scene: Scene, running_server: RunningServer
) -> None:
    before = scene.everything()

    answer = scene.call(operation, running_server.shared_client)

    assert (401, "unauthorized") == (answer.status_code, answer.json()["error"]["code"])
    assert before == scene.everything()


@EVERY
@pytest.mark.parametrize("scope", OTHER_SCOPES)
def test_a_key_with_another_scope_is_forbidden_and_changes_nothing(
    operation: Operation, scope: Scope, scene: Scene, running_server: RunningServer
) -> None:
    before = scene.everything()

    answer = scene.call(
        operation, running_server.shared_client, **{"X-Authorization": scene.keys[scope]}
    )

    assert (403, "forbidden") == (answer.status_code, answer.json()["error"]["code"])
    assert before == scene.everything()


@EVERY
def test_a_person_of_the_console_needs_a_key_as_well(operation: Operation, scene: Scene) -> None:
    before = scene.everything()

    answer = scene.call(operation, scene.viewer.http)

    assert (401, "unauthorized") == (answer.status_code, answer.json()["error"]["code"])
    assert before == scene.everything()


@EVERY
def test_what_belongs_to_another_merchant_is_not_found_and_does_not_change(
    operation: Operation, scene: Scene, running_server: RunningServer
) -> None:
    stranger = admin_client(running_server.a_shop())
    before = scene.everything()

    answer = scene.call(operation, stranger)

    names_something = set(re.findall(r"\{(\w+)\}", operation.path)) - NOT_ANOTHERS
    if names_something or "draftId" in (scene.body(operation) or {}):
        assert 404 == answer.status_code, answer.text
        assert answer.json()["error"]["code"] in ("not_found", "session_not_found")
    else:
        assert answer.status_code < 500
        assert [] == [id_ for id_ in scene.ids.values() if "_" in id_ and id_ in answer.text]
    assert before == scene.everything()


@EVERY
def test_an_operation_without_an_answer_says_204(operation: Operation) -> None:
    assert (operation.answered is None) == (operation.status == 204)
