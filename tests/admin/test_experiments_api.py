"""Experiments over the admin API."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from orderguard.actions.publish_configuration import publish_configuration
from orderguard.domain.people.audit import Change
from orderguard.running.wiring import now
from tests.admin.test_admin_api import admin_client
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop

BASE = "/admin/v1/experiments"
HOLDOUT = {
    "key": "holdout",
    "arms": [
        {"name": "control", "weight": 10, "suppress": True},
        {"name": "offered", "weight": 90},
    ],
}
PRICE_TEST = {
    "key": "dearer",
    "arms": [{"name": "usual", "weight": 1}, {"name": "up", "weight": 1, "priceBps": 11000}],
}


@pytest.fixture
def admin(shop: Shop) -> httpx.Client:
    return admin_client(shop)


def published(shop: Shop) -> dict[str, Any]:
    with shop.running.database.read() as work:
        latest = work.configurations.latest(shop.id)
    assert latest
    document: dict[str, Any] = json.loads(latest.source)
    return document


def test_an_experiment_lives_as_a_draft_running_and_stopped(
    shop: Shop, admin: httpx.Client
) -> None:
    created = admin.post(BASE, json=PRICE_TEST)
    started = admin.post(f"{BASE}/dearer/start")
    stopped = admin.post(f"{BASE}/dearer/stop")

    assert (201, 200, 200) == (created.status_code, started.status_code, stopped.status_code)
    assert ["draft", "running", "stopped"] == [
        answer.json()["status"] for answer in (created, started, stopped)
    ]
    assert stopped.json() == admin.get(f"{BASE}/dearer").json()
    assert [stopped.json()] == admin.get(BASE).json()["experiments"]
    assert "stopped" == published(shop)["experiments"][0]["status"]
    assert {"USD": 328} == published(shop)["pricing"]["returnCoverage"][0]["base"]
    entries = admin.get("/admin/v1/audit", params={"action": "experiment"}).json()["entries"]
    assert ["experiment.stopped", "experiment.started", "experiment.created"] == [
        each["action"] for each in entries
    ]


def test_a_read_out_before_anybody_took_part(admin: httpx.Client) -> None:
    answer = admin.post(BASE, json=HOLDOUT).json()

    assert ("holdout", "control", 0, None) == (
        answer["kind"],
        answer["baseline"],
        answer["sessions"],
        answer["from"],
    )
    assert "Start it when you are ready; a draft changes nothing." == answer["advice"]
    offered = answer["arms"][1]
    assert [("conversion", True, None, "too_early")] == [
        (each["figure"], each["isGuardrail"], each["difference"], each["verdict"])
        for each in offered["readings"]
    ]


def test_what_makes_no_sense_is_refused_with_all_of_it(admin: httpx.Client) -> None:
    response = admin.post(BASE, json={"key": "No!", "arms": [{"name": "a", "weight": 1}]})

    assert 400 == response.status_code
    assert ["key", "arms", "arms"] == [
        each["field"] for each in response.json()["error"]["details"]
    ]
    assert [] == admin.get(BASE).json()["experiments"]


def test_one_at_a_time_and_never_again_is_a_conflict(admin: httpx.Client) -> None:
    for new in (HOLDOUT, PRICE_TEST):
        admin.post(BASE, json=new)
    admin.post(f"{BASE}/holdout/start")

    answers = [
        admin.post(BASE, json=HOLDOUT),
        admin.post(f"{BASE}/dearer/start"),
        admin.post(f"{BASE}/dearer/stop"),
    ]

    assert {(409, "conflict")} == {
        (each.status_code, each.json()["error"]["code"]) for each in answers
    }


def test_another_merchants_experiment_looks_missing(
    admin: httpx.Client, running_server: RunningServer
) -> None:
    admin.post(BASE, json=HOLDOUT)
    other = admin_client(running_server.a_shop())

    answers = [
        other.get(f"{BASE}/holdout"),
        other.post(f"{BASE}/holdout/start"),
        other.post(f"{BASE}/holdout/stop"),
    ]

    assert {404} == {each.status_code for each in answers}
    assert "draft" == admin.get(f"{BASE}/holdout").json()["status"]


def test_a_text_that_cannot_be_edited_is_a_conflict(shop: Shop, admin: httpx.Client) -> None:
    inline = (
        'modes = ["returnCoverage"]\ncurrencies = ["USD"]\nexperiments = []\n'
        "pricing = { returnCoverage = [{ base = { USD = 98 } }] }\n"
    )
    publish_configuration(
        shop.running.database, COMPILER, shop.id, inline, change=Change(A_TESTER, now())
    )

    answer = admin.post(BASE, json=HOLDOUT)

    assert 409 == answer.status_code
    assert "write it there" in answer.json()["error"]["message"]
