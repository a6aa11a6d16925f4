"""A draft as a form in a real browser: axe, a small phone, the keyboard, and what scripts add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

import pytest

from orderguard.actions.manage_drafts import StartFrom, get_draft, start_draft
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_draft_id
from orderguard.running.wiring import now
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.test_console_shell import signed_in
from tests.support.shop import A_TESTER, RunningServer, Shop

DEMO = files("orderguard.demo").joinpath("merchant.toml").read_text(encoding="utf-8")
WRONG = DEMO.replace("rate_bps = 75", 'rate_bps = "a lot"').replace("USD=198,", 'USD="1,98",')

SCREENS = (
    "/{draft}/form",
    "/{wrong}/form",
    "/{empty}/form",
    "/{unread}/form",
    "/{draft}/price-preview",
    "/{draft}/price-preview?region=nowhere",
    "/{wrong}/price-preview",
    "/{draft}/try-cart",
    "/{draft}/try-cart?session={session}",
    "/{wrong}/try-cart?session={session}",
)

RATE = f"pricing.shippingProtection[{DEMO.count('[[pricing.shippingProtection]]') - 1}].rate_bps"
"""Of the plan for everybody else."""


@dataclass(frozen=True)
class Scene:
    """A shop with a session, and drafts: the demo's, one with mistakes, and two beginnings."""

    shop: Shop
    session: str
    drafts: dict[str, DraftId]

    def url(self, screen: str) -> str:
        path = screen.format(session=self.session, **self.drafts)
        return f"{self.shop.running.url}/console/m/{self.shop.id}/configuration/drafts{path}"

    def source(self, name: str) -> str:
        with self.shop.running.database.read() as work:
            return get_draft(work, self.shop.id, self.drafts[name]).source

    def another(self, source: str) -> DraftId:
        return start_draft(
            self.shop.running.database,
            self.shop.id,
            "Spring prices",
            StartFrom(source=source),
            new_id=new_draft_id(),
            change=Change(A_TESTER, now()),
        ).id


@pytest.fixture(scope="module")
def scene(running_server: RunningServer) -> Scene:
    shop = running_server.a_shop()
    drafts: dict[str, DraftId] = {}
    scene = Scene(shop, shop.analyze()["sessionId"], drafts)
    texts = {"draft": DEMO, "wrong": WRONG, "empty": "modes = []\n", "unread": "modes = ["}
    drafts |= {name: scene.another(text) for name, text in texts.items()}
    return scene


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def at_desk(browser: Browser, scene: Scene) -> Page:
    return signed_in(browser, scene.shop)


@pytest.fixture(scope="module")
def on_phone(browser: Browser, scene: Scene) -> Page:
    return signed_in(browser, scene.shop, width=320)


UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(at_desk: Page, scene: Scene, screen: str) -> None:
    at_desk.goes_to(scene.url(screen))
    at_desk.evaluate(UNFOLD)

    assert at_desk.evaluate("document.querySelector('main h1') !== null")
    assert [] == violations(at_desk)
    assert [] == at_desk.complaints


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_scrolls_sideways_on_a_small_phone(
    on_phone: Page, scene: Scene, screen: str
) -> None:
    on_phone.goes_to(scene.url(screen))
    on_phone.evaluate(UNFOLD)

    assert 320 == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)


def named(name: str) -> str:
    return f"document.getElementsByName('{name}')[0]"


def test_what_is_wrong_is_told_while_somebody_types(at_desk: Page, scene: Scene) -> None:
    at_desk.goes_to(scene.url("/{draft}/form"))
    field = named(RATE)
    at_desk.evaluate(f"{field}.closest('details').open = true; {field}.focus(); {field}.select()")

    at_desk.types("much")

    told = at_desk.waits_for(f"!document.getElementById('problem-{RATE}').hidden &&"
                             f" document.getElementById('problem-{RATE}').textContent")  # fmt: skip
    assert "'much' is not a percentage such as 1.5 or 0.25." == told
    assert "true" == at_desk.evaluate(f"{field}.getAttribute('aria-invalid')")
    assert "1 error to fix" == at_desk.evaluate(
        "document.querySelector('[role=status]').textContent.trim()"
    )
    assert at_desk.evaluate(f"document.activeElement === {field}")
    assert [] == violations(at_desk)

    at_desk.evaluate(f"{field}.select()")
    at_desk.types("2.5")

    at_desk.waits_for(f"document.getElementById('problem-{RATE}').hidden")
    # 150 basis points were 7.50 of 500.00
    at_desk.waits_for("document.getElementById('preview').textContent.includes('12.50\\u00a0USD')")
    assert DEMO == scene.source("draft")
    assert [] == at_desk.complaints


def test_where_nothing_can_be_checked_what_was_typed_stays(browser: Browser, scene: Scene) -> None:
    page = signed_in(browser, scene.shop)
    page.goes_to(scene.url("/{draft}/form"))
    page.never_gets("*/check")
    assert not page.evaluate("document.getElementById('unsaved').checkVisibility()")

    page.evaluate(f"{named(RATE)}.closest('details').open = true; {named(RATE)}.focus()")
    page.types("7")

    page.waits_for("document.getElementById('check-words').textContent.includes('just now')")
    assert "71.5" == page.evaluate(f"{named(RATE)}.value")
    assert page.evaluate("document.getElementById('unsaved').checkVisibility()")


ASKS = (
    "(() => { const leaving = new Event('beforeunload', { cancelable: true });"
    " window.dispatchEvent(leaving); return leaving.defaultPrevented })()"
)


def test_publishing_with_unsaved_edits_saves_them_and_leaving_otherwise_asks(
    browser: Browser, scene: Scene
) -> None:
    scene.drafts["unsaved"] = scene.another(DEMO)
    page = signed_in(browser, scene.shop)
    page.goes_to(scene.url("/{unsaved}/form"))
    assert not page.evaluate(ASKS)
    page.evaluate(
        f"{named(RATE)}.closest('details').open = true; {named(RATE)}.focus();"
        f" {named(RATE)}.select()"
    )
    page.types("1,75")
    assert page.evaluate(ASKS)

    page.clicks("document.querySelector('.bar button[value=publish]')")

    page.waits_for("document.body.textContent.includes('Changes to publish')")
    assert "rate_bps = 175" in scene.source("unsaved")
    assert page.evaluate("document.body.textContent.includes('rate_bps = 175')")


def test_somebody_who_is_signed_out_meanwhile_is_told(browser: Browser, scene: Scene) -> None:
    page = signed_in(browser, scene.shop)
    page.goes_to(scene.url("/{draft}/form"))
    other = page.another_tab()
    other.goes_to(scene.url("/{draft}/form"))
    other.clicks("document.querySelector('.who button')")
    other.waits_for("location.pathname.endsWith('/sign-in')")

    page.evaluate(f"{named(RATE)}.closest('details').open = true; {named(RATE)}.focus()")
    page.types("7")

    page.waits_for("document.getElementById('check-words').textContent.includes('signed out')")
    assert page.evaluate("document.querySelector('#check form') === null")


def test_a_link_leads_to_a_control_that_is_folded_away(at_desk: Page, scene: Scene) -> None:
    at_desk.goes_to(scene.url("/{wrong}/form"))
    at_desk.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")

    at_desk.clicks("document.querySelector('#check a')")

    at_desk.waits_for("document.activeElement.getAttribute('aria-invalid') === 'true'")
    assert at_desk.evaluate("document.activeElement.checkVisibility()")


def test_the_keyboard_alone_adds_a_rule_names_it_and_saves(at_desk: Page, scene: Scene) -> None:
    scene.drafts["mine"] = scene.another('modes = ["returnCoverage"]\n')
    at_desk.goes_to(scene.url("/{mine}/form"))
    at_desk.evaluate("document.querySelector('[value=\"add rules\"]').focus()")

    at_desk.presses("Enter")
    at_desk.waits_for("document.activeElement.matches('summary')")
    at_desk.presses("Tab")
    at_desk.types("nothing to Canada")
    at_desk.presses("Enter")

    at_desk.waits_for("document.querySelector('.message')?.textContent.includes('Saved.')")
    assert 'name = "nothing to Canada"' in scene.source("mine")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_price_is_changed_with_and_without_scripts(
    browser: Browser, scene: Scene, *, scripts: bool
) -> None:
    name = "plain" if not scripts else "scripted"
    scene.drafts[name] = scene.another(DEMO)
    page = signed_in(browser, scene.shop)
    if not scripts:
        page = Page(browser, 1280, page._person, scripts=False)
    page.goes_to(scene.url(f"/{{{name}}}/form"))
    page.evaluate(f"{named(RATE)}.value = '1.75'")

    page.clicks("document.querySelector('.bar button[value=save]')")

    page.waits_for("document.querySelector('.message')?.textContent.includes('Saved.')")
    assert "rate_bps = 175\nminimum = { USD=98, EUR=95, GBP=85, JPY=150" in scene.source(name)
