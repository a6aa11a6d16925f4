"""The demo shop passes the integration check by its own traffic (contract §13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from orderguard.actions.check_integration import check_integration
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.publish_configuration import publish_configuration
from orderguard.demo import merchant as demo_merchant
from orderguard.demo.shop.orderguard_client import ShopAccess
from orderguard.demo.shop.serving import ShopServing
from orderguard.domain.integration.check import IntegrationCheck, Standing, Verdict
from orderguard.domain.people.audit import Change
from orderguard.running import sockets
from orderguard.running.wiring import now, wire_find_configuration
from tests.browser.test_demo_shop import CANOE, TENT, Shopper
from tests.support.server_process import wait_until
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop


@pytest.fixture
def merchant(running_server: RunningServer) -> Shop:
    """A merchant of nothing but the shop's traffic; `orderguard demo` pushes mistakes as well."""
    shop = Shop(running_server)
    text = Path(demo_merchant.__file__).with_name("merchant.toml").read_text(encoding="utf-8")
    publish_configuration(
        running_server.database, COMPILER, shop.id, text, change=Change(A_TESTER, now())
    )
    return shop


@pytest.fixture
def a_shopper(merchant: Shop) -> Iterator[Callable[[], Shopper]]:
    listener = sockets.listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    keys = (merchant.key, merchant.issue_key("orders").text)
    clients: list[httpx.Client] = []

    def shopper() -> Shopper:
        client = httpx.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=60)
        clients.append(client)
        return Shopper(client)

    with listener:
        serving = ShopServing(ShopAccess(merchant.running.url, *keys), listener)
        yield shopper
        for client in clients:
            client.close()
        serving.stop()


def test_the_demo_shop_passes_the_integration_check(
    merchant: Shop, a_shopper: Callable[[], Shopper]
) -> None:
    def check() -> IntegrationCheck:
        with merchant.running.database.read() as work:
            owner = get_merchant(work, merchant.id)
            return check_integration(work, owner, wire_find_configuration(), real_at=now())

    # Given protected orders of a cart that changed and of a pickup, and two without protection
    for goods, switches, ticks in (
        ((TENT, TENT), {}, True),
        ((TENT,), {"pickup": "yes"}, True),
        ((TENT,), {}, False),
        ((CANOE, CANOE, CANOE), {}, False),
    ):
        shopper = a_shopper()
        for good in goods:
            shopper.adds(good)
            shopper.goes_to("/checkout")
        if switches:
            shopper.pretends(**switches)
            shopper.goes_to("/checkout")
        shopper.orders(ticks=ticks)

    # When all orders are known, which the shop pushes beside its pages
    wait_until(lambda: check().orders == 4, seconds=60)
    checked = check()

    # Then nothing is broken, and what the shop did is held
    standings = {line.rule.code: line.standing for line in checked.lines}
    evidence = [line.evidence for line in checked.lines if line.standing is Standing.BROKEN]
    assert (4, []) == (checked.orders, evidence)
    assert Verdict.PASSED is checked.verdict, standings
    held = {code for code, standing in standings.items() if standing is Standing.HELD}
    assert {"analysed_again", "new_session_per_order", "delivery_groups", "mode_verbatim"} <= held
    assert {"fee_as_quoted", "declined_pushed", "session_on_order"} <= held
