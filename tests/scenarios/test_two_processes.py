"""Two serving processes on one database file agree at every moment (contract §8 and §10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.builders import a_document
from tests.support.server_process import ServerProcess, run_command
from tests.support.shop import Shop
from tests.support.wire import wire_request


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    database = tmp_path_factory.mktemp("two") / "orderguard.db"
    with ServerProcess(database) as one, ServerProcess(database) as other:
        yield one, other


@pytest.fixture
def shops(servers: tuple[ServerProcess, ServerProcess]) -> tuple[Shop, Shop]:
    """The same merchant at both servers."""
    one, other = servers
    shop = one.a_shop()
    return shop, shop.at(other)


def _price(shop: Shop) -> int:
    price: int = shop.analyze()["chargeInstructions"]["amount"]
    return price


def test_a_publication_is_effective_with_the_next_request(shops: tuple[Shop, Shop]) -> None:
    for amount in range(100, 110):
        shops[0].publish(
            a_document(modes=["returnCoverage"], pricing={"returnCoverage": [_base(amount)]})
        )
        assert [amount, amount] == [_price(shop) for shop in shops]


def _base(amount: int) -> dict[str, dict[str, int]]:
    return {"base": {"USD": amount}}


def test_a_revocation_is_effective_with_the_next_request(shops: tuple[Shop, Shop]) -> None:
    for _ in range(10):
        issued = shops[0].issue_key("cart")
        headers = {"X-Authorization": issued.text}
        answers = [shop.post(wire_request(), headers=headers).status_code for shop in shops]
        shops[0].revoke(issued)
        answers += [shop.post(wire_request(), headers=headers).status_code for shop in shops]
        assert [200, 200, 401, 401] == answers


def test_what_the_command_line_does_is_effective_with_the_next_request(
    servers: tuple[ServerProcess, ServerProcess], shops: tuple[Shop, Shop], tmp_path: Path
) -> None:
    assert [4_98, 4_98] == [_price(shop) for shop in shops]
    document = tmp_path / "configuration.json"
    document.write_text(json.dumps(a_document(enabled=False)))

    published = run_command(servers[0].path, "config", "publish", shops[0].id, str(document))

    assert 2 == published["version"]
    assert ["order_protection_disabled"] * 2 == [shop.analyze()["reason"] for shop in shops]

    run_command(servers[0].path, "keys", "revoke", shops[0].issued.key.id)

    assert [401, 401] == [shop.post(wire_request()).status_code for shop in shops]


def test_a_session_goes_on_at_the_other_server(shops: tuple[Shop, Shop]) -> None:
    one, other = shops
    counts = [shop.analyze(cartId="c")["metadata"]["analysisCount"] for shop in (one, other) * 3]

    assert [1, 2, 3, 4, 5, 6] == counts


def test_first_calls_at_both_servers_at_once_make_one_session(shops: tuple[Shop, Shop]) -> None:
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda n: shops[n % 2].analyze(cartId="new"), range(32)))

    assert 1 == len({each["sessionId"] for each in answers})
    assert list(range(1, 33)) == sorted(each["metadata"]["analysisCount"] for each in answers)
