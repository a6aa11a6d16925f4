"""Bodies are counted while they arrive; Content-Length is not believed (contract §7)."""

from __future__ import annotations

import json

import pytest

from orderguard.http.request_body import BODY_LIMIT
from orderguard.http.wire.cart_limits import SERVER_LIMITS
from tests.support.raw_http import RawAnswer, RawConnection, chunked, head
from tests.support.shop import NOTHING_STORED, Shop
from tests.support.wire import wire_line, wire_request


def _body_of(size: int) -> bytes:
    """A good request of exactly this many bytes."""
    body = json.dumps(wire_request()).encode()
    return body + b" " * (size - len(body))


def _send(shop: Shop, headers: dict[str, str], *parts: bytes, hang_up: bool = False) -> RawAnswer:
    with RawConnection(shop.running.url) as connection:
        connection.send(head("POST", "/v1/analyze", {"X-Authorization": shop.key} | headers))
        connection.send(*parts)
        if hang_up:
            connection.hang_up()
        return connection.answer()


def _assert_too_large(answer: RawAnswer, shop: Shop) -> None:
    assert 400 == answer.status
    error = answer.json()["error"]
    assert "invalid_request" == error["code"]
    assert error["message"].startswith("Request body too large")
    assert "*" == answer.headers["access-control-allow-origin"]
    assert NOTHING_STORED == shop.row_counts()


def test_a_body_of_exactly_the_limit_is_read(shop: Shop) -> None:
    body = _body_of(BODY_LIMIT)

    assert 200 == _send(shop, {"Content-Length": str(len(body))}, body).status
    assert 200 == _send(shop, {"Transfer-Encoding": "chunked"}, *chunked(body, 50_000)).status


def test_one_byte_more_is_too_large(shop: Shop) -> None:
    body = _body_of(BODY_LIMIT + 1)

    _assert_too_large(_send(shop, {"Content-Length": str(len(body))}, body), shop)


def test_one_byte_more_is_too_large_without_content_length(shop: Shop) -> None:
    body = _body_of(BODY_LIMIT + 1)

    answer = _send(shop, {"Transfer-Encoding": "chunked"}, *chunked(body, 50_000))

    _assert_too_large(answer, shop)


def test_one_chunk_may_be_larger_than_the_limit(shop: Shop) -> None:
    body = _body_of(BODY_LIMIT + 1)

    answer = _send(shop, {"Transfer-Encoding": "chunked"}, *chunked(body, len(body)))

    _assert_too_large(answer, shop)


def test_a_body_without_length_is_no_body(shop: Shop) -> None:
    answer = _send(shop, {})

    assert 400 == answer.status
    assert NOTHING_STORED == shop.row_counts()


def test_what_follows_the_announced_length_is_not_part_of_the_body(shop: Shop) -> None:
    body = _body_of(2_000)

    answer = _send(shop, {"Content-Length": "100"}, body)

    assert 400 == answer.status
    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("announced", [2_001, BODY_LIMIT, 10**15])
def test_a_body_that_ends_early_is_refused_even_if_it_looks_complete(
    shop: Shop, announced: int
) -> None:
    with RawConnection(shop.running.url) as connection:
        headers = {"X-Authorization": shop.key, "Content-Length": str(announced)}
        connection.send(head("POST", "/v1/analyze", headers), _body_of(2_000))
        connection.hang_up()
        _until_closed(connection)

    assert NOTHING_STORED == shop.row_counts()


def test_chunks_that_end_early_are_refused_even_if_they_look_complete(shop: Shop) -> None:
    without_the_last_chunk = list(chunked(_body_of(2_000), 2_000))[:-1]

    with RawConnection(shop.running.url) as connection:
        headers = {"X-Authorization": shop.key, "Transfer-Encoding": "chunked"}
        connection.send(head("POST", "/v1/analyze", headers), *without_the_last_chunk)
        connection.hang_up()
        _until_closed(connection)

    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("length", ["-1", "1e3", "1_000", "+5", "0x10", "abc"])
def test_a_length_that_is_no_number_is_refused(shop: Shop, length: str) -> None:
    answer = _send(shop, {"Content-Length": length}, _body_of(2_000))

    assert 400 == answer.status
    assert NOTHING_STORED == shop.row_counts()


def test_two_lengths_cannot_smuggle_a_request(shop: Shop) -> None:
    body = _body_of(2_000)
    headers = {"Content-Length": str(len(body)), "Transfer-Encoding": "chunked"}

    answer = _send(shop, headers, body)

    assert 400 == answer.status
    assert NOTHING_STORED == shop.row_counts()


def test_the_connection_is_of_use_after_a_body_that_was_too_large(shop: Shop) -> None:
    too_large, good = _body_of(BODY_LIMIT + 1), _body_of(2_000)
    key = {"X-Authorization": shop.key}

    with RawConnection(shop.running.url) as connection:
        statuses = []
        for body in (too_large, good):
            length = {"Content-Length": str(len(body))}
            connection.send(head("POST", "/v1/analyze", key | length), body)
            statuses.append(connection.answer().status)

    assert [400, 200] == statuses


def test_100_000_wrong_lines_within_the_limit_are_refused_for_their_number(shop: Shop) -> None:
    request = wire_request()
    request["cart"]["lines"] = [{}] * 100_000

    response = shop.http.post("/v1/analyze", content=json.dumps(request, separators=(",", ":")))

    assert 400 == response.status_code
    assert ["cart.lines"] == [each["field"] for each in response.json()["error"]["details"]]
    assert NOTHING_STORED == shop.row_counts()


def test_as_many_lines_as_a_cart_may_have_fill_a_body(shop: Shop) -> None:
    line = wire_line(1, id="1", productId="1", title="x" * 920)
    request = wire_request(*[line] * SERVER_LIMITS.lines)

    body = json.dumps(request, separators=(",", ":"))
    assert 1_000_000 < len(body) <= BODY_LIMIT
    assert 200 == shop.http.post("/v1/analyze", content=body).status_code


def test_a_stranger_with_a_large_body_is_unauthorized(shop: Shop) -> None:
    body = _body_of(BODY_LIMIT + 1)

    answer = _send(shop, {"Content-Length": str(len(body)), "X-Authorization": "no key"}, body)

    assert 401 == answer.status


def _until_closed(connection: RawConnection) -> None:
    """Read whatever the server still says, until it hangs up, too."""
    while connection.socket.recv(65_536):
        pass
