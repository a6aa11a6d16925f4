"""Shadow runs over the admin API, each in a real process of its own."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from orderguard.actions.shadow_run import (
    RUN_AT_MOST,
    ManageShadowRuns,
    ShadowRunBusy,
    ShadowRunTooLong,
    carry_out_shadow_run,
)
from orderguard.domain.errors import InvalidDocument, NotFound
from orderguard.domain.ids import SessionId
from orderguard.domain.people.audit import Change
from orderguard.domain.what_if.shadow_run import (
    SILENT_AFTER,
    ShadowRun,
    ShadowRunId,
    ShadowRunStatus,
)
from orderguard.randomness import new_shadow_run_id
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from tests.admin.test_admin_api import admin_client
from tests.support.builders import a_document
from tests.support.order_desk import record_session
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop

DRAFT = json.dumps(a_document(limits={"USD": {"subtotal_minimum": 60_00}}))


@pytest.fixture
def admin(shop: Shop) -> httpx.Client:
    return admin_client(shop)


def ended(admin: httpx.Client, run: dict[str, Any]) -> dict[str, Any]:
    """The run once it has ended."""
    for _ in range(600):
        if run["status"] != "running":
            return run
        time.sleep(0.1)
        run = admin.get(f"/admin/v1/shadow-runs/{run['id']}").json()
    pytest.fail("the run did not end")


def test_a_draft_is_replayed_in_a_process_of_its_own(shop: Shop, admin: httpx.Client) -> None:
    session = shop.analyze()["sessionId"]

    response = admin.post("/admin/v1/shadow-runs", json={"source": DRAFT, "last": 100})
    run = ended(admin, response.json())

    assert 201 == response.status_code
    assert ("done", 1, None) == (run["status"], run["replayed"], run["failure"])
    (flip,) = run["report"]["flips"]
    assert ("eligible", "cart_total_too_low", [session]) == (
        flip["before"],
        flip["after"],
        flip["examples"],
    )
    (currency,) = run["report"]["currencies"]
    assert (1, 0, 0) == (currency["shownBefore"], currency["shownAfter"], currency["attachRateBps"])
    listed = admin.get("/admin/v1/shadow-runs").json()["shadowRuns"]
    assert [run["id"]] == [each["id"] for each in listed]
    entries = admin.get("/admin/v1/audit", params={"action": "shadow_run"}).json()["entries"]
    assert ["shadow_run.started"] == [each["action"] for each in entries]


def test_a_draft_with_problems_is_refused_with_all_of_them(admin: httpx.Client) -> None:
    response = admin.post("/admin/v1/shadow-runs", json={"source": '{"modes": []}'})

    assert 400 == response.status_code
    assert [] == admin.get("/admin/v1/shadow-runs").json()["shadowRuns"]


def test_a_draft_is_tried_as_it_is_saved(shop: Shop, admin: httpx.Client) -> None:
    shop.analyze()
    saved = {"name": "Dearer", "source": DRAFT}
    draft = admin.post("/admin/v1/configuration/drafts", json=saved).json()["draft"]["id"]

    run = ended(admin, admin.post("/admin/v1/shadow-runs", json={"draftId": draft}).json())

    assert (draft, "done", 1) == (run["draftId"], run["status"], run["replayed"])
    assert 1 == len(run["report"]["flips"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"source": DRAFT, "document": {}}, 400),
        ({"source": DRAFT, "draftId": "drf_x"}, 400),
        ({"draftId": "drf_x"}, 404),
    ],
)
def test_a_run_is_of_one_thing_that_is_there(
    admin: httpx.Client, body: dict[str, Any], status: int
) -> None:
    assert status == admin.post("/admin/v1/shadow-runs", json=body).status_code


@pytest.mark.parametrize("last", [0, 100_001, "many"])
def test_a_number_of_sessions_out_of_bounds_is_refused(admin: httpx.Client, last: Any) -> None:
    response = admin.post("/admin/v1/shadow-runs", json={"source": DRAFT, "last": last})

    assert 400 == response.status_code
    assert ["last"] == [each["field"] for each in response.json()["error"]["details"]]


def test_another_merchants_run_looks_missing(
    shop: Shop, admin: httpx.Client, running_server: RunningServer
) -> None:
    other = runs_of(running_server.database).start(
        running_server.a_shop().id, DRAFT, change=Change(A_TESTER, now())
    )

    for response in (
        admin.get(f"/admin/v1/shadow-runs/{other.id}"),
        admin.post(f"/admin/v1/shadow-runs/{other.id}/cancel"),
    ):
        assert (404, "not_found") == (response.status_code, response.json()["error"]["code"])
    assert ShadowRunStatus.RUNNING is stored(running_server.database, other).status
    runs_of(running_server.database).cancel(
        other.merchant, other.id, change=Change(A_TESTER, now())
    )


def runs_of(database: SqlDatabase, launch: Any = lambda _run: None) -> ManageShadowRuns:
    """The verbs, with processes that never begin."""
    return ManageShadowRuns(database, COMPILER, new_shadow_run_id, launch)


def stored(database: SqlDatabase, run: ShadowRun) -> ShadowRun:
    with database.read() as work:
        found = work.shadow_runs.find(run.merchant, run.id)
    assert found is not None
    return found


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with a database of its own, so that runs of other tests do not count."""
    server = RunningServer(tmp_path_factory.mktemp("own"))
    yield server
    server.stop()


def test_one_run_of_a_merchant_at_a_time_and_two_of_all(own: RunningServer) -> None:
    runs, at = runs_of(own.database), now()
    first, second, third = (own.a_shop().id for _ in range(3))
    runs.start(first, DRAFT, change=Change(A_TESTER, at))

    with pytest.raises(ShadowRunBusy, match="wait for its end"):
        runs.start(first, DRAFT, change=Change(A_TESTER, at))
    runs.start(second, DRAFT, change=Change(A_TESTER, at))
    with pytest.raises(ShadowRunBusy, match="try again in a minute"):
        runs.start(third, DRAFT, change=Change(A_TESTER, at))

    # One whose process died stands in nobody's way for long.
    runs.start(first, DRAFT, change=Change(A_TESTER, at + SILENT_AFTER))


def test_a_run_is_answered_with_conflict_while_another_is_under_way(own: RunningServer) -> None:
    shop = own.a_shop()
    runs_of(own.database).start(shop.id, DRAFT, change=Change(A_TESTER, now()))

    response = admin_client(shop).post("/admin/v1/shadow-runs", json={"source": DRAFT})

    assert (409, "conflict") == (response.status_code, response.json()["error"]["code"])


def test_a_run_that_is_called_off_stops_and_says_so(own: RunningServer) -> None:
    shop = own.a_shop()
    for _ in range(3):
        shop.analyze()
    run = runs_of(own.database).start(shop.id, DRAFT, change=Change(A_TESTER, now()))

    cancelled = admin_client(shop).post(f"/admin/v1/shadow-runs/{run.id}/cancel").json()
    later = run.started_at + timedelta(seconds=5)
    carry_out_shadow_run(own.database, COMPILER, run.id, clock=lambda: later)

    assert "cancelled" == cancelled["status"]
    assert (ShadowRunStatus.CANCELLED, None) == (
        stored(own.database, run).status,
        stored(own.database, run).report,
    )


def test_progress_can_be_watched_session_by_session(own: RunningServer) -> None:
    shop = own.a_shop()
    for _ in range(3):
        shop.analyze()
    run = runs_of(own.database).start(shop.id, DRAFT, last=2, change=Change(A_TESTER, now()))
    seen: list[int] = []
    ticks = iter(range(1, 100))

    def clock() -> Any:
        seen.append(stored(own.database, run).replayed)
        return run.started_at + timedelta(seconds=next(ticks))

    carry_out_shadow_run(own.database, COMPILER, run.id, clock=clock)

    done = stored(own.database, run)
    assert [0, 1, 2] == seen
    assert (ShadowRunStatus.DONE, 2) == (done.status, done.replayed)


def test_a_run_that_takes_too_long_is_stopped_and_says_so(own: RunningServer) -> None:
    shop = own.a_shop()
    shop.analyze()
    run = runs_of(own.database).start(shop.id, DRAFT, change=Change(A_TESTER, now()))
    too_late = run.started_at + RUN_AT_MOST + timedelta(seconds=1)

    with pytest.raises(ShadowRunTooLong):
        carry_out_shadow_run(own.database, COMPILER, run.id, clock=lambda: too_late)

    failed = stored(own.database, run)
    assert ShadowRunStatus.FAILED is failed.status
    assert "Stopped after 10 minutes; sessions replayed: 1." in str(failed.failure)


def test_a_run_that_cannot_be_carried_out_says_why(
    own: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs_of(own.database).start(own.a_shop().id, DRAFT, change=Change(A_TESTER, now()))
    monkeypatch.setattr("orderguard.domain.what_if.shadow_run.Replay.add", _broken)
    shop_has_sessions(own, run)

    with pytest.raises(ZeroDivisionError):
        carry_out_shadow_run(own.database, COMPILER, run.id, clock=now)

    failed = stored(own.database, run)
    assert (ShadowRunStatus.FAILED, "as it was told to") == (failed.status, failed.failure)


def _broken(*_: Any) -> None:
    raise ZeroDivisionError("as it was told to")


def shop_has_sessions(own: RunningServer, run: ShadowRun) -> None:
    with own.database.begin() as work:
        record_session(
            work.connection,
            run.merchant,
            SessionId("lop_a1b2c3d4e5f6g7h8i9j0"),
            prices=(2_00,),
            at=run.started_at,
        )


def test_a_run_without_a_process_has_failed_at_once(own: RunningServer) -> None:
    shop = own.a_shop()

    def refuse(_run: ShadowRun) -> None:
        raise OSError("no memory")

    with pytest.raises(OSError, match="no memory"):
        runs_of(own.database, refuse).start(shop.id, DRAFT, change=Change(A_TESTER, now()))

    (run,) = admin_client(shop).get("/admin/v1/shadow-runs").json()["shadowRuns"]
    assert "failed" == run["status"]
    assert "no memory" in run["failure"]


def test_a_run_that_nobody_asked_for_is_not_carried_out(own: RunningServer) -> None:
    with pytest.raises(NotFound):
        carry_out_shadow_run(own.database, COMPILER, ShadowRunId("shr_x"), clock=now)


def test_the_verb_checks_what_the_wire_checks(own: RunningServer) -> None:
    with pytest.raises(InvalidDocument, match="found 0"):
        runs_of(own.database).start(own.a_shop().id, DRAFT, last=0, change=Change(A_TESTER, now()))
