"""The console in a real browser: by keyboard, with axe on every screen, and under its policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page, running_chromium
from tests.support.console import PASSWORD, a_link, an_account
from tests.support.order_desk import accepted_order, wire_item
from tests.support.shop import RunningServer, Shop
from tests.support.wire import wire_line

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"

SCREENS = (
    "/overview",
    "/orders",
    "/orders?show=review",
    "/orders/{order}",
    "/statements",
    "/statements/{month}",
    "/webhooks",
    "/keys",
    "/people",
    "/audit",
    "/nothing-of-this-name",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def a_shop(running_server: RunningServer) -> Shop:
    return running_server.a_shop()


@pytest.fixture(scope="module")
def order(a_shop: Shop) -> dict[str, object]:
    """An order whose goods have a hostile name."""
    session = a_shop.analyze(wire_line())["sessionId"]
    http = a_shop.running.client(**{"X-Authorization": a_shop.issue_key("orders").text})
    pushed = accepted_order(session, line_items=[wire_item() | {"title": HOSTILE}])
    answer: dict[str, object] = http.put("/api/v1/orders", json=pushed).json()["order"]
    return answer


def signed_in(browser: Browser, shop: Shop, *, width: int = 1280) -> Page:
    page = browser.page(width=width)
    page.goes_to(shop.running.url + a_link(shop, an_account(shop)))
    page.clicks("document.querySelector('main button')")
    # Who comes by a link may choose a password first
    page.clicks("document.querySelector('main a[href=\"/console\"]')")
    page.waits_for("location.pathname.includes('/overview')")
    return page


@pytest.fixture(scope="module")
def at_desk(browser: Browser, a_shop: Shop) -> Page:
    return signed_in(browser, a_shop)


@pytest.fixture(scope="module")
def on_phone(browser: Browser, a_shop: Shop) -> Page:
    return signed_in(browser, a_shop, width=320)


def url_of(shop: Shop, screen: str, order: dict[str, object]) -> str:
    month = str(order["created_at"] or "2026-01")[:7] if "created_at" in order else "2026-01"
    path = screen.format(order=order["id"], month=month)
    return f"{shop.running.url}/console/m/{shop.id}{path}"


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(
    at_desk: Page, a_shop: Shop, order: dict[str, object], screen: str
) -> None:
    at_desk.goes_to(url_of(a_shop, screen, order))

    assert [] == violations(at_desk)


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_scrolls_sideways_on_a_small_phone(
    on_phone: Page, a_shop: Shop, order: dict[str, object], screen: str
) -> None:
    on_phone.goes_to(url_of(a_shop, screen, order))

    assert 320 == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)


def test_axe_finds_nothing_where_people_come_in(
    browser: Browser, a_shop: Shop, running_server: RunningServer
) -> None:
    page = browser.page(width=375)
    for path in ("/console/sign-in", a_link(a_shop, an_account(a_shop)), "/console/welcome?link=x"):
        page.goes_to(running_server.url + path)

        assert [] == violations(page), path


def test_the_account_page_is_clean_too(at_desk: Page, a_shop: Shop) -> None:
    at_desk.goes_to(f"{a_shop.running.url}/console/account")

    assert [] == violations(at_desk)


def test_the_keyboard_alone_signs_in_and_reaches_the_keys(browser: Browser, a_shop: Shop) -> None:
    page = browser.page(width=1280)
    page.goes_to(f"{a_shop.running.url}/console")
    page.waits_for("location.pathname === '/console/sign-in'")

    # Skip link, brand, e-mail
    page.presses("Tab", "Tab", "Tab")
    page.types(an_account(a_shop))
    page.presses("Tab")
    page.types(PASSWORD)
    page.presses("Enter")
    page.waits_for("location.pathname.endsWith('/overview') && document.readyState === 'complete'")

    # The skip link comes first, and what has the focus is always outlined
    page.presses("Tab")
    assert "Skip to content" == page.evaluate("document.activeElement.textContent")
    assert "none" != page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    for _ in range(40):
        if "Keys" == page.evaluate("document.activeElement.textContent"):
            break
        page.presses("Tab")
    page.presses("Enter")
    page.waits_for("document.querySelector('[aria-current=page]')?.textContent === 'Keys'")


def test_a_key_is_issued_by_keyboard(browser: Browser, a_shop: Shop) -> None:
    page = signed_in(browser, a_shop)
    page.goes_to(f"{a_shop.running.url}/console/m/{a_shop.id}/keys")
    page.evaluate("document.querySelector('input[value=cart]').focus()")

    page.presses("Space", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Enter")

    shown = page.waits_for("document.querySelector('.secret code')?.textContent")
    assert re.fullmatch(r"og_\w{38}", shown)


def test_a_hostile_product_title_stays_text(
    at_desk: Page, a_shop: Shop, order: dict[str, object]
) -> None:
    at_desk.goes_to(url_of(a_shop, "/orders/{order}", order))

    assert HOSTILE in at_desk.evaluate("document.querySelector('main').textContent")
    assert "taken" not in at_desk.evaluate("document.title")
    assert 0 == at_desk.evaluate("document.querySelectorAll('main script, main img').length")


def test_the_policy_stops_a_script_that_got_in_all_the_same(at_desk: Page, a_shop: Shop) -> None:
    at_desk.goes_to(f"{a_shop.running.url}/console/m/{a_shop.id}/overview")
    at_desk.evaluate(
        "window.refused = []; document.addEventListener('securitypolicyviolation', "
        "event => window.refused.push(event.effectiveDirective)); "
        "document.querySelector('main').insertAdjacentHTML('beforeend', "
        '\'<img src="x" onerror="window.taken = true"><p style="color: red">x</p>\');'
    )
    at_desk.waits_for("window.refused.length >= 2")

    assert {"script-src-attr", "style-src-attr"} <= set(at_desk.evaluate("window.refused"))
    assert at_desk.evaluate("window.taken === undefined")


def test_a_form_on_another_site_cannot_act_for_somebody_signed_in(
    browser: Browser, a_shop: Shop, tmp_path: Path
) -> None:
    page = signed_in(browser, a_shop)
    keys = f"{a_shop.running.url}/console/m/{a_shop.id}/keys"
    trap = tmp_path / "trap.html"
    trap.write_text(
        f'<form method="post" action="{keys}"><input name="scope" value="admin"></form>'
        "<script>document.forms[0].submit()</script>",
        encoding="utf-8",
    )

    page.goes_to(trap.as_uri())
    page.waits_for("location.protocol === 'http:'")

    text = page.waits_for("document.querySelector('main')?.textContent")
    assert "Not accepted" in text or "Sign in" in text
    with a_shop.running.database.read() as work:
        scopes = {scope for key in work.api_keys.of_merchant(a_shop.id) for scope in key.scopes}
    assert "admin" not in scopes


def test_scripts_cannot_read_the_session(at_desk: Page, a_shop: Shop) -> None:
    at_desk.goes_to(f"{a_shop.running.url}/console/m/{a_shop.id}/overview")

    assert "" == at_desk.evaluate("document.cookie")
