"""Who may call the admin API, and what it says to those who may not."""

from __future__ import annotations

import httpx
import pytest

from orderguard.domain.people.audit import Actor, Change
from orderguard.running.wiring import now
from tests.support.shop import A_TESTER, RunningServer, Shop


def test_a_key_without_the_admin_scope_is_forbidden(shop: Shop) -> None:
    response = shop.http.get("/admin/v1/audit")

    assert 403 == response.status_code
    assert "forbidden" == response.json()["error"]["code"]


def test_without_a_key_nobody_gets_in(running_server: RunningServer) -> None:
    response = running_server.shared_client.get("/admin/v1/audit")

    assert 401 == response.status_code
    assert "unauthorized" == response.json()["error"]["code"]


def test_a_path_that_does_not_exist_is_not_found(shop: Shop) -> None:
    response = shop.http.get("/admin/v1/nothing")

    assert 404 == response.status_code
    assert "not_found" == response.json()["error"]["code"]


def test_changes_are_in_the_audit_trail_newest_first_with_who_made_them(shop: Shop) -> None:
    http = admin_client(shop)
    issued = shop.issue_key("orders")
    shop.revoke(issued)

    entries = http.get("/admin/v1/audit", params={"limit": 2}).json()["entries"]

    assert ["api_key.revoked", "api_key.issued"] == [each["action"] for each in entries]
    assert {issued.key.id} == {each["subject"] for each in entries}
    assert {A_TESTER} == {each["actor"] for each in entries}
    assert entries[0]["before"]["revoked_at"] is None
    assert entries[0]["after"]["revoked_at"] is not None


def test_revoking_a_revoked_key_leaves_no_second_entry(shop: Shop) -> None:
    http = admin_client(shop)
    issued = shop.issue_key("orders")

    shop.revoke(issued)
    shop.revoke(issued)

    entries = http.get("/admin/v1/audit", params={"action": "api_key.revoked"}).json()["entries"]
    assert 1 == len(entries)


def test_pages_of_the_audit_trail_miss_nothing_even_within_one_instant(shop: Shop) -> None:
    http = admin_client(shop)
    at = now()
    with shop.running.database.begin() as work:
        for number in range(5):
            work.audit.record(
                shop.id,
                change=Change(Actor("a@b.example"), at),
                action="test.done",
                subject=str(number),
            )

    seen, cursor = [], None
    while cursor is not None or not seen:
        params = {"limit": 2, "actor": "a@b.example"} | ({"cursor": cursor} if cursor else {})
        page = http.get("/admin/v1/audit", params=params).json()
        seen += [each["subject"] for each in page["entries"]]
        cursor = page["nextCursor"]

    assert ["4", "3", "2", "1", "0"] == seen


def test_another_merchants_changes_are_not_seen(shop: Shop, running_server: RunningServer) -> None:
    other = running_server.a_shop()

    entries = admin_client(shop).get("/admin/v1/audit").json()["entries"]

    assert other.id not in str(entries)


@pytest.mark.parametrize(
    "path",
    [
        "/keys/%00",
        "/shadow-runs/%00",
        "/sessions?query=%00",
        "/audit?actor=a%00",
        "/configuration/drafts/%00",
        "/configuration/diff?to=drf_%00",
        "/configuration/scheduled-publications/%00",
    ],
)
def test_nothing_has_a_nul_in_its_name(shop: Shop, path: str) -> None:
    method = "DELETE" if path.startswith("/keys") else "GET"

    response = admin_client(shop).request(method, f"/admin/v1{path}")

    assert (404, "not_found") == (response.status_code, response.json()["error"]["code"])


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/keys", {"label": "a\x00", "scopes": ["cart"]}, "label"),
        ("/webhooks/wh_1/replay", {"eventIds": ["evt_1", "evt_\x00"]}, "eventIds[1]"),
        ("/configuration/check", {"source": "", "document": {"a": {"\x00": 1}}}, "document.a"),
    ],
)
def test_no_text_has_a_nul(shop: Shop, path: str, body: dict[str, object], where: str) -> None:
    response = admin_client(shop).post(f"/admin/v1{path}", json=body)

    error = response.json()["error"]
    assert (400, "invalid_request") == (response.status_code, error["code"])
    assert f"{where} has a character that no text has" in error["message"]


def admin_client(shop: Shop) -> httpx.Client:
    """A client of the admin API of this merchant."""
    return shop.running.client(**{"X-Authorization": shop.issue_key("admin").text})
