"""Sandboxes in the console: the banner, the clock, the reset, and a new one (contract §12)."""

from __future__ import annotations

from html import unescape

import pytest

from orderguard.actions import open_sandbox
from orderguard.domain.people.account import Role
from orderguard.randomness import new_merchant_id
from tests.support.builders import a_document
from tests.support.console import a_visitor, text_of
from tests.support.order_desk import NOTHING_ON_RECORD, OrderShop, accepted_order
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_request

BANNER = "Sandbox: these orders are tests, and are never billed."


@pytest.fixture
def sandbox(running_server: RunningServer) -> Shop:
    return running_server.a_shop(is_sandbox=True)


def test_every_page_of_a_sandbox_has_the_banner_and_no_page_of_a_live_merchant(
    sandbox: Shop, shop: Shop
) -> None:
    visitors = {each: a_visitor(each) for each in (sandbox, shop)}

    for page in ("overview", "orders", "statements", "keys", "sandbox"):
        shown = {
            each: text_of(visitor.get(f"/console/m/{each.id}/{page}"))
            for each, visitor in visitors.items()
        }
        assert BANNER in shown[sandbox]
        assert BANNER not in shown[shop]


def test_the_clock_is_moved_and_the_banner_says_so(sandbox: Shop) -> None:
    visitor, page = a_visitor(sandbox, Role.EDITOR), f"/console/m/{sandbox.id}/sandbox"

    moved = visitor.send(page, f"{page}/clock", advance="40d")
    refused = visitor.send(page, f"{page}/clock", advance="-40d")

    assert (303, 422) == (moved.status_code, refused.status_code)
    assert "Its test clock is 40 days ahead." in text_of(visitor.get(page))


def test_only_an_owner_empties_the_sandbox(sandbox: Shop) -> None:
    orders, page = OrderShop(sandbox), f"/console/m/{sandbox.id}/sandbox"
    orders.push(accepted_order(orders.analyze()))
    editor, owner = a_visitor(sandbox, Role.EDITOR), a_visitor(sandbox)

    assert 403 == editor.send(page, f"{page}/reset").status_code
    assert NOTHING_ON_RECORD != orders.counts()
    assert 303 == owner.send(page, f"{page}/reset").status_code
    assert NOTHING_ON_RECORD == orders.counts()


def test_a_live_merchant_cannot_be_moved_or_emptied_by_a_form(shop: Shop) -> None:
    visitor, page = a_visitor(shop), f"/console/m/{shop.id}/sandbox"

    answers = [
        visitor.send(page, f"{page}/clock", advance="1d"),
        visitor.send(page, f"{page}/reset"),
    ]

    assert [422, 422] == [each.status_code for each in answers]
    assert "is a live merchant" in text_of(answers[1])


def test_an_owner_opens_a_sandbox_with_the_settings_of_the_live_merchant(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop(a_document(exclude_b2b=True))
    visitor, page = a_visitor(shop), f"/console/m/{shop.id}/sandbox"
    name = f"acme {new_merchant_id()[4:]}"

    opened = visitor.send(page, page, name=name)
    taken = visitor.send(page, page, name=name)

    assert (303, 422) == (opened.status_code, taken.status_code)
    with running_server.database.read() as work:
        sandbox = work.merchants.find(name)
        assert sandbox is not None
        assert sandbox.sandbox is not None
        copied, original = (work.configurations.latest(each) for each in (sandbox.id, shop.id))
    assert copied is not None
    assert original is not None
    assert original.source == copied.source
    assert f"/console/m/{sandbox.id}/keys" == opened.headers["Location"]
    assert BANNER in text_of(visitor.get(opened.headers["Location"]))
    assert "owner, sandbox" in text_of(visitor.get("/console"))


def test_only_owners_open_sandboxes_and_only_so_many(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"/console/m/{shop.id}/sandbox"
    editor, owner = a_visitor(shop, Role.EDITOR), a_visitor(shop)
    monkeypatch.setattr(open_sandbox, "SANDBOXES_AT_MOST", 0)

    token = editor.form_token(f"/console/m/{shop.id}/keys")
    refused = editor.http.post(page, data={"form_token": token, "name": "mine"})
    too_many = owner.send(page, page, name="mine too")

    assert (403, 422) == (refused.status_code, too_many.status_code)
    assert "0 sandboxes at most" in text_of(too_many)


def test_the_documentation_is_opened_with_a_key_of_the_sandbox_for_a_day(
    sandbox: Shop, shop: Shop
) -> None:
    visitor, page = a_visitor(sandbox), f"/console/m/{sandbox.id}/sandbox"
    live, live_page = a_visitor(shop), f"/console/m/{shop.id}/sandbox"

    opened = visitor.send(page, f"{page}/documentation")
    refused = live.send(live_page, f"{live_page}/documentation")

    key = opened.cookies["orderguard_documentation_key"]
    assert (303, "/docs/offers") == (opened.status_code, opened.headers["location"])
    assert key.startswith("og_test_")
    assert "httponly" in opened.headers["set-cookie"].lower()
    assert f"X-Authorization: {key}" in unescape(visitor.get("/docs/offers").text)
    assert 422 == refused.status_code
    http = sandbox.running.client(**{"X-Authorization": key})
    assert http.post("/v1/analyze", json=wire_request()).json()["chargeInstructions"]["amount"]
