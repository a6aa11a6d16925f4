"""What one client may hold, and for how long (docs/operating.md, Limits)."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from orderguard.actions.show_offer_session import ShowOfferSession
from orderguard.http.connection import WholeAnswerProtocol
from orderguard.running.descriptors import raise_descriptor_limit
from tests.support.raw_http import RawAnswer, RawConnection, chunked, head
from tests.support.server_process import ServerProcess, wait_until
from tests.support.shop import NOTHING_STORED, RunningServer, Shop
from tests.support.wire import wire_request

BODY = json.dumps(wire_request()).encode()
CHUNKED = {"Transfer-Encoding": "chunked", "Connection": "close"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with little patience, and few places."""
    server = RunningServer(
        tmp_path_factory.mktemp("strict"),
        request_head_seconds=1,
        request_body_seconds=1,
        keep_alive_seconds=1,
        connections=16,
        connections_per_address=0,
        trusted_proxies="127.0.0.9",
    )
    yield server
    server.stop()


def _limits_reached(server: RunningServer, limit: str) -> float:
    text = server.shared_client.get("/metrics").text
    name = f'orderguard_limits_reached_total{{limit="{limit}"}} '
    return sum(float(line.removeprefix(name)) for line in text.splitlines() if name in line)


def _end_of(connection: RawConnection) -> bytes:
    """Everything until the server closes; a reset is an end, too."""
    received = b""
    try:
        while piece := connection.socket.recv(65_536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def _refused(answer: RawAnswer, status: int, code: str = "invalid_request") -> str:
    """The message of a refusal in the shape of all others."""
    assert status == answer.status
    body = answer.json()
    assert (code, answer.headers["x-request-id"]) == (body["error"]["code"], body["requestId"])
    assert "close" == answer.headers["connection"]
    message: str = body["error"]["message"]
    return message


def test_a_head_of_32_kilobytes_is_read(shop: Shop) -> None:
    with RawConnection(shop.running.url) as connection:
        connection.send(head("GET", "/healthz", {"X-A": "a" * 32_000}))
        assert 200 == connection.answer().status


@pytest.mark.parametrize("pieces", [1, 10, 300])
def test_a_larger_head_is_refused_in_however_many_pieces(shop: Shop, pieces: int) -> None:
    whole = head("GET", "/healthz", {"X-A": "a" * 33_000})
    size = len(whole) // pieces + 1
    with RawConnection(shop.running.url) as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.send(*(whole[start : start + size] for start in range(0, len(whole), size)))
        assert "32768 bytes" in _refused(connection.answer(), 431)


def test_a_header_of_24_megabytes_is_refused_and_the_answer_can_be_read(shop: Shop) -> None:
    with RawConnection(shop.running.url) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        for _ in range(24):
            connection.send(b"a" * 1_048_576)
        assert "too large" in _refused(connection.answer(), 431)


def test_the_parser_never_gets_more_of_a_head_than_it_may_have(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[int] = []
    feed = WholeAnswerProtocol._feed

    def watched(self: WholeAnswerProtocol, data: bytes) -> bool:
        fed.append(len(data))
        return feed(self, data)

    monkeypatch.setattr(WholeAnswerProtocol, "_feed", watched)
    with RawConnection(shop.running.url) as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", *[b"a" * 65_536] * 40)
        _refused(connection.answer(), 431)

    assert sum(fed) <= 32_768


@pytest.mark.parametrize("number", [101, 100_000])
def test_more_than_a_hundred_headers_are_refused(shop: Shop, number: int) -> None:
    lines = b"".join(b"X-%d: a\r\n" % each for each in range(number))
    with RawConnection(shop.running.url) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
        _refused(connection.answer(), 431)


def test_a_hundred_headers_are_read(shop: Shop) -> None:
    lines = b"".join(b"X-%d: a\r\n" % each for each in range(99))
    with RawConnection(shop.running.url) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
        assert 200 == connection.answer().status


def test_many_small_requests_in_one_packet_are_not_one_large_head(shop: Shop) -> None:
    one = head("GET", "/healthz", {"X-A": "a" * 900})
    with RawConnection(shop.running.url) as connection:
        connection.send(one * 60 + head("GET", "/healthz", {"Connection": "close"}))
        assert 61 == _end_of(connection).count(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("is_one_packet", [True, False])
@pytest.mark.parametrize("name", ["X-Authorization", "x-authorization", "Authorization"])
def test_a_trailer_is_no_header(shop: Shop, name: str, is_one_packet: bool) -> None:
    value = f"Bearer {shop.key}" if name == "Authorization" else shop.key
    *pieces, _ = chunked(BODY, 1_000)
    end = f"0\r\n{name}: {value}\r\nX-Request-Id: trailer\r\n\r\n".encode()
    parts = [head("POST", "/v1/analyze", CHUNKED), *pieces, end]
    with RawConnection(shop.running.url) as connection:
        if is_one_packet:
            connection.send(b"".join(parts))
        else:
            connection.send(*parts, pause_seconds=0.01)
        answer = connection.answer()

    assert 401 == answer.status
    assert "trailer" != answer.headers["x-request-id"]
    assert NOTHING_STORED == shop.row_counts()


def test_a_body_with_trailers_is_analysed_as_without_them(shop: Shop) -> None:
    *pieces, _ = chunked(BODY, 1_000)
    parts = head("POST", "/v1/analyze", CHUNKED | {"X-Authorization": shop.key}), *pieces
    with RawConnection(shop.running.url) as connection:
        connection.send(b"".join(parts) + b"0\r\nX-Checksum: 1\r\n\r\n")
        answer = connection.answer()

    assert (200, 4_98) == (answer.status, answer.json()["chargeInstructions"]["amount"])


@pytest.mark.parametrize("where", ["an extension", "a trailer", "many trailers"])
def test_what_surrounds_a_chunk_is_bounded(shop: Shop, where: str) -> None:
    begin = head("POST", "/v1/analyze", CHUNKED | {"X-Authorization": shop.key})
    much = b"x" * 1_000_000
    size = b"%x" % len(BODY)
    parts = {
        "an extension": size + b";a=" + much + b"\r\n" + BODY + b"\r\n0\r\n\r\n",
        "a trailer": size + b"\r\n" + BODY + b"\r\n0\r\nX-A: " + much + b"\r\n\r\n",
        "many trailers": size + b"\r\n" + BODY + b"\r\n0\r\n" + b"X-A: a\r\n" * 100_000 + b"\r\n",
    }
    with RawConnection(shop.running.url) as connection:
        connection.send(begin, parts[where])
        answer = connection.answer()

    assert "chunk extensions or trailers" in _refused(answer, 400)
    assert NOTHING_STORED == shop.row_counts()


def test_chunks_of_one_byte_are_not_too_much_framing(shop: Shop) -> None:
    with RawConnection(shop.running.url) as connection:
        connection.send(
            head("POST", "/v1/analyze", CHUNKED | {"X-Authorization": shop.key}),
            b"".join(chunked(BODY + b" " * 20_000, 1)),
        )
        assert 200 == connection.answer().status


@pytest.mark.parametrize(
    "begun", [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ", b"G", b"\r\n"]
)
def test_a_head_that_does_not_end_is_answered_with_408(strict: RunningServer, begun: bytes) -> None:
    with RawConnection(strict.url) as connection:
        connection.send(begun)
        assert "within 1 seconds" in _refused(connection.answer(), 408)


def test_a_head_that_trickles_has_no_more_time_than_one_that_stops(strict: RunningServer) -> None:
    with RawConnection(strict.url) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        connection.socket.settimeout(0.1)
        for _ in range(200):
            try:
                connection.send(b"a")
                if b"408" in connection.socket.recv(65_536):
                    return
            except TimeoutError:
                continue
    pytest.fail("the head was read for ever")


def test_a_connection_without_a_word_is_closed(strict: RunningServer) -> None:
    with RawConnection(strict.url) as connection:
        assert b"" == _end_of(connection)


def test_a_connection_without_a_further_request_is_closed(strict: RunningServer) -> None:
    with RawConnection(strict.url) as connection:
        connection.send(head("GET", "/healthz", {}))
        assert 200 == connection.answer().status
        assert b"" == _end_of(connection)


@pytest.mark.parametrize("framing", [{"Content-Length": "1000"}, {"Transfer-Encoding": "chunked"}])
def test_a_body_that_does_not_end_is_answered_with_408(
    strict: RunningServer, framing: dict[str, str]
) -> None:
    shop = strict.a_shop()
    before = _limits_reached(strict, "request_body_seconds")
    with RawConnection(strict.url) as connection:
        connection.send(head("POST", "/v1/analyze", {"X-Authorization": shop.key} | framing))
        connection.send(b"5\r\n{" if "Transfer-Encoding" in framing else b"{")
        assert "body of the request" in _refused(connection.answer(), 408)

    assert 1 == _limits_reached(strict, "request_body_seconds") - before
    assert NOTHING_STORED == shop.row_counts()


def test_whoever_does_not_read_the_answers_is_dropped(strict: RunningServer) -> None:
    before = _limits_reached(strict, "request_body_seconds")
    with RawConnection(strict.url) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.socket.settimeout(0.2)
        one = head("GET", "/openapi.json", {})

        def has_dropped() -> bool:
            try:
                connection.send(one * 20)
            except TimeoutError:
                pass
            except OSError:
                return True
            return _limits_reached(strict, "request_body_seconds") > before

        wait_until(has_dropped)


def test_unfinished_requests_make_room_for_others(strict: RunningServer) -> None:
    shop = strict.a_shop()
    with ExitStack() as held:
        for _ in range(60):
            slow = held.enter_context(RawConnection(strict.url))
            slow.send(b"POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        assert 4_98 == shop.analyze()["chargeInstructions"]["amount"]

    assert _limits_reached(strict, "connections") > 0


def test_without_a_place_the_answer_is_503_until_there_is_one(
    strict: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = strict.a_shop()
    session = shop.analyze()["sessionId"]
    may_go_on = threading.Event()
    under_way: list[object] = []
    show = ShowOfferSession.__call__

    async def wait_and_show(self: ShowOfferSession, *arguments: Any) -> Any:
        under_way.append(None)
        while not may_go_on.is_set():
            await asyncio.sleep(0.01)
        return await show(self, *arguments)

    monkeypatch.setattr(ShowOfferSession, "__call__", wait_and_show)
    with ExitStack() as held:
        asked = [held.enter_context(RawConnection(strict.url)) for _ in range(16)]
        for each in asked:
            each.send(head("GET", f"/v1/session/{session}", {"X-Authorization": shop.key}))
        wait_until(lambda: len(under_way) == 16)
        with RawConnection(strict.url) as one_more:
            answer = one_more.answer()
        may_go_on.set()
        # Requests that are being answered are never given up for others.
        assert [200] * 16 == [each.answer().status for each in asked]

    assert "Too many connections" in _refused(answer, 503, "service_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert 4_98 == shop.analyze()["chargeInstructions"]["amount"]


class _From(RawConnection):
    """A connection from one of this machine's addresses."""

    def __init__(self, url: str, address: str) -> None:
        target = urlsplit(url)
        self.socket = socket.create_connection(
            (target.hostname, target.port), timeout=20, source_address=(address, 0)
        )

    def is_open(self) -> bool:
        self.socket.setblocking(False)
        try:
            return self.socket.recv(1) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


def test_an_address_with_too_many_connections_makes_room_for_itself(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, connections_per_address=4, trusted_proxies="127.0.0.9")
    try:
        with ExitStack() as held:
            other = held.enter_context(_From(server.url, "127.0.0.3"))
            other.send(b"GET /healthz HTTP/1.1\r\n")
            ours = [held.enter_context(_From(server.url, "127.0.0.2")) for _ in range(12)]
            proxies = [held.enter_context(_From(server.url, "127.0.0.9")) for _ in range(12)]
            for each in (*ours, *proxies):
                with suppress(OSError):
                    each.send(b"GET /healthz HTTP/1.1\r\n")
            wait_until(lambda: 4 == sum(each.is_open() for each in ours))

            assert all(each.is_open() for each in proxies)
            other.send(b"Host: localhost\r\n\r\n")
            other.socket.setblocking(True)
            assert 200 == other.answer().status
        assert _limits_reached(server, "connections_per_address") >= 8
    finally:
        server.stop()


def test_1100_slow_connections_keep_nobody_out(tmp_path: Path) -> None:
    port = _free_port()
    raise_descriptor_limit()  # ours, for the other ends of them
    with ServerProcess(
        tmp_path / "shop.db",
        descriptors=400,
        operations_port=str(port),
        connections_per_address="0",
    ) as server:
        shop = server.a_shop()
        with ExitStack() as held:
            for _ in range(1_100):
                slow = held.enter_context(RawConnection(server.url))
                slow.send(b"POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\nX-A: ")
            assert 4_98 == shop.analyze()["chargeInstructions"]["amount"]
            for path in ("/healthz", "/readyz", "/metrics"):
                assert 200 == httpx.get(f"http://127.0.0.1:{port}{path}").status_code
            wait_until(lambda: bool(_told(server, "connections")))

    (told,) = _told(server, "connections")
    assert told["count"] >= 700
    assert "127.0.0.1" == told["sender"]


def _told(server: ServerProcess, limit: str) -> list[dict[str, Any]]:
    """The log lines about a limit; everything in the log is JSON."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    return [each for each in lines if limit == each.get("limit")]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
