"""Install, settings, webhooks and uninstall: the rows, BigCommerce's faults, and forgeries."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.client.pretend_server import Reply
from tests.connectors.bigcommerce.api import BigCommerce
from tests.connectors.bigcommerce.driver import BigCommerceDriver
from tests.connectors.bigcommerce.owner import Owner, signed
from tests.connectors.bigcommerce.shopper import Shopper
from tests.connectors.bigcommerce.site import Site
from tests.connectors.bigcommerce.store import AWAITING_FULFILLMENT, CANCELLED, Store
from tests.connectors.bigcommerce.test_reporting import end_of, protected, pushes
from tests.connectors.rows.installing import *  # noqa: F403
from tests.connectors.woocommerce.front import UNAVAILABLE
from tests.connectors.woocommerce.merchant import Merchant, covered

SECRETS = ("token-", "og_")


def test_installing_registers_webhooks_and_a_script_with_its_hash(
    site: Site, owner: Owner, shops: BigCommerce
) -> None:
    store = owner.store

    assert len(store.hooks) == len({hook["scope"] for hook in store.hooks}) == 5
    assert {f"{site.url}/webhooks/{store.hash}"} == {hook["destination"] for hook in store.hooks}
    (script,) = store.scripts
    served = site.http.get(script["src"].removeprefix(site.url))
    assert script["integrity_hashes"] == [_integrity(served.content)]
    assert ("checkout", True) == (script["visibility"], script["auto_uninstall"])
    assert "immutable" in served.headers["cache-control"]
    before = shops.asked(r"(POST|PUT|DELETE) .*/(hooks|scripts)")

    owner.enters("test")

    assert before == shops.asked(r"(POST|PUT|DELETE) .*/(hooks|scripts)")
    assert all(ok for ok, _ in owner.steps)


def _integrity(content: bytes) -> str:
    import base64
    import hashlib

    return f"sha384-{base64.b64encode(hashlib.sha384(content).digest()).decode()}"


def test_a_webhook_that_was_switched_off_is_switched_on_within_a_day(
    site: Site, owner: Owner
) -> None:
    owner.store.hooks[0]["is_active"] = False
    owner.store.hooks[1]["destination"] = (
        f"https://before.example/webhooks/{owner.store.hash}"  # the app has moved
    )
    owner.store.scripts[0]["integrity_hashes"] = ["sha384-old"]

    site.control("age", 86_400_000)
    site.control("round", owner.store.hash)

    assert [True] * 5 == [hook["is_active"] for hook in owner.store.hooks]
    assert {f"{site.url}/webhooks/{owner.store.hash}"} == {
        hook["destination"] for hook in owner.store.hooks
    }
    assert ["sha384-old"] != owner.store.scripts[0]["integrity_hashes"]


def test_secrets_are_neither_on_disk_nor_in_pages_nor_in_the_log(
    site: Site, owner: Owner, merchant: Merchant
) -> None:
    owner.enters("test")

    for secret in (owner.store.token, merchant.cart_key, merchant.orders_key):
        assert secret not in site.kept() + owner.page + site.log()


FORGED: list[dict[str, Any]] = [
    {"secret": "another secret, which has thirty-two bytes too"},
    {"algorithm": "none"},
    {"algorithm": "HS512"},
    {"aud": "another-app"},
    {"iss": "me"},
    {"exp": int(time.time()) - 600},
    {"nbf": int(time.time()) + 40 * 86_400},
]
OF_NO_STORE: list[dict[str, Any]] = [{"sub": "stores/abcdef"}, {"sub": "stores/../../etc"}]


@pytest.mark.parametrize(
    ("path", "forged"),
    [(path, forged) for path in ("/load", "/uninstall") for forged in FORGED + OF_NO_STORE]
    + [("/remove-user", forged) for forged in FORGED],
)
def test_a_forged_callback_is_refused(
    owner: Owner, merchant: Merchant, path: str, forged: dict[str, Any]
) -> None:
    signing = {name: forged[name] for name in ("secret", "algorithm") if name in forged}
    claims = {name: value for name, value in forged.items() if name not in signing}
    token = signed(owner.claims(**claims), **signing)

    for text in (token, f"{token[:-3]}AAA", token.rsplit(".", 1)[0] + ".", "", "a.b.c"):
        assert 401 == owner.calls(path, text).status_code
    assert owner.load().is_success


def test_a_callback_of_before_the_last_installation_uninstalls_nothing(
    owner: Owner, merchant: Merchant
) -> None:
    old = signed(owner.claims(iat=int(time.time()) - 3_600))

    assert 401 == owner.calls("/uninstall", old).status_code
    assert owner.load().is_success


def test_an_installation_with_a_wrong_code_is_none(site: Site, store: Store) -> None:
    owner = Owner(site, store)

    assert 401 == owner.install(code="guessed").status_code
    assert 401 == owner.install(context="stores/../x").status_code
    assert 401 == owner.load().status_code


def test_missing_scopes_are_named(site: Site, store: Store) -> None:
    owner = Owner(site, store)

    owner.install(scope="store_v2_orders store_cart")

    assert 4 == len([text for ok, text in owner.steps if not ok])
    assert "Checkout content: modify" in owner.page


def test_a_webhook_without_the_secret_or_of_another_store_is_refused(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    order = shopper.place()
    hook = shopper.store.hooks[0]
    payload = shopper.store.notices[0]["payload"]
    shopper.store.notices.clear()
    others = payload | {"producer": "stores/other"}

    for headers, body in (
        ({}, payload),
        ({"X-Orderguard-Secret": "guess"}, payload),
        (hook["headers"], others),
    ):
        answer = site.http.post(hook["destination"], json=body, headers=headers)
        assert 401 == answer.status_code
    elsewhere = hook["destination"].replace(shopper.store.hash, "0000000000")
    assert 401 == site.http.post(elsewhere, json=payload, headers=hook["headers"]).status_code
    for data in ({"type": "order", "id": "1 or 1"}, {"type": "cart", "id": 5}, None, []):
        site.http.post(hook["destination"], json=payload | {"data": data}, headers=hook["headers"])

    site.control("run_queue", shopper.store.hash)
    assert (None, 0) == (merchant.order(order.id), merchant.billed())


def test_the_form_takes_no_token_but_its_own(site: Site, owner: Owner, merchant: Merchant) -> None:
    for token in ("", signed(owner.claims()), owner.token[:-2] + "AA"):
        answer = site.http.post("/settings", data={"token": token, "url": "https://evil.example"})
        assert 401 == answer.status_code
    late = owner.token
    site.control("age", 7_200_000)
    assert 401 == site.http.post("/settings", data={"token": late}).status_code


def test_the_page_may_be_framed_by_bigcommerce_only(owner: Owner) -> None:
    policy = owner.load().headers["content-security-policy"]

    assert "frame-ancestors https://*.bigcommerce.com https://*.mybigcommerce.com" in policy
    assert "default-src 'none'" in policy
    owner.enters(url='"><script>alert(1)</script>')
    assert "<script" not in owner.page


def test_22_a_store_that_is_connected_late_reports_what_it_sold(
    driver: BigCommerceDriver, merchant: Merchant
) -> None:
    driver.disconnect()
    driver.add("lamp")
    order = driver.place()
    driver.run_queue()

    given = merchant.settings()
    driver.connect(**{name: given[name] for name in ("url", "cart_key", "orders_key")})
    driver.push_again(order)

    driver.assert_unprotected(order, total=55_00)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"cart_key": "og_wrong"}, "Cart key: Orderguard does not know the key (401)."),
        ({"orders_key": "og_wrong"}, "Orders key: Orderguard does not know the key (401)."),
        ({"url": "http://127.0.0.1:9"}, "Orderguard did not answer"),
        ({"url": "orderguard.example"}, "is no address"),
        ({"url": "https://orderguard.example/?a=b"}, "is no address"),
        ({"url": ""}, "Enter the address"),
    ],
)
def test_22_wrong_settings_are_named(
    owner: Owner, merchant: Merchant, wrong: dict[str, Any], sentence: str
) -> None:
    owner.enters("test", **wrong)
    assert (False, True) == (owner.steps[-1][0], sentence in owner.steps[-1][1])
    assert ([], 0) == (merchant.orders(), merchant.billed())


def test_22_what_keeps_every_cart_from_an_offer_is_named(
    site: Site, store: Store, running_server: Any
) -> None:
    store.currency = "GBP"
    abroad = Merchant(running_server)
    with abroad.front.door:
        owner = Owner(site, store)
        owner.connect(abroad.settings())

        owner.enters("test")

        assert "no prices in the currency of this store" in owner.steps[-1][1]
        assert 0 == abroad.billed()
    abroad.front.close()


@pytest.mark.parametrize("tail", ["//", "  "])
def test_22_an_address_may_end_in_slashes_and_blanks(
    owner: Owner, shopper: Shopper, merchant: Merchant, tail: str
) -> None:
    owner.enters(url=f"{merchant.front.url}{tail}")
    protected(shopper)
    order = shopper.place()
    owner.deliver()

    assert covered(50_00, 4_98) == merchant.books(order.id)


def test_22_a_revoked_token_is_told_and_stops_the_queue(
    owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce
) -> None:
    protected(shopper)
    order = shopper.place()
    shopper.pays_another()
    shops.fails("/stores/", Reply(401, {}), times=99)
    owner.deliver()
    asked = shops.asked("/v2/orders/")
    owner.deliver()
    assert asked == shops.asked("/v2/orders/")
    assert "Install the app again" in owner.health["Last failure"]
    shops.spoiled.clear()

    owner.install()
    owner.enters("send")
    owner.deliver()

    assert (50_00, 4_98) == (
        end_of(merchant, order)[0]["returnCoverage"],
        merchant.billed(),
    )


def test_22_each_store_has_its_own_keys(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant, shops: BigCommerce,
    running_server: Any,
) -> None:  # fmt: skip
    other = Merchant(running_server)
    elsewhere = Store()
    shops.stores[elsewhere.hash] = elsewhere
    with other.front.door:
        another = Owner(site, elsewhere)
        another.connect(other.settings())
        guest = Shopper(site, elsewhere)
        protected(shopper)
        protected(guest)
        here, there = shopper.place(), guest.place()
        owner.deliver()
        another.deliver()

        assert covered(50_00, 4_98) == merchant.books(here.id)
        assert covered(50_00, 4_98) == other.books(there.id)
        assert (None, None) == (merchant.order(there.id), other.order(here.id))
    other.front.close()


def test_23_uninstalled_for_a_while_and_nothing_is_lost(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    cancelled = shopper.place()
    owner.deliver()
    again = Shopper(site, shopper.store)
    protected(again)
    unpaid = again.begin()
    owner.deliver()
    meanwhile_store = shopper.store

    owner.uninstall()
    meanwhile = shopper.pays_another()
    meanwhile_store.set_status(unpaid, AWAITING_FULFILLMENT)
    meanwhile_store.set_status(cancelled, CANCELLED)
    assert [] == meanwhile_store.notices  # nobody is told
    owner.connect(merchant.settings())
    owner.enters("send")
    owner.deliver()

    assert (50_00, 4_98) == (end_of(merchant, unpaid)[0]["returnCoverage"], merchant.billed())
    assert "declined" == merchant.books(meanwhile.id).outcome  # type: ignore[union-attr]
    assert {} == end_of(merchant, cancelled)[0]
    assert 1 == len(pushes(merchant, unpaid))


def test_23_an_installation_that_bigcommerce_interrupts_is_finished_afterwards(
    site: Site, store: Store, merchant: Merchant, shops: BigCommerce
) -> None:
    shops.fails("POST .*/hooks", Reply(503, {}))
    owner = Owner(site, store)
    owner.connect(merchant.settings())
    assert ([], True) == (store.hooks, "BigCommerce answered 503" in owner.health["To do"])

    site.control("round", store.hash)

    shopper = Shopper(site, store)
    protected(shopper)
    order = shopper.place()
    owner.deliver()
    assert covered(50_00, 4_98) == merchant.books(order.id)
    assert "To do" not in owner.health


def test_23_installing_twice_is_installing_once(
    owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    owner.install()

    assert (5, 1) == (len(owner.store.hooks), len(owner.store.scripts))
    protected(shopper)
    order = shopper.place()
    owner.deliver()
    assert covered(50_00, 4_98) == merchant.books(order.id)


def test_24_reports_that_wait_at_the_uninstall_still_arrive(
    site: Site, owner: Owner, shopper: Shopper, merchant: Merchant
) -> None:
    protected(shopper)
    merchant.front.spoiled = UNAVAILABLE
    order = shopper.place()
    owner.deliver()

    owner.uninstall()
    site.control("run_queue", shopper.store.hash)
    merchant.front.spoiled = None
    site.control("age", 3_600_000)
    site.control("run_queue", shopper.store.hash)

    assert covered(50_00, 4_98) == merchant.books(order.id)
    kept = (site.folder / "stores" / shopper.store.hash / "store.json").read_text()
    assert "cartKey" not in kept  # the keys went with the last report
