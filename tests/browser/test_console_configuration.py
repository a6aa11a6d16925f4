"""Drafts, history and set times in a real browser: axe, a small phone, and while typing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from orderguard.actions.manage_drafts import StartFrom, start_draft
from orderguard.actions.schedule_publication import schedule_publication
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.configuration.scheduled_publication import ScheduledPublicationId
from orderguard.domain.people.audit import Change
from orderguard.randomness import new_draft_id, new_scheduled_publication_id
from orderguard.running.wiring import now
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.test_console_shell import signed_in
from tests.support.builders import a_document
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop

SCREENS = (
    "/configuration",
    "/configuration/drafts/{draft}",
    "/configuration/drafts/{draft}/publish",
    "/configuration/drafts/{broken}",
    "/configuration/drafts/{broken}/publish",
    "/configuration/history",
    "/configuration/history/2",
    "/configuration/history/1/roll-back",
    "/configuration/scheduled/{publication}",
)

TOML = """\
# Dearer from Friday on, and not for businesses.
modes = ["returnCoverage", "shippingProtection"]
currencies = ["USD"]
exclude_b2b = true

[limits.USD]
subtotal_minimum = 1500

[[rules]]
name = "no lithium to Alaska"
reject_when = 'region.country == "US" && region.subdivision == "AK"'

[[pricing.returnCoverage]]
base = { USD = 398 }

[[pricing.shippingProtection]]
rate_bps = 150
minimum = { USD = 98 }
"""


@dataclass(frozen=True)
class Scene:
    """A shop with two versions, two drafts and a scheduled publication."""

    shop: Shop
    draft: DraftId
    broken: DraftId
    publication: ScheduledPublicationId

    def url(self, screen: str) -> str:
        path = screen.format(draft=self.draft, broken=self.broken, publication=self.publication)
        return f"{self.shop.running.url}/console/m/{self.shop.id}{path}"


@pytest.fixture(scope="module")
def scene(running_server: RunningServer) -> Scene:
    shop = running_server.a_shop()
    drafts = [_draft(shop, source) for source in (TOML, TOML.replace('"USD"', '"USDD"'))]
    shop.publish(a_document(locales=["en"]))
    publication = schedule_publication(
        running_server.database,
        COMPILER,
        shop.id,
        TOML,
        name="Dearer from Friday on",
        due_at=now() + timedelta(days=2),
        new_id=new_scheduled_publication_id(),
        change=Change(A_TESTER, now()),
    )
    return Scene(shop, *drafts, publication.id)


def _draft(shop: Shop, source: str) -> DraftId:
    return start_draft(
        shop.running.database,
        shop.id,
        "Dearer from Friday on",
        StartFrom(source=source),
        new_id=new_draft_id(),
        change=Change(A_TESTER, now()),
    ).id


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


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(at_desk: Page, scene: Scene, screen: str) -> None:
    at_desk.goes_to(scene.url(screen))

    assert at_desk.evaluate("document.querySelector('main h1') !== null")
    at_desk.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert [] == violations(at_desk)


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_scrolls_sideways_on_a_small_phone(
    on_phone: Page, scene: Scene, screen: str
) -> None:
    on_phone.goes_to(scene.url(screen))

    on_phone.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert 320 == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)


PROBLEMS = "document.getElementById('problems').textContent"
EDITOR = "document.getElementById('field-source')"


def test_problems_come_and_go_while_somebody_types(at_desk: Page, scene: Scene) -> None:
    at_desk.goes_to(scene.url("/configuration/drafts/{draft}"))
    assert "Ready to publish" in at_desk.evaluate(PROBLEMS)
    at_desk.evaluate(f"{EDITOR}.focus(); {EDITOR}.setSelectionRange(0, 0)")

    at_desk.types("enabeld = true\n")
    at_desk.waits_for(f"{PROBLEMS}.includes('did you mean enabled?')")
    at_desk.clicks("document.querySelector('[data-line]')")

    assert "enabeld = true" == at_desk.evaluate(
        f"{EDITOR}.value.slice({EDITOR}.selectionStart, {EDITOR}.selectionEnd)"
    )
    at_desk.types("enabled = true")
    at_desk.waits_for(f"{PROBLEMS}.includes('Ready to publish')")
    assert [] == at_desk.complaints


def test_the_keyboard_alone_publishes_a_draft(at_desk: Page, scene: Scene) -> None:
    draft = _draft(scene.shop, json.dumps(a_document(exclude_b2b=True)))
    at_desk.goes_to(scene.url("/configuration/drafts/") + draft)

    at_desk.evaluate("document.querySelector('button[value=publish]').focus()")
    at_desk.presses("Enter")
    at_desk.waits_for("location.pathname.endsWith('/publish')")
    button = "document.querySelector('main form[action$=publish] button')"
    at_desk.waits_for(f"Boolean({button})")
    at_desk.evaluate(f"{button}.focus()")
    at_desk.presses("Enter")

    at_desk.waits_for("location.pathname.endsWith('/configuration')")
    assert "Published version" in at_desk.waits_for(
        "document.querySelector('.message')?.textContent"
    )
