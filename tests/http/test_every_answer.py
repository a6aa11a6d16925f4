"""What every answer of a Checkout+ route carries, errors and crashes included (contract §7)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from orderguard.actions.analyze_cart import AnalyzeCart
from orderguard.actions.show_offer_session import ShowOfferSession
from orderguard.domain.errors import StorageUnavailable
from tests.support.raw_http import RawConnection, head
from tests.support.shop import Shop
from tests.support.wire import wire_request

ORIGIN = "https://Shop.example:8443"
UNKNOWN = "lop_a1b2c3d4e5f6g7h8i9j0"
BASES = ("/v1", "/storefront/v1")

Answering = Callable[[Shop, str, dict[str, str]], httpx.Response]


def _analyze(shop: Shop, base: str, headers: dict[str, str], **options: Any) -> httpx.Response:
    options = {"json": wire_request()} | options
    return shop.http.post(f"{base}/analyze", headers=headers, **options)


def _crashing(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a secret detail")


def _crashed(shop: Shop, base: str, headers: dict[str, str]) -> httpx.Response:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnalyzeCart, "__call__", _crashing)
        return _analyze(shop, base, headers)


def _crashed_session(shop: Shop, base: str, headers: dict[str, str]) -> httpx.Response:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ShowOfferSession, "__call__", _crashing)
        return shop.http.get(f"{base}/session/{UNKNOWN}", headers=headers)


def _unavailable(shop: Shop, base: str, headers: dict[str, str]) -> httpx.Response:
    def fail(*_: object, **__: object) -> None:
        raise StorageUnavailable("The disk is gone.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnalyzeCart, "__call__", fail)
        return _analyze(shop, base, headers)


def _limited(shop: Shop, base: str, headers: dict[str, str]) -> httpx.Response:
    key = shop.issue_key("cart", requests_per_minute=1).text
    _analyze(shop, base, headers | {"X-Authorization": key})
    return _analyze(shop, base, headers | {"X-Authorization": key})


ANSWERS: dict[str, tuple[int, str | None, Answering]] = {
    "an analysis": (200, None, _analyze),
    "a session": (
        200,
        None,
        lambda shop, base, headers: shop.http.get(
            f"{base}/session/{shop.analyze()['sessionId']}", headers=headers
        ),
    ),
    "a preflight": (
        204,
        None,
        lambda shop, base, headers: httpx.options(
            f"{shop.running.url}{base}/analyze",
            headers=headers | {"Access-Control-Request-Method": "POST"},
        ),
    ),
    "a preflight of nothing": (
        204,
        None,
        lambda shop, base, headers: httpx.options(
            f"{shop.running.url}{base}/no/such/thing/", headers=headers
        ),
    ),
    "bad input": (
        400,
        "invalid_request",
        lambda shop, base, headers: _analyze(shop, base, headers, json=[]),
    ),
    "a bad session id": (
        400,
        "invalid_request",
        lambda shop, base, headers: shop.http.get(f"{base}/session/lop_x", headers=headers),
    ),
    "no key": (
        401,
        "unauthorized",
        lambda shop, base, headers: _analyze(shop, base, headers | {"X-Authorization": ""}),
    ),
    "no key for a session": (
        401,
        "unauthorized",
        lambda shop, base, headers: httpx.get(
            f"{shop.running.url}{base}/session/{UNKNOWN}", headers=headers
        ),
    ),
    "an unknown session": (
        404,
        "session_not_found",
        lambda shop, base, headers: shop.http.get(f"{base}/session/{UNKNOWN}", headers=headers),
    ),
    "an unknown path": (
        404,
        "not_found",
        lambda shop, base, headers: shop.http.get(f"{base}/basket", headers=headers),
    ),
    "the bare prefix": (
        404,
        "not_found",
        lambda shop, base, headers: shop.http.get(base, headers=headers),
    ),
    "a trailing slash": (
        200,
        None,
        lambda shop, base, headers: shop.http.post(
            f"{base}/analyze/", json=wire_request(), headers=headers
        ),
    ),
    "a wrong method": (
        405,
        "method_not_allowed",
        lambda shop, base, headers: shop.http.get(f"{base}/analyze", headers=headers),
    ),
    "a method nobody knows": (
        405,
        "method_not_allowed",
        lambda shop, base, headers: shop.http.request(
            "PROPFIND", f"{base}/session/{UNKNOWN}", headers=headers
        ),
    ),
    "the rate limit": (429, "rate_limited", _limited),
    "a crash": (500, "internal_error", _crashed),
    "a crash of a session": (500, "internal_error", _crashed_session),
    "no database": (503, "service_unavailable", _unavailable),
}


@pytest.fixture(params=BASES)
def base(request: pytest.FixtureRequest) -> str:
    prefix: str = request.param
    return prefix


@pytest.fixture(params=ANSWERS)
def answering(request: pytest.FixtureRequest) -> tuple[int, str | None, Answering]:
    return ANSWERS[request.param]


def test_every_answer_carries_the_cors_headers(
    shop: Shop, base: str, answering: tuple[int, str | None, Answering]
) -> None:
    status, code, answer = answering

    response = answer(shop, base, {"Origin": ORIGIN, "X-Request-Id": "till-7"})

    assert status == response.status_code, response.text
    assert ORIGIN == response.headers["access-control-allow-origin"]
    assert "GET, POST, OPTIONS" == response.headers["access-control-allow-methods"]
    assert (
        "Content-Type, Authorization, X-Authorization"
        == response.headers["access-control-allow-headers"]
    )
    assert "86400" == response.headers["access-control-max-age"]
    assert (
        "X-Request-Id, Retry-After, Server-Timing"
        == response.headers["access-control-expose-headers"]
    )
    assert "Origin" == response.headers["vary"]
    assert "till-7" == response.headers["x-request-id"]
    if code:
        assert (code, "till-7") == (response.json()["error"]["code"], response.json()["requestId"])


def test_without_an_origin_everybody_is_allowed(
    shop: Shop, base: str, answering: tuple[int, str | None, Answering]
) -> None:
    _, _, answer = answering

    assert "*" == answer(shop, base, {}).headers["access-control-allow-origin"]


def test_no_header_is_sent_twice(shop: Shop) -> None:
    with RawConnection(shop.running.url) as connection:
        connection.send(head("GET", "/v1/analyze", {"Origin": ORIGIN}))
        names = connection.answer().header_names

    assert sorted(set(names)) == sorted(names)


def test_a_crash_tells_nothing_of_itself(shop: Shop) -> None:
    response = _crashed(shop, "/v1", {})

    assert "secret" not in response.text
    assert "ZeroDivisionError" not in response.text


def test_a_wrong_method_learns_the_right_ones(shop: Shop) -> None:
    assert "POST" in shop.http.get("/v1/analyze").headers["allow"]
    assert "GET" in shop.http.post(f"/v1/session/{UNKNOWN}").headers["allow"]
    assert 405 == shop.http.head(f"/v1/session/{UNKNOWN}").status_code


def test_a_preflight_has_no_body(shop: Shop) -> None:
    response = httpx.options(f"{shop.running.url}/v1/analyze", headers={"Origin": ORIGIN})

    assert (204, b"") == (response.status_code, response.content)
    assert "content-type" not in response.headers


def test_paths_outside_the_prefixes_carry_a_request_id_and_no_cors_headers(shop: Shop) -> None:
    for path in ("/", "/healthz", "/v10/analyze", "/storefront/analyze", "/V1/analyze"):
        response = shop.http.get(path, headers={"Origin": ORIGIN})
        assert "access-control-allow-origin" not in response.headers
        assert response.headers["x-request-id"]


def test_no_database_says_when_to_try_again(shop: Shop) -> None:
    assert int(_unavailable(shop, "/v1", {}).headers["retry-after"]) >= 1


def test_answers_say_how_long_they_may_be_kept(shop: Shop) -> None:
    analysed = shop.post(wire_request())
    shown = shop.session(analysed.json()["sessionId"])

    assert "no-store" == analysed.headers["cache-control"]
    assert "private, max-age=45" == shown.headers["cache-control"]
    assert "cache-control" not in shop.session(UNKNOWN).headers


def test_an_analysis_tells_how_long_it_took(shop: Shop) -> None:
    timing = shop.post(wire_request()).headers["server-timing"]

    assert re.fullmatch(r"app;dur=\d+(\.\d+)?", timing)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded"]
)
def test_json_is_read_whatever_it_is_called(shop: Shop, content_type: str) -> None:
    response = _analyze(shop, "/v1", {"Content-Type": content_type})

    assert 200 == response.status_code


def test_both_prefixes_lead_to_the_same_sessions(shop: Shop) -> None:
    first = _analyze(shop, "/v1", {}, json=wire_request(cartId="c")).json()
    second = _analyze(shop, "/storefront/v1", {}, json=wire_request(cartId="c")).json()

    assert first["sessionId"] == second["sessionId"]
    assert (1, 2) == (first["metadata"]["analysisCount"], second["metadata"]["analysisCount"])


@pytest.mark.parametrize("sane", ["a", "A-z_0.9:8", "x" * 128])
def test_a_sane_request_id_is_kept(shop: Shop, sane: str) -> None:
    assert sane == _analyze(shop, "/v1", {"X-Request-Id": sane}).headers["x-request-id"]


@pytest.mark.parametrize("odd", ["", "x" * 129, "a b", "a,b", 'a"b', "<b>", "a\tb", "%0d%0aSet:1"])
def test_an_odd_request_id_is_replaced(shop: Shop, odd: str) -> None:
    response = _analyze(shop, "/v1", {"X-Request-Id": odd})

    assert re.fullmatch(r"req_[0-9A-Za-z]{20}", response.headers["x-request-id"])


def test_a_request_id_that_is_a_key_is_replaced(shop: Shop) -> None:
    response = _analyze(shop, "/v1", {"X-Request-Id": shop.key})

    assert shop.key not in str(response.headers)


@pytest.mark.parametrize("name", ["X-Request-Id", "Origin"])
@pytest.mark.parametrize(
    "value", ["a\r\nSet-Cookie: b=c", "a\nSet-Cookie: b=c", "a\rSet-Cookie: b=c", "a\0b", "ä\x85b"]
)
def test_no_header_can_be_smuggled_into_an_answer(shop: Shop, name: str, value: str) -> None:
    with RawConnection(shop.running.url) as connection:
        connection.send(head("OPTIONS", "/v1/analyze", {name: value, "Connection": "close"}))
        answer = connection.answer()

    assert "set-cookie" not in answer.headers
