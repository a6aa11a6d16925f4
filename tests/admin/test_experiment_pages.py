"""Experiments in the console."""

from __future__ import annotations

import httpx
import pytest

from orderguard.domain.people.account import Role
from orderguard.running.wiring import now, wire_roll_up
from tests.support.builders import a_document
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line


@pytest.fixture
def shop(running_server: RunningServer) -> Shop:
    return running_server.a_shop()


@pytest.fixture
def editor(shop: Shop) -> Visitor:
    return a_visitor(shop, Role.EDITOR)


def path_to(shop: Shop, page: str = "") -> str:
    return f"/console/m/{shop.id}/experiments{page}"


def create(editor: Visitor, shop: Shop, **fields: str) -> httpx.Response:
    known = {"kind": "price", "key": "dearer", "price": "110", "share": "50"}
    return editor.send(path_to(shop), path_to(shop), **known | fields)


def test_a_price_test_is_created_started_read_and_stopped(editor: Visitor, shop: Shop) -> None:
    created = create(editor, shop)
    assert (303, path_to(shop, "/dearer")) == (created.status_code, created.headers["location"])
    assert "a draft changes nothing" in text_of(editor.get(path_to(shop, "/dearer")))

    page = path_to(shop, "/dearer")
    assert 303 == editor.send(page, f"{page}/start").status_code
    prices = {_price(shop) for _ in range(20)}
    for _ in wire_roll_up(shop.running.database).catch_up(shop.id, at=now()):
        pass
    read = text_of(editor.get(page))
    assert 303 == editor.send(page, f"{page}/stop").status_code

    # 2.98 and 2.00, or 10 % more of each.
    assert {4_98, 5_48} == prices
    assert "Sessions from" in read
    assert "Let it run: it is too early to tell" in read
    assert "higher beside usual" in read
    assert "stopped" in text_of(editor.get(page))
    assert {4_98} == {_price(shop) for _ in range(5)}


def _price(shop: Shop) -> int:
    answer = shop.analyze(wire_line(), experimentationConsent=True)
    amount: int = answer["chargeInstructions"]["amount"]
    return amount


def test_a_holdout_is_listed_with_what_to_do(editor: Visitor, shop: Shop) -> None:
    create(editor, shop, kind="holdout", key="holdout", share="10")

    page = text_of(editor.get(path_to(shop)))

    assert "holdout holdout draft 0 Start it when you are ready" in page
    assert "10.0 %" in text_of(editor.get(path_to(shop, "/holdout")))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"key": "Black Friday"}, "key: expected up to 64"),
        ({"price": "100"}, "all arms are alike"),
        ({"price": "10"}, "from half the price"),
        ({"share": "0"}, "too little"),
        ({"share": "100"}, "too little"),
        ({"share": ""}, "share is missing"),
        ({"price": "more"}, "price must be a whole number"),
    ],
)
def test_what_makes_no_sense_is_explained_and_kept(
    editor: Visitor, shop: Shop, fields: dict[str, str], says: str
) -> None:
    answer = create(editor, shop, **fields)

    assert 422 == answer.status_code
    assert says in text_of(answer)
    assert f'value="{fields.get("key", "dearer")}"' in answer.text
    assert "No experiments yet." in text_of(editor.get(path_to(shop)))


def test_a_second_experiment_is_not_started(editor: Visitor, shop: Shop) -> None:
    for key in ("first", "second"):
        create(editor, shop, key=key)
    editor.send(path_to(shop, "/first"), path_to(shop, "/first/start"))

    answer = editor.send(path_to(shop, "/second"), path_to(shop, "/second/start"))

    assert 409 == answer.status_code
    assert "first is running. Stop it first" in text_of(answer)


def test_what_people_write_into_documents_stays_text(editor: Visitor, shop: Shop) -> None:
    hostile = "<script>alert('og')</script>"
    shop.publish(_document(hostile))

    page = editor.get(path_to(shop)).text
    one = editor.get(path_to(shop, "/a b"))

    assert "<script>alert" not in page
    assert 200 == one.status_code
    assert "<script>alert" not in one.text
    assert "No price plan asks for cohort ==" in text_of(one)


def _document(arm: str) -> dict[str, object]:
    arms = [{"name": "usual", "weight": 1}, {"name": arm, "weight": 1}]
    return a_document(experiments=[{"key": "a b", "status": "running", "arms": arms}])


def test_a_viewer_sees_no_buttons(editor: Visitor, shop: Shop) -> None:
    create(editor, shop)
    viewer = a_visitor(shop, Role.VIEWER)

    for page in ("", "/dearer"):
        assert "<button" not in viewer.get(path_to(shop, page)).text.partition("<main")[2]


def test_an_experiment_nobody_made_is_not_found(editor: Visitor, shop: Shop) -> None:
    assert 404 == editor.get(path_to(shop, "/nobody")).status_code
