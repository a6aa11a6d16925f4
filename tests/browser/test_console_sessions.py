"""Sessions and shadow runs in a real browser: axe on every screen, a small phone, the keyboard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from orderguard.actions.shadow_run import carry_out_shadow_run
from orderguard.domain.what_if.shadow_run import ShadowRun, ShadowRunId, ShadowRunStatus
from orderguard.randomness import new_shadow_run_id
from orderguard.running.wiring import now
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.test_console_shell import signed_in
from tests.support.builders import a_document
from tests.support.shop import A_TESTER, COMPILER, RunningServer, Shop

SCREENS = (
    "/sessions",
    "/sessions?reason=cart_total_too_low",
    "/sessions/{session}",
    "/sessions/{session}?analysis=1",
    "/sessions/{session}?analysis=2&against=1",
    "/shadow-runs",
    "/shadow-runs/{run}",
)


@dataclass(frozen=True)
class Scene:
    """A shop with a session that was analysed twice, and a shadow run over it."""

    shop: Shop
    session: str
    run: ShadowRunId

    def url(self, screen: str) -> str:
        path = screen.format(session=self.session, run=self.run)
        return f"{self.shop.running.url}/console/m/{self.shop.id}{path}"


@pytest.fixture(scope="module")
def scene(running_server: RunningServer) -> Scene:
    shop = running_server.a_shop(limits={"USD": {"subtotal_minimum": 60_00}})
    session = shop.analyze()["sessionId"]
    shop.analyze(sessionId=session, cart={"subtotalAmount": 70_00})
    at, run = now(), new_shadow_run_id()
    with running_server.database.begin() as work:
        work.shadow_runs.add(
            ShadowRun(
                merchant=shop.id,
                id=run,
                draft=None,
                source=json.dumps(a_document(enabled=False)),
                last=100,
                status=ShadowRunStatus.RUNNING,
                replayed=0,
                started_at=at,
                progressed_at=at,
                started_by=A_TESTER,
            )
        )
    carry_out_shadow_run(running_server.database, COMPILER, run, clock=now)
    return Scene(shop, session, run)


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
    assert [] == violations(at_desk)


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_scrolls_sideways_on_a_small_phone(
    on_phone: Page, scene: Scene, screen: str
) -> None:
    on_phone.goes_to(scene.url(screen))

    assert 320 == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)


def test_the_keyboard_alone_finds_a_session_by_its_id(at_desk: Page, scene: Scene) -> None:
    at_desk.goes_to(scene.url("/sessions"))
    at_desk.evaluate("document.querySelector('main input[name=search]').focus()")

    at_desk.types(scene.session)
    at_desk.presses("Enter")

    at_desk.waits_for(f"location.pathname.endsWith('{scene.session}')")


def test_what_changed_between_two_analyses_is_shown_in_money(at_desk: Page, scene: Scene) -> None:
    at_desk.goes_to(scene.url("/sessions/{session}?analysis=2&against=1"))

    cells = at_desk.evaluate(
        "[...document.querySelectorAll('main tr')]"
        ".filter(row => row.querySelector('th')?.textContent === 'subtotal amount')"
        ".map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
    )

    assert [["50.00 USD", "70.00 USD"]] == cells
