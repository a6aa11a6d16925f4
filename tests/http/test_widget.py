"""The element's files: what pages of shops load, and that nothing else can be loaded."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from hashlib import sha384
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from orderguard.http.widget import read_widget_files
from tests.support.programs import find_program
from tests.support.raw_http import RawConnection, head
from tests.support.shop import RunningServer

ROOT = Path(__file__).parents[2]
SERVED = ROOT / "src/orderguard/http/static/widget/v1"
NAMES = sorted(str(path.relative_to(SERVED)) for path in SERVED.rglob("*") if path.is_file())
MODULES = [name for name in NAMES if name.endswith(".js")]
INTEGRITY: dict[str, str] = json.loads((SERVED / "integrity.json").read_text())
RELEASE = read_widget_files().release
ELEMENT = "/widget/v1/order_protection.js"
PINNED = f"/widget/v1/{RELEASE}/order_protection.js"


@pytest.fixture(scope="module")
def http(running_server: RunningServer) -> httpx.Client:
    return running_server.client()


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_served_at_both_addresses_without_a_key(
    http: httpx.Client, name: str
) -> None:
    expected = (SERVED / name).read_bytes()

    assert expected == http.get(f"/widget/v1/{name}").content
    assert expected == http.get(f"/widget/v1/{RELEASE}/{name}").content


@pytest.mark.parametrize("path", [ELEMENT, PINNED])
def test_any_page_may_load_the_element_and_no_browser_takes_it_for_something_else(
    http: httpx.Client, path: str
) -> None:
    headers = http.get(path, headers={"Origin": "https://shop.example"}).headers

    assert "text/javascript; charset=utf-8" == headers["content-type"]
    assert ["*"] == headers.get_list("access-control-allow-origin")
    assert "cross-origin" == headers["cross-origin-resource-policy"]
    assert "nosniff" == headers["x-content-type-options"]


def test_the_address_that_stays_is_asked_for_again_soon(http: httpx.Client) -> None:
    assert "public, max-age=300" == http.get(ELEMENT).headers["cache-control"]


def test_the_address_of_a_release_is_kept_for_ever(http: httpx.Client) -> None:
    kept = http.get(PINNED).headers["cache-control"]

    assert "public, max-age=31536000, immutable" == kept


def test_the_list_of_hashes_is_json(http: httpx.Client) -> None:
    response = http.get("/widget/v1/integrity.json")

    assert "application/json" == response.headers["content-type"]
    assert INTEGRITY == response.json()


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_who_has_the_file_is_not_sent_it_again(http: httpx.Client, encoding: str) -> None:
    accepted = {"Accept-Encoding": encoding}
    known = {"If-None-Match": http.get(ELEMENT, headers=accepted).headers["etag"]}

    again = http.get(ELEMENT, headers=accepted | known)

    assert (304, b"") == (again.status_code, again.content)
    assert "public, max-age=300" == again.headers["cache-control"]


def test_the_element_travels_gzipped_within_8_kb(http: httpx.Client) -> None:
    response = http.get(ELEMENT, headers={"Accept-Encoding": "gzip, deflate, br"})

    assert "gzip" == response.headers["content-encoding"]
    assert "Accept-Encoding" == response.headers["vary"]
    assert 8 * 1024 > int(response.headers["content-length"])


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.0", ""])
def test_who_cannot_read_gzip_gets_the_plain_file(http: httpx.Client, accepted: str) -> None:
    response = http.get(ELEMENT, headers={"Accept-Encoding": accepted})

    assert "content-encoding" not in response.headers
    assert (SERVED / "order_protection.js").read_bytes() == response.content


def test_the_plain_and_the_gzipped_file_have_tags_of_their_own(http: httpx.Client) -> None:
    tags = {
        http.get(ELEMENT, headers={"Accept-Encoding": encoding}).headers["etag"]
        for encoding in ("gzip", "identity")
    }

    assert 2 == len(tags)


def test_a_head_request_is_told_what_a_get_would_be(http: httpx.Client) -> None:
    asked, got = http.head(ELEMENT), http.get(ELEMENT)

    assert b"" == asked.content
    for name in ("etag", "content-length", "content-type", "cache-control"):
        assert got.headers[name] == asked.headers[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_files_can_only_be_read(http: httpx.Client, method: str) -> None:
    response = http.request(method, ELEMENT)

    assert (405, "GET, HEAD") == (response.status_code, response.headers["allow"])


@pytest.mark.parametrize(
    "path",
    [
        "",
        "copy",
        "copy/",
        "nothing.js",
        "order-protection.js",
        "ORDER_PROTECTION.JS",
        "/order_protection.js",
        "./order_protection.js",
        "copy/../order_protection.js",
        "0123456789abcdef/order_protection.js",
        f"{RELEASE}/{RELEASE}/order_protection.js",
        ".gitattributes",
        "../.gitattributes",
        "../../docs.css",
        "..%2f..%2fdocs.css",
        "%2e%2e/%2e%2e/docs.css",
        "..%5c..%5cdocs.css",
        "copy/../../../../widget.py",
        "/etc/passwd",
        "order_protection.js%00",
        "order_protection.js%00.json",
    ],
)
def test_nothing_else_is_there(running_server: RunningServer, path: str) -> None:
    with RawConnection(running_server.url) as connection:
        connection.send(head("GET", f"/widget/v1/{path}", {}))
        answer = connection.answer()

    assert 404 == answer.status


@pytest.mark.parametrize("name", MODULES)
def test_the_hash_of_a_file_is_that_of_its_bytes(name: str) -> None:
    digest = base64.b64encode(sha384((SERVED / name).read_bytes()).digest()).decode()

    assert f"sha384-{digest}" == INTEGRITY[name]


def test_every_module_has_a_hash() -> None:
    assert MODULES == sorted(INTEGRITY)


def test_a_module_imports_only_files_that_are_served() -> None:
    for name in MODULES:
        imported = re.findall(r'import\("([^"]+)"\)', (SERVED / name).read_text())

        assert set() == {path.removeprefix("./") for path in imported} - set(MODULES)


def test_the_page_for_shops_prints_the_release_and_its_hashes() -> None:
    page = (ROOT / "docs/widget.md").read_text()

    assert {RELEASE} == set(re.findall(r"/widget/v1/([0-9a-f]{16})/", page))
    printed = dict(re.findall(r"^\| `([\w/]+\.js)` \| `(sha384-\S+)` \|$", page, re.MULTILINE))
    assert INTEGRITY == printed
    assert [INTEGRITY["order_protection.js"]] == re.findall(r'integrity="([^"]+)"', page)


def test_the_committed_files_are_what_the_sources_build(tmp_path: Path) -> None:
    if not find_program("node") or not find_program("npm"):
        not_compared("Node is missing")
    built = subprocess.run(
        [sys.executable, ROOT / "tools/build_widget.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode and not (ROOT / "widget/node_modules").exists():
        not_compared(f"npm ci failed: {built.stderr}")

    assert 0 == built.returncode, built.stderr
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (SERVED / name).read_bytes(), (
            f"{name} is not what widget/ builds. Run: python3 tools/build_widget.py"
        )
    fresh = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert set(NAMES) == fresh


def not_compared(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}, so the widget cannot be compared with its sources.")
    pytest.skip(f"THE WIDGET WAS NOT COMPARED WITH ITS SOURCES: {why}")
