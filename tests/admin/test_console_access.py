"""Every page of the console by every role: read off the table, so that no page is forgotten."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from orderguard.admin.console.page_table import page_table
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.people.account import Role
from tests.support.console import Visitor, a_visitor, text_of
from tests.support.shop import RunningServer, Shop

NO_PARTS: dict[str, Any] = {field.name: None for field in fields(ConsoleParts)}
TABLE = page_table(ConsoleParts(**NO_PARTS))
"""Only to be read: what the pages would work with is not there."""

CHANGING = [row for row in TABLE if row.method == "POST"]


def named(rows: list[PageRow]) -> Any:
    return pytest.mark.parametrize("row", rows, ids=[f"{r.method} {r.path}" for r in rows])


def path_of(row: PageRow, merchant: str) -> str:
    """The row's path with something in every place; whether it exists does not matter."""
    return f"/console/m/{merchant}" + re.sub(r"\{[^}]*\}", "1", row.path)


@pytest.fixture(scope="module")
def a_shop(running_server: RunningServer) -> Shop:
    return running_server.a_shop()


@pytest.fixture(scope="module")
def viewer(a_shop: Shop) -> Visitor:
    return a_visitor(a_shop, Role.VIEWER)


@pytest.fixture(scope="module")
def owner(a_shop: Shop) -> Visitor:
    return a_visitor(a_shop, Role.OWNER)


def audit_count(shop: Shop) -> int:
    with shop.running.database.read() as work:
        return len(work.audit.page(shop.id, limit=10_000))


def test_there_are_pages_that_change_something() -> None:
    assert len(CHANGING) > 10


@named(CHANGING)
def test_what_changes_something_needs_an_editor_or_an_owner(row: PageRow) -> None:
    assert row.needs in (Role.EDITOR, Role.OWNER)


@named(CHANGING)
def test_a_viewer_changes_nothing(row: PageRow, viewer: Visitor, a_shop: Shop) -> None:
    token = viewer.form_token("/console/account")
    before = audit_count(a_shop)

    answer = viewer.http.post(path_of(row, a_shop.id), data={"form_token": token})

    assert 403 == answer.status_code
    assert "Not allowed" in text_of(answer)
    assert before == audit_count(a_shop)


@named(CHANGING)
def test_a_form_without_its_token_changes_nothing(
    row: PageRow, owner: Visitor, a_shop: Shop
) -> None:
    before = audit_count(a_shop)

    answer = owner.http.post(path_of(row, a_shop.id), data={"email": "a@b.example"})

    assert 403 == answer.status_code
    assert "Not accepted" in text_of(answer)
    assert before == audit_count(a_shop)


@named(CHANGING)
def test_a_form_from_another_site_changes_nothing(
    row: PageRow, owner: Visitor, a_shop: Shop
) -> None:
    data = {"form_token": owner.form_token("/console/account")}
    before = audit_count(a_shop)

    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = owner.http.post(path_of(row, a_shop.id), data=data, headers=headers)

        assert 403 == answer.status_code
    assert before == audit_count(a_shop)


@named(list(TABLE))
def test_another_merchants_page_is_not_found(
    row: PageRow, owner: Visitor, running_server: RunningServer
) -> None:
    other = running_server.a_shop()
    data = {"form_token": owner.form_token("/console/account")}

    answers = [
        owner.http.request(
            row.method, path_of(row, merchant), data=data if row.method == "POST" else None
        )
        for merchant in (other.id, "mer_nobodyhasthisid")
    ]

    assert [404, 404] == [each.status_code for each in answers]
    assert text_of(answers[0]) == text_of(answers[1])


@named(list(TABLE))
def test_nobody_sees_a_page_without_signing_in(
    row: PageRow, a_shop: Shop, running_server: RunningServer
) -> None:
    answer = Visitor(running_server).http.request(row.method, path_of(row, a_shop.id))

    assert 303 == answer.status_code
    assert answer.headers["location"].startswith("/console/sign-in")


@named([row for row in TABLE if row.method == "GET" and "{" not in row.path])
def test_a_page_may_run_no_script_of_anybody_else(
    row: PageRow, owner: Visitor, a_shop: Shop
) -> None:
    answer = owner.get(path_of(row, a_shop.id))

    assert 200 == answer.status_code, answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" == answer.headers["cache-control"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_templates_have_no_inline_script_or_style() -> None:
    templates = Path(__file__).parents[2] / "src/orderguard/admin/console/templates"

    for template in templates.glob("*.j2"):
        text = template.read_text(encoding="utf-8")

        found = re.findall(r"<script(?![^>]* src=)[^>]*>|<style|\sstyle=|\son[a-z]+=\"", text)
        assert [] == found, template.name
