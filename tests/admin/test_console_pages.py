"""What the screens show and do, over HTTP and without scripts."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from orderguard.actions.create_merchant import create_merchant
from orderguard.actions.manage_accounts import add_member
from orderguard.domain.books.month import Month
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_account_id, new_merchant_id
from orderguard.running.wiring import now
from tests.support.console import Visitor, a_visitor, an_account, password_hash, text_of
from tests.support.order_desk import accepted_order, wire_fee, wire_item
from tests.support.shop import A_TESTER, RunningServer, Shop
from tests.support.wire import wire_line

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def owner(shop: Shop) -> Visitor:
    return a_visitor(shop)


def at(shop: Shop, path: str) -> str:
    return f"/console/m/{shop.id}{path}"


def push(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    http = shop.running.client(**{"X-Authorization": shop.issue_key("orders").text})
    answer = http.put("/api/v1/orders", json=order)
    assert answer.status_code in (200, 201), answer.text
    pushed: dict[str, Any] = answer.json()["order"]
    return pushed


def test_a_key_is_shown_once_and_works(shop: Shop, owner: Visitor) -> None:
    keys = at(shop, "/keys")

    shown = owner.send(keys, keys, scope="cart", origins="https://shop.example")

    [text] = re.findall(r"og_[0-9A-Za-z]{38}", shown.text)
    assert text not in owner.get(keys).text
    answer = shop.running.shared_client.get(
        "/v1/session/lop_a1b2c3d4e5f6g7h8i9j0",
        headers={"X-Authorization": text, "Origin": "https://shop.example"},
    )
    assert 404 == answer.status_code  # let in, and no such session


def test_a_revoked_key_is_refused_and_the_trail_says_by_whom(shop: Shop) -> None:
    email = an_account(shop)
    owner = Visitor(shop.running)
    owner.sign_in(email)
    keys = at(shop, "/keys")

    answer = owner.send(keys, f"{keys}/{shop.issued.key.id}/revoke")

    assert keys == answer.headers["location"]
    assert f"Revoked {shop.issued.key.id}" in text_of(owner.get(keys))
    assert "Revoked key" not in text_of(owner.get(keys))
    trail = text_of(owner.get(at(shop, "/audit?action=api_key")))
    assert f"{email} api key revoked {shop.issued.key.id}" in trail


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "A key needs at least one scope"),
        ({"scope": "root"}, "'root' is not a scope"),
        ({"scope": "cart", "origins": "shop.example/path"}, "is not an origin"),
        ({"scope": "cart", "requests_per_minute": "many"}, "must be a whole number"),
        ({"scope": "cart", "days": "0"}, "A key expires after 1 to"),
    ],
)
def test_a_key_that_cannot_be_is_explained_and_what_was_typed_stays(
    shop: Shop, owner: Visitor, fields: dict[str, str], said: str
) -> None:
    keys = at(shop, "/keys")

    answer = owner.send(keys, keys, **fields)

    assert 422 == answer.status_code
    assert said in text_of(answer)
    assert fields.get("origins", "") in answer.text


def test_a_key_of_another_merchant_is_not_revoked(
    shop: Shop, owner: Visitor, running_server: RunningServer
) -> None:
    other = running_server.a_shop()

    answer = owner.send(at(shop, "/keys"), at(shop, f"/keys/{other.issued.key.id}/revoke"))

    assert 404 == answer.status_code
    assert other.analyze(wire_line())["eligible"]


def test_a_webhook_is_registered_held_back_and_removed(
    tmp_path: Path, own_server: Callable[..., RunningServer]
) -> None:
    shop = own_server(tmp_path, webhooks_allow_private=True).a_shop()
    owner, webhooks = a_visitor(shop), at(shop, "/webhooks")

    shown = owner.send(webhooks, webhooks, url="http://127.0.0.1:9/hooks")

    [secret] = re.findall(r"whsec_[^<\s]+", shown.text)
    assert secret not in owner.get(webhooks).text
    [endpoint] = set(re.findall(r"whe_\w+", owner.get(webhooks).text))
    one = f"{webhooks}/{endpoint}"
    owner.send(one, f"{one}/disable")
    assert "disabled: asked" in text_of(owner.get(one))
    assert 422 == owner.send(one, f"{one}/replay", hours="24").status_code
    owner.send(one, f"{one}/enable")
    assert "0 events are sent again" in text_of(
        owner.get(owner.send(one, f"{one}/replay", hours="24").headers["location"])
    )
    assert owner.send(one, f"{one}/replay", event="evt_\x00").status_code in (400, 422)
    owner.send(one, f"{one}/remove")
    assert 404 == owner.get(one).status_code


def test_a_webhook_into_the_own_network_is_refused(shop: Shop, owner: Visitor) -> None:
    webhooks = at(shop, "/webhooks")

    answer = owner.send(webhooks, webhooks, url="https://127.0.0.1/hooks")

    assert 422 == answer.status_code
    assert "https://127.0.0.1/hooks" in answer.text


def test_an_order_that_was_charged_otherwise_is_in_the_review_with_its_evidence(
    shop: Shop, owner: Visitor
) -> None:
    session, other = (shop.analyze(wire_line())["sessionId"] for _ in range(2))
    push(shop, accepted_order(other, external_id="exact-1"))
    altered = push(
        shop,
        accepted_order(session, external_id="altered-1", fees=[wire_fee(9_99)]),
    )

    review = owner.get(at(shop, "/orders?show=review")).text
    page = text_of(owner.get(at(shop, f"/orders/{altered['id']}")))

    assert "altered-1" in review
    assert "exact-1" not in review
    assert "The fee was never quoted" in page
    assert "9.99" in page
    assert session in page
    assert "Return coverage" in page
    assert "returnCoverage" not in page


COVERED = re.compile(
    r"Order first-1 Covered until \d{1,2} \w{3} 20\d\d Protection The customer bought"
)


def test_an_orders_page_and_every_list_begin_with_whether_it_is_covered(
    shop: Shop, owner: Visitor
) -> None:
    order = accepted_order(shop.analyze(wire_line())["sessionId"], external_id="first-1")
    pushed = push(shop, order)
    one, lists = at(shop, f"/orders/{pushed['id']}"), [at(shop, "/orders"), at(shop, "/overview")]

    assert COVERED.search(text_of(owner.get(one)))
    assert all("first-1 Covered until " in text_of(owner.get(path)) for path in lists)

    push(shop, order | {"status": "cancelled"})

    page = text_of(owner.get(one))
    assert "Order first-1 Not covered: the order was cancelled Protection The customer" in page
    assert "Coverage is active" not in page
    assert "badge good" not in owner.get(one).text.partition("<h2>Coverage</h2>")[0].replace(
        'badge good">As quoted', ""
    )
    for path in lists:
        listed = text_of(owner.get(path))
        assert "first-1 Not covered the order was cancelled" in listed
        assert "Covered until" not in listed


def test_an_order_without_protection_says_so_first(shop: Shop, owner: Visitor) -> None:
    session = shop.analyze(wire_line())["sessionId"]
    declined = push(shop, accepted_order(session, external_id="declined-1", fees=[]))

    page = text_of(owner.get(at(shop, f"/orders/{declined['id']}")))

    assert "Order declined-1 Not covered: the customer did not buy protection" in page


def test_the_overview_says_when_no_cart_can_get_an_offer(
    running_server: RunningServer, shop: Shop, owner: Visitor
) -> None:
    overview = at(shop, "/overview")
    shop.analyze(wire_line())
    fine = text_of(owner.get(overview))
    off = running_server.a_shop(enabled=False)
    off.analyze(wire_line())
    switched_off = text_of(a_visitor(off).get(at(off, "/overview")))

    assert "OK Offers are switched on, by version 1 of the settings." in fine
    assert "OK 1 of 1 cart checked since yesterday got an offer." in fine
    assert "Action needed Offers are switched off, so no cart gets an offer." in switched_off
    assert "Action needed None of the 1 cart checked since yesterday got an offer." in switched_off


def test_the_overview_says_when_carts_came_and_none_got_an_offer(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop(
        limits={"USD": {"subtotal_minimum": 90_000_00, "subtotal_maximum": 99_000_00}}
    )
    for _ in range(3):
        assert not shop.analyze(wire_line())["eligible"]

    page = text_of(a_visitor(shop).get(at(shop, "/overview")))

    assert (
        "Action needed None of the 3 carts checked since yesterday got an offer. See why." in page
    )


def test_an_order_is_found_by_either_id(shop: Shop, owner: Visitor) -> None:
    order = push(shop, accepted_order(external_id="FF-17"))

    for id_ in ("FF-17", order["id"]):
        assert f"/orders/{order['id']}" in owner.get(at(shop, f"/orders?order={id_}")).text
    assert "No order has this id" in text_of(owner.get(at(shop, "/orders?order=FF")))


def test_an_order_of_another_merchant_is_not_found(
    shop: Shop, owner: Visitor, running_server: RunningServer
) -> None:
    order = push(running_server.a_shop(), accepted_order(external_id="theirs"))

    assert 404 == owner.get(at(shop, f"/orders/{order['id']}")).status_code


def test_pages_of_orders_miss_none(shop: Shop, owner: Visitor) -> None:
    pushed = {push(shop, accepted_order(external_id=f"n-{number}"))["id"] for number in range(53)}

    seen: set[int] = set()
    path: str | None = at(shop, "/orders?show=unlinked")
    while path:
        page = owner.get(path).text
        seen |= {int(id_) for id_ in re.findall(r"/orders/(\d+)", page)}
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else None

    assert pushed == seen


def test_product_titles_and_shop_names_stay_text(running_server: RunningServer) -> None:
    id_ = new_merchant_id()
    name = f"{HOSTILE} {id_[4:]}"
    shop = running_server.a_shop()
    create_merchant(running_server.database, name, new_id=id_, change=Change(A_TESTER, now()))
    visitor = a_visitor(shop)
    email = re.search(r"[\w-]+@shop\.example", visitor.get("/console/account").text)
    assert email
    add_member(
        running_server.database,
        id_,
        email[0],
        Role.OWNER,
        new_id=new_account_id(),
        password_hash=password_hash(),
        change=Change(A_TESTER, now()),
    )
    visitor.sign_in(email[0])
    order = push(
        shop,
        accepted_order(external_id=HOSTILE[:60], line_items=[wire_item() | {"title": HOSTILE}]),
    )
    pages = [
        visitor.get("/console"),
        visitor.get(f"/console/m/{id_}/overview"),
        visitor.get(at(shop, f"/orders/{order['id']}")),
        visitor.get(at(shop, "/orders")),
    ]

    for page in pages:
        assert 200 == page.status_code
        assert "&lt;script&gt;" in page.text
        assert "<script>" not in page.text
        assert "<img src=x" not in page.text


def test_the_statement_of_the_console_is_the_statement_of_the_books(
    shop: Shop, owner: Visitor
) -> None:
    push(shop, accepted_order())
    month = Month.of(now())
    path = at(shop, f"/statements/{month}")

    page = text_of(owner.get(path))
    table = list(csv.DictReader(StringIO(owner.get(f"{path}/csv").text)))
    document = owner.get(f"{path}/json").json()

    assert "Net 4.98 USD" in page
    [row], [currency] = table, document["currencies"]
    assert {name: str(value) for name, value in currency.items()} == {
        name: value for name, value in row.items() if name != "month"
    }
    assert 422 == owner.send(at(shop, "/keys"), f"{path}/close").status_code


def test_downloads_are_files(shop: Shop, owner: Visitor) -> None:
    answer = owner.get(at(shop, "/statements/2026-01/csv"))

    disposition = answer.headers["content-disposition"]
    assert 'attachment; filename="statement-2026-01.csv"' == disposition
    assert "nosniff" == answer.headers["x-content-type-options"]


@pytest.mark.parametrize("path", ["/statements/2026-13", "/statements/2026-01/xml", "/webhooks/1"])
def test_what_is_not_there_is_not_found(shop: Shop, owner: Visitor, path: str) -> None:
    assert 404 == owner.get(at(shop, path)).status_code


def test_a_person_is_let_in_changed_and_removed(shop: Shop, owner: Visitor) -> None:
    people = at(shop, "/people")

    shown = owner.send(people, people, email="New@Shop.Example", role="viewer")

    [link] = re.findall(r"http://[^<\s]+/console/welcome\?link=\w+", shown.text)
    newcomer = Visitor(shop.running)
    path = link.removeprefix(shop.running.url)
    answer = newcomer.send(path, "/console/welcome", link=path.partition("=")[2])
    assert "/console/account" == answer.headers["location"]
    assert "Issue a key" not in text_of(newcomer.get(at(shop, "/keys")))

    with shop.running.database.read() as work:
        [member] = [
            each for each in work.accounts.members(shop.id)
            if each.account.email == "new@shop.example"
        ]  # fmt: skip
    owner.send(people, f"{people}/{member.account.id}/role", role="owner")
    assert "Issue a key" in text_of(newcomer.get(at(shop, "/keys")))
    owner.send(people, f"{people}/{member.account.id}/remove")
    assert 404 == newcomer.get(at(shop, "/keys")).status_code


@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        ("/people", "/people", {"email": "a\x00@shop.example", "role": "viewer"}),
        ("/people", "/people", {"email": "a@shop.example", "role": "\x00"}),
        ("/keys", "/keys", {"origins": "https://a\x00.example", "scope": "cart"}),
        ("/keys", "/keys", {"label": "a", "scope": "cart\x00"}),
    ],
)
def test_no_field_of_a_form_has_a_nul(
    shop: Shop, owner: Visitor, page: str, action: str, fields: dict[str, str]
) -> None:
    answer = owner.send(at(shop, page), at(shop, action), **fields)

    assert answer.status_code in (400, 422)
    assert "a character that no text has" in text_of(answer)


def test_the_last_owner_stays(shop: Shop, owner: Visitor) -> None:
    people = at(shop, "/people")
    with shop.running.database.read() as work:
        [member] = work.accounts.members(shop.id)
    one = f"{people}/{member.account.id}"

    answers: list[httpx.Response] = [
        owner.send(people, f"{one}/remove"),
        owner.send(people, f"{one}/role", role="viewer"),
    ]

    assert [422, 422] == [each.status_code for each in answers]
    assert "last owner" in text_of(answers[0])
