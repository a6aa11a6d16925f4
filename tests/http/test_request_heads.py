"""A request that two readers can understand differently is refused before anybody looks at it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.support.raw_http import RawAnswer, RawConnection, head
from tests.support.server_process import ServerProcess, wait_until
from tests.support.shop import NOTHING_STORED, Reachable, RunningServer, Shop
from tests.support.wire import wire_request

BODY = json.dumps(wire_request()).encode()


def _answer(server: Reachable, *parts: bytes) -> RawAnswer:
    with RawConnection(server.url) as connection:
        connection.send(*parts)
        return connection.answer()


def _message(answer: RawAnswer) -> str:
    body = answer.json()
    assert answer.headers["x-request-id"] == body["requestId"]
    message: str = body["error"]["message"]
    return message


@pytest.mark.parametrize(
    ("request_line", "hosts"),
    [
        (b"GET /healthz HTTP/1.1", [b"a.example", b"b.example"]),
        (b"GET /healthz HTTP/1.1", [b"a.example", b"a.example"]),
        (b"GET /healthz HTTP/1.1", []),
        (b"GET /healthz HTTP/1.0", [b"a.example", b"b.example"]),
        (b"GET /healthz HTTP/1.1", [b"a.example/evil"]),
        (b"GET /healthz HTTP/1.1", [b"user@a.example"]),
        (b"GET /healthz HTTP/1.1", [b"a.example, b.example"]),
        (b"GET /healthz HTTP/1.1", [b"a.example:http"]),
        (b"GET http://evil.example/healthz HTTP/1.1", [b"a.example"]),
        (b"GET http://a.example:81/healthz HTTP/1.1", [b"a.example"]),
        (b"GET http://evil.example/healthz HTTP/1.1", []),
    ],
)
def test_a_request_names_one_host_once(
    running_server: RunningServer, request_line: bytes, hosts: list[bytes]
) -> None:
    lines = [request_line, *(b"Host: " + host for host in hosts)]

    answer = _answer(running_server, b"\r\n".join(lines) + b"\r\n\r\n")

    assert 400 == answer.status
    assert "host" in _message(answer).lower()
    assert "close" == answer.headers["connection"]


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: a.example:8443\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET http://A.example/healthz HTTP/1.1\r\nHost: a.example\r\n\r\n",
    ],
)
def test_every_way_to_name_one_host_is_answered(
    running_server: RunningServer, request_head: bytes
) -> None:
    assert 200 == _answer(running_server, request_head).status


@pytest.mark.parametrize(
    "path",
    [
        "//console/sign-in",
        "////metrics",
        "//metrics",
        "//admin/v1/keys",
        "/%63onsole",
        "/%63onsole/sign-in",
        "/console//sign-in",
        "/console/./sign-in",
        "/console/../metrics",
        "/console/%2e%2e/metrics",
        "/v1/../metrics",
        "/admin%2fv1/keys",
        "/metric%73",
        "/%2Fmetrics",
        "/x/..",
        "/console%5csign-in",
        "/api/v1/%6frders/external/1",
        "//api/v1/%6frders/external/1",
        "//v1/../metrics",
        "//v1/..//console/sign-in",
        "//api/../console/sign-in",
        "//%761/analyze",
        "//storefront/console",
        "//v1x/analyze",
        "//apiv1/orders",
        "//widget/v1/order-protection.js",
        "//healthz",
    ],
)
def test_a_path_has_one_spelling(running_server: RunningServer, path: str) -> None:
    answer = _answer(running_server, head("GET", path, {}))

    assert 404 == answer.status
    assert "empty segments" in _message(answer)


@pytest.mark.parametrize("path", ["/%761/analyze", "/v1/./analyze", "//v1/%61nalyze"])
def test_a_post_to_another_spelling_does_nothing(shop: Shop, path: str) -> None:
    headers = {"X-Authorization": shop.key, "Content-Length": str(len(BODY))}

    answer = _answer(shop.running, head("POST", path, headers), BODY)

    assert 404 == answer.status
    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "deflate, gzip", "x"])
def test_a_compressed_body_is_refused(shop: Shop, encoding: str) -> None:
    headers = {"X-Authorization": shop.key, "Content-Length": str(len(BODY))}

    answer = _answer(
        shop.running, head("POST", "/v1/analyze", headers | {"Content-Encoding": encoding}), BODY
    )

    assert 415 == answer.status
    assert "compressed" in _message(answer)
    assert "*" == answer.headers["access-control-allow-origin"]
    assert NOTHING_STORED == shop.row_counts()


def test_an_encoding_that_changes_nothing_is_read(shop: Shop) -> None:
    response = shop.post(wire_request(), headers={"Content-Encoding": "identity"})

    assert 4_98 == response.json()["chargeInstructions"]["amount"]


def test_an_unknown_transfer_encoding_is_refused(shop: Shop) -> None:
    headers = {"X-Authorization": shop.key, "Transfer-Encoding": "gzip, chunked"}

    answer = _answer(shop.running, head("POST", "/v1/analyze", headers), b"0\r\n\r\n")

    assert 400 == answer.status
    assert NOTHING_STORED == shop.row_counts()


BAD_BYTES = [
    b"GET /healthz\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://evil.example HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"FOO /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n X-Folded: b\r\n\r\n",
    b"POST /v1/analyze HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /v1/analyze HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("sent", BAD_BYTES, ids=[str(each[:30]) for each in BAD_BYTES])
def test_what_is_no_request_is_refused_in_the_usual_shape(
    running_server: RunningServer, log_lines: io.StringIO, sent: bytes
) -> None:
    answer = _answer(running_server, sent)

    assert 400 == answer.status
    assert "application/json" == answer.headers["content-type"]
    assert _message(answer)
    assert "request.crashed" not in log_lines.getvalue()


def test_a_request_before_what_is_no_request_is_answered(shop: Shop) -> None:
    headers = {"X-Authorization": shop.key, "Content-Length": str(len(BODY))}
    with RawConnection(shop.running.url) as connection:
        connection.send(head("POST", "/v1/analyze", headers) + BODY + b"no request\r\n\r\n")
        answer = connection.answer()

    assert (200, 4_98) == (answer.status, answer.json()["chargeInstructions"]["amount"])
    assert 1 == shop.row_counts()["analyses"]


def test_bad_bytes_leave_nothing_but_a_line_of_json_in_the_log(tmp_path: Path) -> None:
    upgrade = {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AA"}
    with ServerProcess(tmp_path / "shop.db") as server:
        for sent in BAD_BYTES * 3:
            with RawConnection(server.url) as connection:
                connection.send(sent)
                connection.answer()
        with RawConnection(server.url) as connection:
            connection.send(head("GET", "/healthz", upgrade))
            assert 200 == connection.answer().status
        wait_until(lambda: "request.malformed" in server.log.read_text())

    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    events = [each["event"] for each in lines if each["event"] != "request"]
    assert ["request.malformed"] == events


@pytest.mark.parametrize(
    ("path", "forwarded", "expected"),
    [
        ("/console/sign-in", "https", "max-age=31536000"),
        ("/console/sign-in", "https, http", "max-age=31536000"),
        ("/console/sign-in", "HTTPS", "max-age=31536000"),
        ("/console/sign-in", "http, https", None),
        ("/console/sign-in", "http", None),
        ("/healthz", "https", None),
        ("/v1/analyze", "https", None),
    ],
)
def test_the_console_over_https_stays_on_https(
    running_server: RunningServer, path: str, forwarded: str, expected: str | None
) -> None:
    response = running_server.shared_client.get(path, headers={"X-Forwarded-Proto": forwarded})

    assert expected == response.headers.get("strict-transport-security")


@pytest.mark.parametrize("forwarded", ["https", "https, http", "https,http"])
def test_behind_two_proxies_cookies_are_bound_to_the_host(
    running_server: RunningServer, forwarded: str
) -> None:
    response = running_server.shared_client.get(
        "/console/sign-in", headers={"X-Forwarded-Proto": forwarded}
    )

    (cookie,) = response.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
