"""Experiments in a real browser: axe on every screen, a small phone, the keyboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from orderguard.domain.analytics.analytics import Cell, Dimension, Measure, arm_value, split_square
from orderguard.running.wiring import now
from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page, running_chromium
from tests.browser.test_console_shell import signed_in
from tests.support.shop import RunningServer, Shop

SCREENS = ("/experiments", "/experiments/dearer", "/experiments/holdout", "/experiments/nobody")
ARMS = {"usual": (2_000, 500), "higher": (2_020, 300)}
EXPERIMENTS = [
    {
        "key": "dearer",
        "status": "running",
        "arms": [{"name": name, "weight": 1} for name in ARMS],
    },
    {
        "key": "holdout",
        "status": "draft",
        "arms": [
            {"name": "control", "weight": 10, "suppress": True},
            {"name": "offered", "weight": 90},
        ],
    },
]


@pytest.fixture(scope="module")
def a_shop(running_server: RunningServer) -> Shop:
    """A merchant with a price test that says something, and a holdout that has not begun."""
    shop = running_server.a_shop(experiments=EXPERIMENTS)
    with running_server.database.begin() as work:
        for arm, (analysed, accepted) in ARMS.items():
            high, low = split_square(4_98)
            counted = {
                Measure.ANALYSED: analysed,
                Measure.ACCEPTED: accepted,
                Measure.ORDERS: 900,
                Measure.REMOVED: 9,
                Measure.REVENUE: accepted * 4_98,
                Measure.SQUARES_HIGH: accepted * high,
                Measure.SQUARES_LOW: accepted * low,
            }
            value = arm_value("dearer", arm)
            for measure, number in counted.items():
                cell = Cell(now().date(), Dimension.EXPERIMENT, value, "USD", measure)
                work.analytics.replace(shop.id, {}, Counter({cell: number}))
    return shop


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def at_desk(browser: Browser, a_shop: Shop) -> Page:
    return signed_in(browser, a_shop)


@pytest.fixture(scope="module")
def on_phone(browser: Browser, a_shop: Shop) -> Page:
    return signed_in(browser, a_shop, width=320)


def url_of(shop: Shop, screen: str) -> str:
    return f"{shop.running.url}/console/m/{shop.id}{screen}"


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(at_desk: Page, a_shop: Shop, screen: str) -> None:
    at_desk.goes_to(url_of(a_shop, screen))

    assert at_desk.evaluate("document.querySelector('main h1') !== null")
    assert [] == violations(at_desk)
    assert [] == at_desk.complaints


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_scrolls_sideways_on_a_small_phone(
    on_phone: Page, a_shop: Shop, screen: str
) -> None:
    on_phone.goes_to(url_of(a_shop, screen))

    assert 320 == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)


def test_what_is_certain_is_drawn_and_said(at_desk: Page, a_shop: Shop) -> None:
    at_desk.goes_to(url_of(a_shop, "/experiments/dearer"))

    advice = at_desk.evaluate("document.querySelector('main strong').textContent")
    drawn = at_desk.evaluate("[...document.querySelectorAll('svg.interval.bad rect')].length")

    assert advice.startswith("Keep usual: higher certainly earns less per session in USD")
    assert 2 == drawn


def test_the_keyboard_alone_creates_a_holdout(at_desk: Page, a_shop: Shop) -> None:
    at_desk.goes_to(url_of(a_shop, "/experiments"))
    at_desk.evaluate("document.getElementById('holdout-key').focus()")

    at_desk.types("holdout-2")
    at_desk.presses("Tab")
    at_desk.presses("Enter")

    at_desk.waits_for("location.pathname.endsWith('/experiments/holdout-2')")
    assert "draft" in at_desk.waits_for("document.querySelector('h1')?.textContent")
