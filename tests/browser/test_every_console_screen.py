"""Every page of the console, read off the table so that a new one cannot be forgotten.

Each is looked at with axe on a desk and on a phone, breaks no rule of the policy, and can be gone
through by keyboard alone.
"""

from __future__ import annotations

import pytest

from tests.browser.axe import violations
from tests.browser.chromium import Browser, Page
from tests.browser.demo_scene import FILES, PAGES, STATES, Scene, furnish
from tests.browser.person import Person
from tests.browser.running_demo import RunningDemo

SCREENS = pytest.mark.parametrize("screen", [*PAGES, *STATES])

PHONE = 375

INLINE = (
    "script:not([src]), style, [style], [onclick], [onload], [onerror], [onsubmit], "
    "[href^=javascript], [src^=data]"
)

_FOCUS = (
    "(() => { const on = document.activeElement; const style = getComputedStyle(on);"
    " window.gone ??= new Set(); const before = window.gone.size; window.gone.add(on);"
    # A date has several stops within, which the browser outlines by itself.
    " const isDate = /^date/.test(on.type);"
    " return {"
    "   isNew: window.gone.size > before || isDate,"
    "   isOutlined: isDate || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,"
    "   html: on.outerHTML.slice(0, 200) } })()"
)


# Members of requests and codes, outside the places that show code: texts, ids and their like.
_WIRE_NAMES = r"""(() => {
  const ids = /\b[a-z]{2,4}_[A-Za-z0-9]{6,}\b/g;
  const wire = /\b[a-z]+(?:[A-Z][a-z0-9]*|_[a-z]+)+\b/;
  const code = 'code, pre, textarea, script, style, template, datalist';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [document.title];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(code)) texts.push(walker.currentNode.data);
  }
  return texts.filter((text) => wire.test(text.replaceAll(ids, ''))).map((text) => text.trim());
})()"""


@pytest.fixture(scope="module")
def scene(demo: RunningDemo) -> Scene:
    return furnish(demo)


@pytest.fixture(scope="module")
def at_desk(browser: Browser, scene: Scene) -> Page:
    person = Person(browser.page())
    person.page.goes_to(scene.demo.console_url)
    person.follows("Sign in")
    return person.page


@pytest.fixture(scope="module")
def on_phone(at_desk: Page) -> Page:
    return at_desk.another_tab(width=PHONE)


@SCREENS
def test_axe_finds_nothing_on_a_desk(at_desk: Page, scene: Scene, screen: str) -> None:
    at_desk.goes_to(scene.url(screen))

    assert at_desk.evaluate("document.querySelector('main h1') !== null")
    assert [] == violations(at_desk)
    assert [] == at_desk.complaints


@SCREENS
def test_axe_finds_nothing_on_a_phone(on_phone: Page, scene: Scene, screen: str) -> None:
    on_phone.goes_to(scene.url(screen))

    assert PHONE == on_phone.evaluate("document.documentElement.scrollWidth")
    assert [] == violations(on_phone)
    assert [] == on_phone.complaints


@SCREENS
def test_no_screen_shows_a_name_of_the_wire(at_desk: Page, scene: Scene, screen: str) -> None:
    at_desk.goes_to(scene.url(screen))

    assert at_desk.evaluate("document.querySelector('main h1') !== null")
    assert [] == at_desk.evaluate(_WIRE_NAMES)


@SCREENS
def test_the_keyboard_leads_on_and_shows_where_it_is(
    at_desk: Page, scene: Scene, screen: str
) -> None:
    at_desk.goes_to(scene.url(screen))
    stops = at_desk.evaluate("document.querySelectorAll('a, button, input, select').length")

    for _ in range(min(40, stops // 2)):
        at_desk.presses("Tab")
        focus = at_desk.evaluate(_FOCUS)

        assert focus["isNew"], focus["html"]
        assert focus["isOutlined"], focus["html"]


@pytest.mark.parametrize("path", FILES)
def test_what_is_downloaded_is_no_page(at_desk: Page, scene: Scene, path: str) -> None:
    at_desk.goes_to(scene.url("/overview"))
    url = scene.url(path.replace("{file_type}", "csv"))

    at_desk.evaluate(
        f"fetch('{url}').then(got => {{ window.kind = got.headers.get('content-type') }});undefined"
    )
    kind = at_desk.waits_for("window.kind")

    assert kind.startswith("text/csv")


@SCREENS
def test_no_page_is_sent_with_a_script_or_a_style_of_its_own(
    at_desk: Page, scene: Scene, screen: str
) -> None:
    at_desk.goes_to(scene.url("/overview"))

    # As it is sent: what our own scripts draw afterwards may be placed by them.
    at_desk.evaluate(
        f"window.sent = null; fetch('{scene.url(screen)}').then(got => got.text()).then(text => {{ "
        "const page = new DOMParser().parseFromString(text, 'text/html');"
        f"window.sent = [...page.querySelectorAll('{INLINE}')].map(each => each.outerHTML) }});"
        "undefined"
    )
    at_desk.waits_for("window.sent !== null")

    assert [] == at_desk.evaluate("window.sent")
