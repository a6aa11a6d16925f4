"""The pages at and below /docs, and the page at the root, for people."""

from __future__ import annotations

import copy
import html
import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.orders.acceptance import AcceptanceOutcome, WarningCode
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.http.documentation import KEY_COOKIE, address_of
from orderguard.http.openapi.page import DocumentationPages
from orderguard.http.openapi.samples import EXAMPLE_KEY, EXAMPLE_SERVER
from orderguard.http.openapi.subjects import ADMINISTRATORS
from orderguard.running.wiring_backstage import API
from tests.support.programs import find_program
from tests.support.shop import RunningServer


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.codes: list[str] = []
        self.headings: list[int] = []
        self.event_handlers: list[str] = []
        self._in_code = False
        self.feed(text)

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
def answers(running_server: RunningServer) -> dict[str, httpx.Response]:
    """Every page by its path."""
    http = running_server.client()
    paths = ["/docs", *(f"/docs/{path}" for path in API.pages.subjects), "/docs/search?q=order"]
    return {path: http.get(path) for path in paths}


@pytest.fixture(scope="module")
def pages(answers: dict[str, httpx.Response]) -> dict[str, Page]:
    return {path: Page(answer.text) for path, answer in answers.items()}


@pytest.fixture(scope="module")
def codes(pages: dict[str, Page]) -> set[str]:
    """What stands in code on any page."""
    return {code for page in pages.values() for code in page.codes}


def test_every_field_of_every_body_is_on_a_page(codes: set[str]) -> None:
    schemas = API.document["components"]["schemas"].values()
    fields = {field for schema in schemas for field in schema.get("properties", {})}

    assert set() == fields - codes


def test_every_path_and_every_error_is_on_a_page(codes: set[str]) -> None:
    document = API.document
    responses = document["components"]["responses"].values()
    errors = {each["x-code"] for each in responses if each["x-code"] != str(each["x-status"])}

    assert set() == set(document["paths"]) - codes
    assert set() == errors - codes


def test_every_reason_has_a_row_with_what_to_do(
    pages: dict[str, Page], answers: dict[str, httpx.Response]
) -> None:
    assert {f"reason-{reason}" for reason in EligibilityReason} <= {*pages["/docs/reasons"].ids}
    assert 15 <= answers["/docs/reasons"].text.count("Hide the offer")


def test_every_outcome_verdict_and_warning_has_a_row(pages: dict[str, Page]) -> None:
    ids = {*pages["/docs/acceptance"].ids}

    assert {f"outcome-{outcome}" for outcome in AcceptanceOutcome} <= ids
    assert {f"verdict-{verdict}" for verdict in FeeVerdict} <= ids
    assert {f"warning-{code}" for code in WarningCode} <= ids


def test_an_operation_has_one_page_and_the_first_page_leads_to_it(pages: dict[str, Page]) -> None:
    operations = {
        f"/docs/{path}#{operation.anchor}"
        for path, subject in API.pages.subjects.items()
        for operation in subject.shown
    }
    described = {
        each["operationId"]
        for methods in API.document["paths"].values()
        for method, each in methods.items()
        if "x-same-as" not in each and method != "options"
    }

    assert described == {link.partition("#")[2] for link in operations}
    assert operations <= {*pages["/docs"].targets}
    assert described <= {*pages["/docs"].ids}  # a link to an operation of the former long page


def test_integrators_and_administrators_read_pages_of_their_own() -> None:
    for path, subject in API.pages.subjects.items():
        tags = {tag for each in subject.operations for tag in each.description["tags"]}
        is_for_administrators = path.startswith("admin/") or path == "operations"

        assert is_for_administrators == (subject.group == ADMINISTRATORS), path
        assert is_for_administrators or "Admin" not in tags


def test_only_our_own_script_runs_and_nothing_is_loaded(
    pages: dict[str, Page], answers: dict[str, httpx.Response]
) -> None:
    for path, answer in answers.items():
        policy = answer.headers["content-security-policy"]
        (script,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
        digest = b64encode(sha256(script.encode()).digest()).decode()

        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert f"script-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy
        assert set() == {"link", "img", "iframe"} & set(pages[path].tags)
        assert ["script"] == [tag for tag in pages[path].tags if tag == "script"]
        assert [] == pages[path].event_handlers
        assert "style=" not in answer.text


def test_every_link_between_the_pages_leads_somewhere(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        assert sorted(set(page.ids)) == sorted(page.ids), path
        for target in page.targets:
            where, _, anchor = target.partition("#")
            if where in ("/openapi.json", "/console"):
                continue
            found = pages.get(where or path)
            assert found, f"{path}: {target}"
            assert not anchor or anchor in found.ids, f"{path}: {target}"


def test_the_keyboard_reaches_the_content_first(pages: dict[str, Page]) -> None:
    assert {"#content"} == {page.targets[0] for page in pages.values()}


def test_headings_do_not_skip_a_level(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        steps = [later - earlier for earlier, later in pairwise(page.headings)]

        assert [1] == [level for level in page.headings if level == 1], path
        assert 1 >= max(steps, default=0), path


def test_examples_have_the_address_that_the_page_was_asked_at(
    running_server: RunningServer,
) -> None:
    http = running_server.client()

    shown = http.get("/docs/offers").text
    behind_a_proxy = http.get(
        "/docs/offers", headers={"Host": "pay.shop.example", "X-Forwarded-Proto": "https"}
    ).text

    assert f"curl -X POST {running_server.url}/v1/analyze" in shown
    assert 4 <= shown.count(f"{running_server.url}/v1/analyze")
    assert "https://pay.shop.example/v1/analyze" in behind_a_proxy
    assert "127.0.0.1:8080" not in shown + behind_a_proxy


@pytest.mark.parametrize(
    "host",
    ["shop.example;reboot", "x'$(id)'", "a b", '"><script>', "shop.example:99999999", "é", ""],
)
def test_a_host_that_is_no_plain_name_gets_into_no_command(host: str) -> None:
    assert EXAMPLE_SERVER == address_of("https", host)


def test_a_sandbox_key_of_this_browser_is_in_the_examples_of_integrators_alone(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop(is_sandbox=True)
    key, http = shop.issue_key("cart").text, running_server.client()
    cookie = {"Cookie": f"a=b; {KEY_COOKIE}={key}"}

    filled = http.get("/docs/offers", headers=cookie)

    assert f"X-Authorization: {key}" in html.unescape(filled.text)
    assert ("private, no-store", "Cookie") == (
        filled.headers["cache-control"],
        filled.headers["vary"],
    )
    for path, text in (
        ("/docs/admin/keys", key),
        ("/docs/offers", "og_test_<script>"),
        ("/docs/offers", running_server.a_shop().issue_key("cart").text),  # a live one
    ):
        shown = http.get(path, headers={"Cookie": f"{KEY_COOKIE}={text}"}).text
        assert text not in shown
        assert EXAMPLE_KEY in shown


def test_the_search_finds_operations_fields_words_and_errors(pages: dict[str, Page]) -> None:
    for searched, link in (
        ("create order", "/docs/orders#createOrder"),
        ("ACCEPTED_offer_mode", "/docs/orders#createOrder"),
        ("too valuable", "/docs/reasons#reason-cart_too_valuable"),
        ("rate_limited", "/docs/errors#error-Offers-rate_limited"),
        ("2026-07", "/docs/orders#upsertOrder"),
    ):
        assert link in Page(API.pages.search(searched)).targets, searched
    assert "Nothing has all of these words" in API.pages.search("zebra crossing")
    assert "<script>alert" not in API.pages.search("<script>alert(1)</script>")


def test_a_subject_that_is_none_is_not_found(running_server: RunningServer) -> None:
    http = running_server.client()

    found = [http.get(path).status_code for path in ("/docs/nothing", "/docs/admin/search")]

    assert [404, 404] == found


def test_a_person_at_the_root_is_led_on_and_a_program_finds_nothing(
    running_server: RunningServer,
) -> None:
    http = running_server.client()

    person = http.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    program = http.get("/")

    assert {"/docs", "/console", "/readyz"} == {*Page(person.text).targets}
    assert "default-src 'none'" in person.headers["content-security-policy"]
    assert (404, "not_found") == (program.status_code, program.json()["error"]["code"])


LANGUAGES = {"curl": "bash", "Python": sys.executable, "JavaScript": "node", "PHP": "php"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_work_in_every_language(
    running_server: RunningServer, tmp_path: Path, language: str
) -> None:
    # Given the examples to analyse a cart and to push an order, with a server and a key
    program = find_program(LANGUAGES[language])
    if program is None:
        assert not os.environ.get("CI"), f"{language} is needed; .ci/run installs it"
        pytest.skip(f"THE EXAMPLES WERE NOT EXECUTED: {language} is missing")
    key = running_server.a_shop().issue_key("cart", "orders").text
    paths = API.document["paths"]
    said = {}
    for path, method in (("/v1/analyze", "post"), ("/api/v1/orders", "put")):
        (source,) = (
            each["source"]
            for each in paths[path][method]["x-codeSamples"]
            if each["label"] == language
        )
        file = tmp_path / ("example.mjs" if language == "JavaScript" else "example")
        file.write_text(
            source.replace(EXAMPLE_SERVER, running_server.url).replace(EXAMPLE_KEY, key)
        )

        # When a reader runs them
        done = subprocess.run(
            [program, str(file)], capture_output=True, text=True, timeout=60, check=True
        )
        said[path] = json.loads(done.stdout[done.stdout.index("{") :])

    # Then the cart is offered protection, and the order is in for what its lines cost
    assert 4_98 == said["/v1/analyze"]["chargeInstructions"]["amount"]
    assert 79_00 + 2 * 6_00 == sum(
        line["quantity"] * round(100 * float(line["unit_price"]["amount"]))
        for line in said["/api/v1/orders"]["order"]["line_items"]
    )


def test_markup_in_the_document_is_shown_and_not_obeyed() -> None:
    hostile = "<script>alert(1)</script> `<img src=x>`"
    document: dict[str, Any] = copy.deepcopy(API.document)
    document["info"] |= {"title": hostile, "summary": hostile, "description": hostile}
    analyze = document["paths"]["/v1/analyze"]["post"]
    analyze |= {
        "summary": hostile,
        "description": hostile,
        "x-codeSamples": [{"label": hostile, "source": hostile}],
    }
    document["components"]["schemas"]["Cart"]["properties"][hostile] = {"description": hostile}

    pages = DocumentationPages(document)
    shown = [pages.index(), *(pages.subject(path) for path in pages.subjects)]

    assert set() == {tag for page in shown for tag in Page(page).tags} & {"img"}
    assert {1} == {Page(page).tags.count("script") for page in shown}
    assert all("&lt;script&gt;" in page for page in shown)


def test_a_reader_who_has_the_page_is_not_sent_it_again(
    running_server: RunningServer, answers: dict[str, httpx.Response]
) -> None:
    known = {"If-None-Match": answers["/docs"].headers["etag"]}

    again = running_server.client().get("/docs", headers=known)

    assert (304, b"") == (again.status_code, again.content)
