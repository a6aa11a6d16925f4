"""What the merchant does and sees: activation, settings, the Test button, and health."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tools.build_woocommerce import SLUG

from tests.client.pretend_server import Reply
from tests.connectors.woocommerce.front import NONSENSE, SILENT
from tests.connectors.woocommerce.merchant import Merchant
from tests.connectors.woocommerce.shoppers import BlockShopper
from tests.connectors.woocommerce.site import PATIENCE_SECONDS, PLUGIN, Site
from tests.support.builders import a_document

SETTINGS = "/wp-admin/admin.php?page=wc-settings&tab=integration&section=orderguard"
DOTS = "••••••••"


class Owner:
    """Signed in as the owner of the shop."""

    def __init__(self, site: Site) -> None:
        self.http = httpx.Client(
            base_url=site.url, timeout=PATIENCE_SECONDS, trust_env=False, follow_redirects=True
        )
        self.http.get("/wp-login.php")
        self.http.post("/wp-login.php", data={"log": "owner", "pwd": "owner", "testcookie": "1"})

    def settings_page(self) -> str:
        return self.http.get(SETTINGS).text

    def saves(self, **fields: str) -> str:
        nonce = re.search(r'name="_wpnonce" value="(\w+)"', self.settings_page())
        assert nonce
        named = {f"woocommerce_orderguard_{name}": value for name, value in fields.items()}
        return self.http.post(
            SETTINGS, data=named | {"_wpnonce": nonce[1], "save": "Save changes"}
        ).text

    def tests(self, **fields: str) -> list[dict[str, Any]]:
        """The steps that the Test button shows."""
        found = re.search(r'orderguardSettings = \{.*?"nonce":"(\w+)"', self.settings_page())
        assert found, "the settings page has no script for the Test button"
        answer = self.http.post(
            "/wp-admin/admin-ajax.php",
            data={"action": "orderguard_test", "nonce": found[1]} | fields,
        ).json()
        assert answer["success"]
        steps: list[dict[str, Any]] = answer["data"]
        return steps


@pytest.fixture
def owner(shop: Site) -> Iterator[Owner]:
    owner = Owner(shop)
    yield owner
    owner.http.close()


def entered(merchant: Merchant, **changes: str) -> dict[str, str]:
    known = {
        "url": merchant.front.url,
        "cart_key": merchant.cart_key,
        "orders_key": merchant.orders_key,
    }
    return known | changes


def test_three_fields_and_the_test_button_lead_to_an_offer(
    shop: Site, owner: Owner, merchant: Merchant
) -> None:
    shop.control("options", {"woocommerce_orderguard_settings": None})

    steps = owner.tests(**entered(merchant))
    assert [True, True, True] == [step["ok"] for step in steps], steps
    assert "$4.98" in html.unescape(steps[1]["text"])

    owner.saves(**entered(merchant, place="payment", tax_class="standard", on_hold="1"))
    kept = shop.control("option", "woocommerce_orderguard_settings")
    assert entered(merchant) == {name: kept[name] for name in ("url", "cart_key", "orders_key")}
    assert ("payment", "standard", "yes") == (kept["place"], kept["tax_class"], kept["on_hold"])


def test_keys_are_never_shown_again_and_stay_when_left_empty(
    shop: Site, owner: Owner, merchant: Merchant
) -> None:
    page = owner.settings_page()
    assert merchant.cart_key not in page
    assert merchant.orders_key not in page
    assert DOTS in page

    owner.saves(url=merchant.front.url, cart_key="", orders_key="")

    kept = shop.control("option", "woocommerce_orderguard_settings")
    assert (merchant.cart_key, merchant.orders_key) == (kept["cart_key"], kept["orders_key"])
    assert merchant.orders_key not in shop.control("status_report")


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("https://og.example/", "https://og.example"),
        (" https://og.example/guard/ ", "https://og.example/guard"),
        ("https://og.example/storefront/v1", "https://og.example"),
        ("https://og.example/console/login", "https://og.example"),
    ],
)
def test_addresses_are_taken_as_people_paste_them(
    shop: Site, owner: Owner, merchant: Merchant, pasted: str, kept: str
) -> None:
    owner.saves(**entered(merchant, url=pasted))

    assert kept == shop.control("option", "woocommerce_orderguard_settings")["url"]


@pytest.mark.parametrize(
    ("pasted", "told"),
    [
        ("og.example", "has to begin with https://"),
        ("javascript:alert(1)", "has to begin with https://"),
        ("https://og.example/?x=1", "must not contain a question mark"),
    ],
)
def test_an_address_of_no_use_is_refused_in_words(
    shop: Site, owner: Owner, merchant: Merchant, pasted: str, told: str
) -> None:
    assert told in owner.saves(**entered(merchant, url=pasted))
    assert merchant.front.url == shop.control("option", "woocommerce_orderguard_settings")["url"]
    assert [(False, True)] == [
        (step["ok"], told in step["text"]) for step in owner.tests(url=pasted)
    ]


def test_the_test_button_says_what_is_wrong(owner: Owner, merchant: Merchant) -> None:
    def last(**changes: str) -> str:
        wrong = [
            step["text"] for step in owner.tests(**entered(merchant, **changes)) if not step["ok"]
        ]
        assert len(wrong) >= 1
        return wrong[0]

    assert "Nobody answered" in last(url="http://127.0.0.1:9")
    assert "Cart key: The key was refused" in last(cart_key="og_wrong")
    assert "Orders key: The key was refused" in last(orders_key="og_wrong")
    assert "The key was refused" in last(cart_key=merchant.orders_key, orders_key=merchant.cart_key)
    swapped = owner.tests(
        **entered(merchant, cart_key=merchant.orders_key, orders_key=merchant.cart_key)
    )
    assert "swapped" in swapped[2]["text"]
    merchant.shop.publish(a_document(enabled=False))
    assert "switched off" in last()
    merchant.shop.publish(
        a_document(
            currencies=["EUR"],
            pricing={"returnCoverage": [{"base": {"EUR": 100}}]},
            modes=["returnCoverage"],
        )
    )
    assert "no prices in USD" in last()


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (Reply(301, {}, headers={"Location": "https://elsewhere.example"}), "redirects"),
        (Reply(404, {}), "There is no Orderguard at this address"),
        (Reply(503, {}), "has a fault of its own"),
    ],
)
def test_the_test_button_knows_other_servers(
    owner: Owner, merchant: Merchant, spoiled: Reply, told: str
) -> None:
    merchant.front.spoiled = spoiled

    (step,) = owner.tests(**entered(merchant))

    assert (False, True) == (step["ok"], told in step["text"])


def test_only_who_manages_the_shop_may_test(shop: Site, merchant: Merchant) -> None:
    with httpx.Client(base_url=shop.url, timeout=PATIENCE_SECONDS, trust_env=False) as stranger:
        answer = stranger.post(
            "/wp-admin/admin-ajax.php",
            data={"action": "orderguard_test", "nonce": "x"} | entered(merchant),
        )

    assert answer.status_code in (400, 403)
    assert 0 == merchant.front.asked("/")


def test_health_is_in_the_status_report(shop: Site, merchant: Merchant) -> None:
    before = shop.control("status_report")
    assert "nothing has been sent yet" in before
    assert merchant.front.url in before

    merchant.front.spoiled = Reply(401, {"error": {"message": "Unauthorized."}})
    order = shop.control("admin_order", "lamp", True)["id"]
    shop.control("run_queue")

    told = html.unescape(shop.control("status_report"))
    assert "The key was refused" in told
    assert re.search(r"Waiting\">[^<]*</td><td[^>]*></td><td>1<", told)

    merchant.front.spoiled = None
    shop.control("run_queue", True)
    assert merchant.order(order)
    assert re.search(r"Orders\">[^<]*</td><td[^>]*></td><td>working", shop.control("status_report"))


def test_compatibility_is_declared(shop: Site) -> None:
    assert {"custom_order_tables": True, "cart_checkout_blocks": True} == shop.control(
        "compatibility", PLUGIN
    )


def test_without_settings_the_plugins_page_says_what_is_missing(shop: Site, owner: Owner) -> None:
    shop.control("options", {"woocommerce_orderguard_settings": {"url": "https://og.example"}})

    page = owner.http.get("/wp-admin/plugins.php").text

    assert "the cart key, the orders key is missing" in page
    assert SETTINGS.partition("?")[2].replace("&", "&#038;") in page


def test_without_woocommerce_there_is_one_sentence_and_no_fault(shop: Site, owner: Owner) -> None:
    shop.control("options", {"active_plugins": [PLUGIN]})

    assert 200 == owner.http.get("/").status_code
    page = owner.http.get("/wp-admin/plugins.php")

    assert 200 == page.status_code
    assert "Orderguard for WooCommerce is silent: WooCommerce is not active." in page.text


def test_no_file_of_the_plugin_does_anything_when_opened(shop: Site) -> None:
    folder = shop.folder / f"content/plugins/{SLUG}"
    for file in folder.rglob("*.php"):
        path = file.relative_to(shop.folder / "content").as_posix()
        answer = httpx.get(
            f"{shop.url}/wp-content/{path}", trust_env=False, timeout=PATIENCE_SECONDS
        )
        assert (200, "") == (answer.status_code, answer.text), path


@pytest.mark.parametrize(("language", "title"), [("de_DE", "Bestellschutz"), ("ja", "注文の補償")])
def test_shoppers_read_their_language(shop: Site, language: str, title: str) -> None:
    shop.control("options", {"test_locale": language})
    with BlockShopper(shop) as shopper:
        shop.control("options", shopper.page_option)
        shopper.add("lamp")
        shopper.see()
        offer = shopper.extension()["offer"]

    assert title == offer["title"]


def test_a_silent_or_senseless_server_is_a_sentence_too(
    shop: Site, owner: Owner, merchant: Merchant
) -> None:
    shop.control("options", {"test_timeout": 1})
    for spoiled, told in (
        (NONSENSE, "has a fault|not one of Orderguard"),
        (SILENT, "Nobody answered"),
    ):
        merchant.front.spoiled = spoiled
        steps = owner.tests(**entered(merchant))
        assert any(re.search(told, step["text"]) for step in steps if not step["ok"]), steps


def test_titles_of_html_are_sent_as_text(shop: Site, merchant: Merchant) -> None:
    shop.control("title", "lamp", "<b>Lamp</b> &amp; <script>x</script>shade")

    order = shop.control("admin_order", "lamp", True)["id"]
    shop.control("run_queue", True)

    stored = merchant.order(order)
    assert stored
    assert "Lamp & shade" == stored["line_items"][0]["title"]
