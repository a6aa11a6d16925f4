"""The page at /docs, for people."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import httpx
import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.orders.acceptance import AcceptanceOutcome, WarningCode
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.http.openapi.page import documentation_page
from orderguard.running.wiring_backstage import API
from tests.support.shop import RunningServer


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.codes: list[str] = []
        self.headings: list[int] = []
        self.event_handlers: list[str] = []
        self._in_code = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        self.ids += [attributes["id"] or ""] if "id" in attributes else []
        self.targets += [attributes["href"] or ""] if tag == "a" else []
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.event_handlers += [name for name in attributes if name.startswith("on")]
        self._in_code = tag == "code"

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.codes.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_code = self._in_code and tag != "code"


@pytest.fixture(scope="module")
def response(running_server: RunningServer) -> httpx.Response:
    return running_server.client().get("/docs")


@pytest.fixture(scope="module")
def page(response: httpx.Response) -> Page:
    return Page(response.text)


def test_every_field_of_every_body_is_on_the_page(page: Page) -> None:
    schemas = API.document["components"]["schemas"].values()
    fields = {field for schema in schemas for field in schema.get("properties", {})}

    assert set() == fields - set(page.codes)


def test_every_reason_is_on_the_page_with_what_to_do(page: Page, response: httpx.Response) -> None:
    assert {f"reason-{reason}" for reason in EligibilityReason} <= set(page.ids)
    assert 15 <= response.text.count("Hide the offer")


def test_every_outcome_verdict_and_warning_is_on_the_page(page: Page) -> None:
    assert {f"outcome-{outcome}" for outcome in AcceptanceOutcome} <= set(page.ids)
    assert {f"verdict-{verdict}" for verdict in FeeVerdict} <= set(page.ids)
    assert {f"warning-{code}" for code in WarningCode} <= set(page.ids)


def test_orders_and_coverages_have_sections_of_their_own(page: Page) -> None:
    assert {"Orders", "Coverages", "upsertOrder", "showCoverage"} <= set(page.ids)
    assert {"#Orders", "#Coverages", "#upsertOrder", "#showCoverage"} <= set(page.targets)


def test_every_path_and_every_error_is_on_the_page(page: Page) -> None:
    document = API.document
    responses = document["components"]["responses"].values()
    errors = {each["x-code"] for each in responses if each["x-code"] != str(each["x-status"])}

    assert set() == set(document["paths"]) - set(page.codes)
    assert set() == errors - set(page.codes)


def test_nothing_runs_and_nothing_is_loaded(page: Page, response: httpx.Response) -> None:
    policy = response.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert set() == {"script", "link", "img", "iframe", "form"} & set(page.tags)
    assert [] == page.event_handlers
    assert "style=" not in response.text


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    assert set() == {target[1:] for target in page.targets if target[0] == "#"} - set(page.ids)
    assert sorted(set(page.ids)) == sorted(page.ids)


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    assert "#content" == page.targets[0]


def test_headings_do_not_skip_a_level(page: Page) -> None:
    steps = [later - earlier for earlier, later in pairwise(page.headings)]

    assert [1] == [level for level in page.headings if level == 1]
    assert 1 >= max(steps)


def test_markup_in_the_document_is_shown_and_not_obeyed() -> None:
    hostile = "<script>alert(1)</script> `<img src=x>`"
    document: dict[str, Any] = copy.deepcopy(API.document)
    document["info"] |= {"title": hostile, "summary": hostile, "description": hostile}
    analyze = document["paths"]["/v1/analyze"]["post"]
    analyze |= {"summary": hostile, "description": hostile, "x-codeSamples": [{"source": hostile}]}
    document["components"]["schemas"]["Cart"]["properties"][hostile] = {"description": hostile}

    html = documentation_page(document)

    assert set() == {"script", "img"} & set(Page(html).tags)
    assert "&lt;script&gt;" in html


def test_a_reader_who_has_the_page_is_not_sent_it_again(
    running_server: RunningServer, response: httpx.Response
) -> None:
    known = {"If-None-Match": response.headers["etag"]}

    again = running_server.client().get("/docs", headers=known)

    assert (304, b"") == (again.status_code, again.content)
