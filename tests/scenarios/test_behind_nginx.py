"""Behind nginx as docs/operating.md shows it: what Orderguard promises arrives at the caller."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.docs.snippets import ROOT, read_snippets
from tests.support.console import Visitor, a_link, an_account
from tests.support.programs import find_program
from tests.support.server_process import wait_until
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_request

pytestmark = pytest.mark.skipif(
    not find_program("nginx") and not os.environ.get("CI"), reason="nginx is missing"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(
        tmp_path_factory.mktemp("behind-nginx"),
        trusted_proxies="127.0.0.1",
        client_rate_limit_per_minute=3,
    )
    yield server
    server.stop()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx keeps its logs."""
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def outside(server: RunningServer, home: Path) -> Iterator[str]:
    """The address at which the world sees the server."""
    with _nginx(server, home) as url:
        yield url


@contextmanager
def _nginx(server: RunningServer, home: Path) -> Iterator[str]:
    snippets = read_snippets(ROOT / "docs" / "operating.md")
    (documented,) = (each.text for each in snippets if each.language == "nginx")
    port = _free_port()
    # There is no certificate for loopback, and no need of one.
    site = documented.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    site = site.replace("127.0.0.1:8080", server.url.removeprefix("http://"))
    paths = "".join(
        f"{kind}_temp_path {home}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, nginx would become somebody who may not write here.
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(
        f"{user} daemon off; pid {home}/pid; error_log {home}/error.log;\n"
        f"events {{}}\nhttp {{ access_log {home}/access.log;\n{paths}{site}\n}}\n"
    )
    command = [find_program("nginx") or "nginx", "-p", str(home), "-c", str(home / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        yield url
        process.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _post(outside: str, shop: Shop, key: str | None = None, **headers: str) -> httpx.Response:
    # A visitor from elsewhere: who sits on the proxy's own address is believed to be a proxy.
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(transport=elsewhere, headers={"X-Authorization": key or shop.key}) as client:
        return client.post(f"{outside}/v1/analyze", json=wire_request(), headers=headers)


def test_an_analysis_arrives_with_its_headers(server: RunningServer, outside: str) -> None:
    answer = _post(outside, server.a_shop(), **{"X-Request-Id": "from-the-shop"})

    assert 200 == answer.status_code
    assert "from-the-shop" == answer.headers["X-Request-Id"]
    assert "*" == answer.headers["Access-Control-Allow-Origin"]


def test_a_body_that_is_too_large_is_refused_by_us_in_our_words(
    server: RunningServer, outside: str
) -> None:
    answer = httpx.post(
        f"{outside}/v1/analyze",
        content=b"{" + b" " * 1_500_000,
        headers={"X-Authorization": server.a_shop().key},
        trust_env=False,
    )

    assert 400 == answer.status_code
    assert "Request body too large" in answer.json()["error"]["message"]


def test_visitors_are_told_apart_by_the_address_that_nginx_saw(
    server: RunningServer, outside: str
) -> None:
    shop = server.a_shop()
    key = shop.issue_key("cart", origins=["https://shop.example"]).text
    browser = {"Origin": "https://shop.example"}

    # Whatever a visitor claims to be, nginx adds who it is.
    answers = [
        _post(outside, shop, key, **browser, **{"X-Forwarded-For": f"203.0.113.{number}"})
        for number in range(4)
    ]

    assert [200, 200, 200, 429] == [answer.status_code for answer in answers]


def test_people_sign_in_to_the_console(server: RunningServer, outside: str) -> None:
    visitor = Visitor(server)
    visitor.http.base_url = httpx.URL(outside)

    answer = visitor.sign_in(an_account(server.a_shop()))

    assert 303 == answer.status_code
    assert 200 == visitor.get("/console/account").status_code


def test_no_link_that_lets_somebody_in_gets_into_a_log(
    server: RunningServer, outside: str, home: Path
) -> None:
    shop, visitor = server.a_shop(), Visitor(server)
    visitor.http.base_url = httpx.URL(outside)
    link = a_link(shop, an_account(shop))
    token = link.partition("=")[2]

    page = visitor.get(link)
    answer = visitor.send(link, "/console/welcome", link=token)

    assert (200, 303) == (page.status_code, answer.status_code)
    # Browsers say where they come from when they ask for the page's style, or send its form.
    assert "strict-origin" == page.headers["referrer-policy"]
    logs = [each.read_text() for each in home.glob("*.log")]
    assert any("/healthz" in each for each in logs)
    assert not any(token in each for each in logs)


def test_the_numbers_are_not_for_the_world(outside: str) -> None:
    assert 404 == httpx.get(f"{outside}/metrics", trust_env=False).status_code
