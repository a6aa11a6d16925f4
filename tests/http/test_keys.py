"""Who may call: scopes, origins, revocation, limits (contract §8)."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from orderguard.domain.people.api_key import ALPHABET, compose_key
from orderguard.http import callers
from orderguard.randomness import new_key_text
from orderguard.running.wiring import now
from orderguard.storage import remembered
from orderguard.storage.api_keys import SqlApiKeys
from orderguard.storage.changes import announce_change
from orderguard.storage.remembered import LOOK_UPS_AT_ONCE
from orderguard.storage.tables import api_keys
from tests.support.databases import sqlite_only
from tests.support.server_process import wait_until
from tests.support.shop import NOTHING_STORED, SETTLING_SECONDS, RunningServer, Shop
from tests.support.wire import wire_request

ORIGIN = "https://shop.example"


def _call(shop: Shop, headers: dict[str, str]) -> httpx.Response:
    """An analysis with exactly these headers."""
    return shop.running.shared_client.post("/v1/analyze", json=wire_request(), headers=headers)


def _with_key(shop: Shop, key: str, **headers: str) -> httpx.Response:
    return _call(shop, {"X-Authorization": key} | headers)


def _assert_unauthorized(response: httpx.Response) -> None:
    assert 401 == response.status_code
    error = response.json()["error"]
    assert ("unauthorized", "GEN-UNAUTHORIZED") == (error["code"], error["http_code"])


@pytest.mark.parametrize("scopes", [("orders",), ("admin",), ("orders", "admin")])
def test_a_key_without_the_cart_scope_is_refused(shop: Shop, scopes: tuple[str, ...]) -> None:
    key = shop.issue_key(*scopes).text

    _assert_unauthorized(_with_key(shop, key))
    _assert_unauthorized(
        shop.running.shared_client.get(
            "/v1/session/lop_a1b2c3d4e5f6g7h8i9j0", headers={"X-Authorization": key}
        )
    )
    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("scopes", [("cart",), ("carts",), ("orders", "cart"), ("cart", "carts")])
def test_a_key_with_the_cart_scope_is_let_in(shop: Shop, scopes: tuple[str, ...]) -> None:
    assert 200 == _with_key(shop, shop.issue_key(*scopes).text).status_code


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Bearer "])
def test_the_scheme_may_stand_before_the_key_in_our_own_header(shop: Shop, scheme: str) -> None:
    header = {"X-Authorization": f"{scheme} {shop.key}"}

    assert 200 == shop.http.post("/v1/analyze", json=wire_request(), headers=header).status_code


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_authorization_bearer_is_a_synonym(shop: Shop, scheme: str) -> None:
    assert 200 == _call(shop, {"Authorization": f"{scheme} {shop.key}"}).status_code


def test_x_authorization_wins_over_the_synonym(shop: Shop) -> None:
    wrong = {"X-Authorization": "og_wrong", "Authorization": f"Bearer {shop.key}"}
    right = {"X-Authorization": shop.key, "Authorization": "Basic dXNlcjpwYXNz"}

    _assert_unauthorized(_call(shop, wrong))
    assert 200 == _call(shop, right).status_code


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda key: key[:-1],
        lambda key: key + "0",
        lambda key: key.upper(),
        lambda key: key[3:],
        lambda key: f"{key[:20]} {key[20:]}",
        lambda key: f"Basic {key}",
        lambda key: f'"{key}"',
        lambda key: f"{key},{key}",
        lambda _: "é" * 41,
        lambda _: "x" * 20_000,
    ],
)
def test_what_is_not_quite_the_key_is_refused(shop: Shop, spoil: Any) -> None:
    headers = [(b"X-Authorization", spoil(shop.key).encode("latin-1"))]

    response = shop.running.shared_client.post("/v1/analyze", json=wire_request(), headers=headers)

    _assert_unauthorized(response)
    assert NOTHING_STORED == shop.row_counts()


@pytest.mark.parametrize("header", ["Bearer", "Basic {key}", "{key}", "Bearer  {key}x"])
def test_what_is_not_quite_the_synonym_is_refused(shop: Shop, header: str) -> None:
    _assert_unauthorized(_call(shop, {"Authorization": header.format(key=shop.key)}))


def test_a_typo_is_refused_without_a_look_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[bytes] = []
    find = SqlApiKeys.find_by_hashes

    def watched(self: SqlApiKeys, hashes: Collection[bytes]) -> Any:
        looked_up.extend(hashes)
        return find(self, hashes)

    monkeypatch.setattr(SqlApiKeys, "find_by_hashes", watched)
    for position in range(3, len(shop.key)):
        other = next(each for each in ALPHABET if each != shop.key[position])
        typo = shop.key[:position] + other + shop.key[position + 1 :]
        _assert_unauthorized(_with_key(shop, typo))

    assert [] == looked_up


def test_a_revoked_key_is_refused_at_once(shop: Shop) -> None:
    issued = shop.issue_key("cart")
    assert 200 == _with_key(shop, issued.text).status_code

    shop.revoke(issued)

    _assert_unauthorized(_with_key(shop, issued.text))


def test_an_expired_key_is_refused(shop: Shop) -> None:
    issued = shop.issue_key("cart", expires_at=now() + timedelta(hours=1))
    assert 200 == _with_key(shop, issued.text).status_code

    with shop.running.database.begin() as work:
        expired = update(api_keys).where(api_keys.c.id == issued.key.id).values(expires_at=now())
        work.connection.execute(expired)
        announce_change(work.connection)
    time.sleep(SETTLING_SECONDS)

    _assert_unauthorized(_with_key(shop, issued.text))


def test_several_keys_of_a_merchant_share_its_sessions(shop: Shop) -> None:
    session = shop.analyze()["sessionId"]
    another = shop.issue_key("cart").text
    shop.revoke(shop.issued)

    response = shop.running.shared_client.get(
        f"/v1/session/{session}", headers={"X-Authorization": another}
    )

    assert 200 == response.status_code


def test_a_key_bound_to_origins_answers_only_them(shop: Shop) -> None:
    key = shop.issue_key("cart", origins=[ORIGIN, "http://localhost:3000"]).text

    assert 200 == _with_key(shop, key, Origin=ORIGIN).status_code
    assert 200 == _with_key(shop, key, Origin="HTTPS://Shop.Example").status_code
    assert 200 == _with_key(shop, key, Origin="http://localhost:3000").status_code


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://shop.example",
        "https://shop.example:8443",
        "https://evil.example",
        "https://shop.example.evil.example",
        "https://evilshop.example",
        "https://shop.example/",
        "https://shop.example, https://evil.example",
    ],
)
def test_a_key_bound_to_an_origin_is_refused_from_another(shop: Shop, origin: str) -> None:
    key = shop.issue_key("cart", origins=[ORIGIN]).text

    response = _with_key(shop, key, Origin=origin)

    _assert_unauthorized(response)
    assert (origin or "*") == response.headers["access-control-allow-origin"]
    assert NOTHING_STORED == shop.row_counts()


def test_a_key_bound_to_an_origin_is_refused_without_one(shop: Shop) -> None:
    _assert_unauthorized(_with_key(shop, shop.issue_key("cart", origins=[ORIGIN]).text))


def test_a_stranger_does_not_learn_what_a_key_lacks(shop: Shop) -> None:
    unknown = _with_key(shop, "og_nonsense")
    revoked = shop.issue_key("orders", origins=[ORIGIN])
    shop.revoke(revoked)
    refused = _with_key(shop, revoked.text)

    assert unknown.json()["error"] == refused.json()["error"]


def test_requests_over_the_limit_of_a_key_are_told_when_to_come_back(shop: Shop) -> None:
    key = shop.issue_key("cart", requests_per_minute=3).text

    responses = [_with_key(shop, key) for _ in range(5)]

    assert [200, 200, 200, 429, 429] == [each.status_code for each in responses]
    limited = responses[-1]
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    assert "3" == limited.headers["x-ratelimit-limit"]
    assert "0" == limited.headers["x-ratelimit-remaining"]
    assert 3 == shop.row_counts()["analyses"]


def test_the_limit_is_the_keys_own(shop: Shop) -> None:
    spent, fresh = (shop.issue_key("cart", requests_per_minute=1).text for _ in range(2))
    _with_key(shop, spent)

    assert 429 == _with_key(shop, spent).status_code
    assert 200 == _with_key(shop, fresh).status_code
    assert 200 == shop.post(wire_request()).status_code


def test_keys_without_a_limit_have_that_of_the_installation(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, rate_limit_per_minute=2)
    try:
        shop = server.a_shop()
        generous = shop.issue_key("cart", requests_per_minute=100).text

        assert [200, 200, 429] == [shop.post(wire_request()).status_code for _ in range(3)]
        assert 200 == _with_key(shop, generous).status_code
    finally:
        server.stop()


def test_one_visitor_cannot_spend_what_a_browsers_key_has_for_all(tmp_path: Path) -> None:
    server = RunningServer(
        tmp_path, client_rate_limit_per_minute=2, trusted_proxies="127.0.0.0/8, ::1"
    )
    try:
        shop = server.a_shop()
        browser = shop.issue_key("cart", origins=[ORIGIN]).text

        def visit(forwarded_for: str) -> int:
            headers = {"Origin": ORIGIN, "X-Forwarded-For": forwarded_for}
            return _with_key(shop, browser, **headers).status_code

        assert [200, 200, 429] == [visit("198.51.100.7") for _ in range(3)]
        assert 200 == visit("198.51.100.8")
        # What the visitor writes stands further left than what the proxy adds.
        assert 429 == visit("203.0.113.9, 198.51.100.7")
        # A shop's own server is one client with all of its shoppers behind it.
        assert [200] * 3 == [shop.post(wire_request()).status_code for _ in range(3)]
    finally:
        server.stop()


def test_a_browsers_key_has_a_limit_per_visitor_from_the_start(
    running_server: RunningServer,
) -> None:
    shop = running_server.a_shop()
    browser = shop.issue_key("cart", origins=[ORIGIN]).text

    answers = [_with_key(shop, browser, Origin=ORIGIN) for _ in range(61)]

    assert [200] * 60 + [429] == [each.status_code for each in answers]
    assert "60" == answers[-1].headers["x-ratelimit-limit"]
    assert 60 == shop.row_counts()["analyses"]
    # Other keys are a shop's own, and have no such limit.
    assert 200 == shop.post(wire_request()).status_code


def test_the_networks_around_an_ipv6_address_have_limits_too(tmp_path: Path) -> None:
    server = RunningServer(tmp_path, client_rate_limit_per_minute=1, trusted_proxies="127.0.0.1")
    try:
        shop = server.a_shop()
        browser = shop.issue_key("cart", origins=[ORIGIN]).text

        def visit(address: str) -> int:
            headers = {"Origin": ORIGIN, "X-Forwarded-For": address}
            return _with_key(shop, browser, **headers).status_code

        # One home after the other in one /56, then one /56 after the other in one /48.
        of_one_56 = [visit(f"2001:db8:1:{number:x}::1") for number in range(6)]
        of_one_48 = [visit(f"2001:db8:1:{number:x}00::1") for number in range(1, 20)]
        assert [200] * 4 + [429] * 2 == of_one_56
        assert [200] * 12 + [429] * 7 == of_one_48
        assert 200 == visit("[2001:db8:2::1]:4711")
    finally:
        server.stop()


def test_keys_that_nobody_issued_are_looked_up_together_and_remembered(
    running_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = running_server.a_shop()
    may_go_on = threading.Event()
    looked_up: list[set[bytes]] = []
    find = SqlApiKeys.find_by_hashes

    def watched(self: SqlApiKeys, hashes: Collection[bytes]) -> Any:
        looked_up.append(set(hashes))
        may_go_on.wait(60)
        return find(self, hashes)

    monkeypatch.setattr(SqlApiKeys, "find_by_hashes", watched)
    monkeypatch.setattr(remembered, "LOOK_UP_WITHIN_SECONDS", 60)
    strangers = [compose_key(f"{number:032}") for number in range(20)]
    with ThreadPoolExecutor(21) as clients:
        unknown = [clients.submit(_with_key, shop, key) for key in strangers]
        wait_until(lambda: LOOK_UPS_AT_ONCE == len(looked_up))
        good = clients.submit(shop.post, wire_request())
        time.sleep(SETTLING_SECONDS)  # so that most of them wait for the threads
        may_go_on.set()
        assert 4_98 == good.result().json()["chargeInstructions"]["amount"]
        for each in unknown:
            _assert_unauthorized(each.result())

    assert 21 == sum(len(each) for each in looked_up)
    assert len(looked_up) < 21
    before = len(looked_up)
    _assert_unauthorized(_with_key(shop, strangers[0]))
    assert before == len(looked_up)


def test_a_key_that_was_unknown_is_known_once_it_is_issued(
    running_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = running_server.a_shop()
    random_part = new_key_text()
    monkeypatch.setattr("tests.support.shop.new_key_text", lambda: random_part)
    _assert_unauthorized(_with_key(shop, compose_key(random_part)))

    issued = shop.issue_key("cart")
    time.sleep(SETTLING_SECONDS)

    assert 200 == _with_key(shop, issued.text).status_code


def test_an_address_with_too_many_unknown_keys_is_slowed_down_and_its_good_keys_are_not(
    tmp_path: Path, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    slowed_down: list[float] = []
    own = 0.015625  # which nothing else sleeps for
    sleep = asyncio.sleep

    async def watched(seconds: float, *rest: Any) -> None:
        if seconds == own:
            slowed_down.append(seconds)
        await sleep(seconds, *rest)

    monkeypatch.setattr(callers, "SLOWED_DOWN_BY_SECONDS", own)
    monkeypatch.setattr("orderguard.http.callers.asyncio.sleep", watched)
    server = RunningServer(tmp_path, unknown_keys_per_minute=3)
    try:
        shop = server.a_shop()
        headers = {"X-Request-Id": "flood"}
        answers = [_with_key(shop, compose_key(f"{n:032}"), **headers) for n in range(6)]

        assert [401] * 3 + [429] * 3 == [each.status_code for each in answers]
        assert 3 == len(slowed_down)
        assert "Without a valid key" in answers[-1].json()["error"]["message"]
        # Neither the shop's known key nor one that is new here is refused for it.
        assert 4_98 == shop.analyze()["chargeInstructions"]["amount"]
        assert 200 == _with_key(shop, shop.issue_key("cart").text).status_code
    finally:
        server.stop()
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert 3 == len([each for each in lines if each.get("request_id") == "flood"])
    (told,) = [each for each in lines if each["event"] == "limit.reached"]
    assert ("unknown_keys_per_minute", 3) == (told["limit"], told["count"])


def test_the_last_use_of_a_key_is_on_record_after_a_stop(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    shop = server.a_shop()
    idle = shop.issue_key("cart")
    started = now()
    shop.analyze()
    server.stop()

    with server.database.read() as work:
        used, unused = work.api_keys.find(shop.issued.key.id), work.api_keys.find(idle.key.id)
    server.database.dispose()

    assert used
    assert used.last_used_at
    assert started <= used.last_used_at <= now()
    assert unused
    assert unused.last_used_at is None


@sqlite_only
def test_no_file_of_the_database_contains_a_key(tmp_path: Path) -> None:
    server = RunningServer(tmp_path)
    shop = server.a_shop()
    shop.analyze(debug=True)
    while_serving = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    server.stop()
    afterwards = b"".join(each.read_bytes() for each in tmp_path.iterdir())

    for stored in (while_serving, afterwards):
        assert shop.issued.key.id.encode() in stored
        assert shop.key.encode() not in stored
        assert shop.key.removeprefix("og_").encode() not in stored
