"""Sessions and shadow runs in the console."""

from __future__ import annotations

import json
import time

import pytest

from orderguard.domain.people.account import Role
from tests.support.builders import a_document
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line

HOSTILE = "</td><script>alert('og')</script>"


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    """A merchant who offers protection from 60.00 on."""
    return running_server.a_shop(limits={"USD": {"subtotal_minimum": 60_00}})


@pytest.fixture
def viewer(shop: Shop) -> Visitor:
    return a_visitor(shop, Role.VIEWER)


def page(visitor: Visitor, shop: Shop, path: str) -> str:
    response = visitor.http.get(f"/console/m/{shop.id}{path}")
    assert 200 == response.status_code, response.text
    return response.text


def test_the_latest_sessions_are_listed(viewer: Visitor, shop: Shop) -> None:
    hidden = shop.analyze()["sessionId"]
    shown = shop.analyze(cart={"subtotalAmount": 70_00})["sessionId"]

    everything = page(viewer, shop, "/sessions")

    assert everything.index(shown) < everything.index(hidden)
    assert "cart total too low" in everything
    assert shown not in page(viewer, shop, "/sessions?eligible=false&reason=&day=")


def test_a_search_leads_to_the_page_of_the_session(viewer: Visitor, shop: Shop) -> None:
    session = shop.analyze(cartId="cart 7")["sessionId"]

    response = viewer.http.get(f"/console/m/{shop.id}/sessions", params={"search": "cart 7"})

    assert 303 == response.status_code
    assert response.headers["location"].endswith(f"/sessions/{session}")


def test_a_search_in_vain_repeats_what_was_looked_for_as_text(viewer: Visitor, shop: Shop) -> None:
    response = viewer.http.get(f"/console/m/{shop.id}/sessions", params={"search": HOSTILE})

    assert 200 == response.status_code
    assert "<script>alert" not in response.text
    assert "Nothing leads to a session with" in text_of(response)


def test_a_filter_that_is_not_understood_is_named(viewer: Visitor, shop: Shop) -> None:
    response = viewer.http.get(f"/console/m/{shop.id}/sessions", params={"day": "today"})

    assert 422 == response.status_code
    assert "expected a day" in text_of(response)


def test_a_session_is_explained(viewer: Visitor, shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    shop.analyze(sessionId=session, region="CA")

    told = page(viewer, shop, f"/sessions/{session}")

    assert "with goods for 10.00 USD more" in told
    assert "subtotal 50.00 USD, subtotal minimum 60.00 USD" in told
    assert '<th scope="row">region</th><td>US</td><td>CA</td>' in told
    assert "X-Authorization: YOUR_API_KEY" in told


def test_a_session_is_explained_soon_however_costly_the_rules_are(
    running_server: RunningServer,
) -> None:
    """Seven rules of 10 ms each would take the search for the nearest change most of a minute."""
    question = " && ".join([r'!platform.matches("\\pL\\pL9")'] * 3)
    rules = [{"name": str(n), "reject_when": f"{question} && {n} >= 0"} for n in range(7)]
    shop = running_server.a_shop(rules=rules, limits={"USD": {"subtotal_minimum": 60_00}})
    session = shop.analyze()["sessionId"]
    began = time.perf_counter()

    told = page(a_visitor(shop, Role.VIEWER), shop, f"/sessions/{session}")

    assert "cart total too low" in told
    assert 10 > time.perf_counter() - began


def test_differences_that_nobody_reads_to_the_end_are_cut(viewer: Visitor, shop: Shop) -> None:
    session = shop.analyze(*[wire_line(title="Lamp")] * 600)["sessionId"]
    shop.analyze(*[wire_line(title="Bulb")] * 600, sessionId=session)

    told = page(viewer, shop, f"/sessions/{session}")

    assert 500 == told.count("<td>Lamp</td><td>Bulb</td>")
    assert "And 100 more." in told


def test_hostile_titles_stay_text(viewer: Visitor, shop: Shop) -> None:
    line = wire_line(title=HOSTILE, sku=HOSTILE, id=HOSTILE)
    session = shop.analyze(line, cartId=HOSTILE)["sessionId"]
    shop.analyze(wire_line(title=f"{HOSTILE}!", id=HOSTILE), sessionId=session)

    told = page(viewer, shop, f"/sessions/{session}")

    assert "<script>alert" not in told
    assert "&lt;script&gt;alert" in told


@pytest.mark.parametrize("path", ["lop_00000000000000000000", "nothing"])
def test_a_session_that_is_not_there_is_not_found(viewer: Visitor, shop: Shop, path: str) -> None:
    assert 404 == viewer.http.get(f"/console/m/{shop.id}/sessions/{path}").status_code


def test_another_merchants_session_is_not_found(
    viewer: Visitor, shop: Shop, running_server: RunningServer
) -> None:
    session = running_server.a_shop().analyze()["sessionId"]

    response = viewer.http.get(f"/console/m/{shop.id}/sessions/{session}")

    assert 404 == response.status_code


def test_a_shadow_run_is_begun_watched_and_read(shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    editor = a_visitor(shop, Role.EDITOR)
    path = f"/console/m/{shop.id}/configuration/shadow-runs"

    begun = editor.send(path, path, source=json.dumps(a_document()), last="1000")
    where = begun.headers["location"]
    told = ""
    for _ in range(300):
        told = editor.http.get(where).text
        if "Replaying sessions" not in told:
            break
        time.sleep(0.1)

    assert 303 == begun.status_code
    assert "Replayed 1 sessions" in told
    assert session in told
    assert where in editor.http.get(path).text


def test_a_draft_with_problems_comes_back_with_them(shop: Shop) -> None:
    editor = a_visitor(shop, Role.EDITOR)
    path = f"/console/m/{shop.id}/configuration/shadow-runs"

    response = editor.send(path, path, source=f'x = "{HOSTILE}"')

    assert 422 == response.status_code
    assert "<script>alert" not in response.text


def test_a_viewer_sees_runs_but_no_way_to_begin_one(viewer: Visitor, shop: Shop) -> None:
    assert "Begin one" not in page(viewer, shop, "/configuration/shadow-runs")
