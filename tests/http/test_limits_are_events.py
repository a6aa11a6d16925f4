"""A refusal for a limit is counted, and is one line in the log however often it happens."""

from __future__ import annotations

import io
import json
from pathlib import Path

import httpx
import pytest

from orderguard.actions.configuration_source import reading
from orderguard.actions.sparse_warning import SparseWarning
from tests.support.order_desk import OrderShop, accepted_order, an_order_shop
from tests.support.shop import RunningServer

MANY = 5


DOTTED_KEYS = "a" + ".a" * 29_999 + " = 1"
DEEP_JSON = '{"a": ' * 20 + "1" + "}" * 20


def _post_all(admin: httpx.Client, limit: str) -> list[int]:
    """Send what reaches a limit again and again. The statuses."""
    if limit == "request_body_bytes":
        bodies = [b'{"a": "' + b"x" * (1 << 20) + b'"}'] * MANY
        return [admin.post("/v1/analyze", content=each).status_code for each in bodies]
    texts = [DOTTED_KEYS, DEEP_JSON] * (MANY // 2) + [DOTTED_KEYS]
    return [
        admin.post("/admin/v1/configuration/check", json={"source": each}).status_code
        for each in texts
    ]


@pytest.mark.parametrize("limit", ["request_body_bytes", "document_shape"])
def test_what_is_refused_for_a_limit_is_one_line_in_the_log(
    tmp_path: Path, log_lines: io.StringIO, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    shape = SparseWarning("limit.reached", limit="document_shape")
    monkeypatch.setattr(reading, "_shape_refused", shape)
    server = RunningServer(tmp_path)
    try:
        shop = server.a_shop()
        key = shop.issue_key("cart", "admin").text
        statuses = _post_all(server.client(**{"X-Authorization": key}), limit)
        assert all(status < 500 for status in statuses)
    finally:
        server.stop()

    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    told = [each for each in lines if each["event"] == "limit.reached"]
    # One line two seconds after the first, and on a slow machine one more when the server stops.
    assert {limit} == {each["limit"] for each in told}
    assert len(told) <= 2 < MANY


def test_an_order_that_waits_too_long_for_a_lock_is_one_line_and_can_be_sent_again(
    tmp_path: Path, log_lines: io.StringIO
) -> None:
    server = RunningServer(tmp_path)
    try:
        shop: OrderShop = an_order_shop(server)
        order = accepted_order(shop.analyze())
        with server.database.begin() as work:
            work.merchants.lock(shop.id)
            refused = [shop.put(order) for _ in range(2)]
        pushed = shop.push(order)
    finally:
        server.stop()

    assert [503, 503] == [each.status_code for each in refused]
    assert "takes long" in refused[0].text
    assert "Send the order again later" in refused[0].text
    assert 2 == len(pushed["coverages"]), "and it covers what was paid for"
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    told = [each for each in lines if each["event"] == "limit.reached"]
    assert {"lock_wait"} == {each["limit"] for each in told}
    assert 2 == sum(each["count"] for each in told)
    assert "storage.unavailable" not in {each["event"] for each in lines}
