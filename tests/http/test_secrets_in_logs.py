"""Keys reach no log line, no debug block and no error message (contract §8)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import httpx
import pytest
import structlog

from orderguard.actions import analyze_cart
from orderguard.actions.analyze_cart import AnalyzeCart
from orderguard.observability import configure_logging, without_keys
from tests.support.shop import Shop
from tests.support.wire import wire_line, wire_request


def _error_tour(shop: Shop) -> Iterator[httpx.Response]:
    """Every way to be answered, with the key also where it does not belong."""
    key, client = shop.key, shop.running.shared_client
    auth = {"X-Authorization": key}
    good = wire_request(debug=True, experimentationConsent=True)
    yield client.post("/v1/analyze", json=good, headers=auth)
    yield client.post("/v1/analyze", json=good, headers={"Authorization": f"Bearer {key}"})
    yield client.post("/v1/analyze", json=good, headers={"Authorization": f"Basic {key}"})
    yield client.post("/v1/analyze", json=good, headers={"X-Authorization": key + "x"})
    yield client.post("/v1/analyze", json=good, headers=auth | {"X-Request-Id": key})
    yield client.post(f"/v1/analyze?key={key}", json=good, headers=auth)
    yield client.get(f"/v1/session/{key}", headers=auth)
    yield client.get(f"/v1/{key}")
    yield client.delete(f"/v1/session/{key}", headers=auth)
    for field in ("platform", "region", "sessionId", "locale", "debug", "deliveryGroups"):
        yield client.post("/v1/analyze", json=good | {field: key}, headers=auth)
    yield client.post("/v1/analyze", json=wire_request(cart={"currencyCode": key}), headers=auth)
    yield client.post("/v1/analyze", json=wire_request(wire_line(key)), headers=auth)
    yield client.post("/v1/analyze", json=wire_request(wire_line(currencyCode=key)), headers=auth)
    yield client.post("/v1/analyze", content=f'{{"{key}": 1, "{key}": 2}}', headers=auth)
    yield client.post("/v1/analyze", content=key, headers=auth)
    for scopes, origins in ((["orders"], []), (["cart"], ["https://shop.example"])):
        lacking = shop.issue_key(*scopes, origins=origins).text
        yield client.post("/v1/analyze", json=good, headers={"X-Authorization": lacking})
    revoked = shop.issue_key("cart")
    shop.revoke(revoked)
    yield client.post("/v1/analyze", json=good, headers={"X-Authorization": revoked.text})
    spent = {"X-Authorization": shop.issue_key("cart", requests_per_minute=1).text}
    for _ in range(2):
        yield client.post("/v1/analyze", json=good, headers=spent)
    yield from _crashes(shop)


def _crashes(shop: Shop) -> Iterator[httpx.Response]:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"failed for {shop.key}")

    for target, name in ((AnalyzeCart, "__call__"), (analyze_cart, "make_offer")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(target, name, crash)
            yield shop.post(wire_request(debug=True))


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest, _quiet_log: io.StringIO) -> Iterator[io.StringIO]:
    """What the running server logs, in the format of production or in that for people."""
    before = structlog.get_config()
    stream = io.StringIO()
    configure_logging(log_format=request.param)
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False
    )
    yield stream
    structlog.configure(**before)


def test_a_tour_of_errors_shows_no_key_anywhere(shop: Shop, log: io.StringIO) -> None:
    answers = list(_error_tour(shop))

    assert {200, 400, 401, 404, 405, 429, 500} == {each.status_code for each in answers}
    assert "og_" not in log.getvalue()
    assert "failed for [API key]" in log.getvalue()
    for answer in answers:
        assert "og_" not in answer.text + str(answer.headers)


def test_a_key_is_masked_also_when_it_was_cut_short() -> None:
    assert "found '[API key]…." == without_keys("found 'og_rH2B7yxTc5qtVgcjqhcv….")
    assert "found '[API key]…." == without_keys("found 'og_test_rH2B7yxTc5qtVgcjqhcv….")
    assert "a blog_entry stays" == without_keys("a blog_entry stays")
    assert json.dumps({"a": "[API key]"}) == without_keys(json.dumps({"a": "og_" + "x" * 38}))
