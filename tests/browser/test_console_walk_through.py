"""The whole way through the console in the demo, as somebody goes it who has never seen it.

They have the two links that the demo prints. From there on they go by what is on the pages.
"""

from __future__ import annotations

import re
from pathlib import Path

from orderguard.demo.carts import demo_carts
from orderguard.domain.books.month import Month
from orderguard.running.wiring import now
from tests.browser.chromium import Browser, Page
from tests.browser.person import Person
from tests.browser.running_demo import RunningDemo
from tests.browser.shop_page import MUG, VIEW, leaves_by, puts_in_cart

SHIPPING_PLANS = (
    "[...document.querySelectorAll('h3')]"
    ".find(each => each.textContent === 'Price plans of shipping protection').parentElement"
)
OFFERED = "document.querySelector('order-protection').shadowRoot.querySelector('label').textContent"
HEADLAMP = "Headlamp to Anchorage: lithium"


def shopper_with_a_mug(browser: Browser, demo: RunningDemo) -> Person:
    """Somebody else, at the checkout of the shop."""
    page = browser.page()
    page.goes_to(demo.shop_url)
    puts_in_cart(page, MUG)
    shopper = Person(page)
    if page.evaluate("!location.pathname.startsWith('/cart')"):
        leaves_by(page, "document.querySelector('nav a:nth-of-type(2)')")
    shopper.follows("Go to checkout")
    return shopper


def fee_of(shopper: Person) -> int:
    """What protection would cost, as the page says when it is loaded anew; in cents."""
    page: Page = shopper.page
    page.evaluate("document.isOld = true; location.reload(); undefined")
    page.waits_for(f"!document.isOld && {VIEW} === 'shown'")
    (dollars,) = re.findall(r"\$(\d+\.\d\d)", page.evaluate(OFFERED))
    return round(100 * float(dollars))


def price_of(cell: str) -> int:
    """`4.45 USD`, in cents."""
    return round(100 * float(cell.split()[0]))


def comes_in(browser: Browser, demo: RunningDemo) -> Person:
    person = Person(browser.page())
    person.page.goes_to(demo.console_url)
    person.follows("Sign in")
    person.follows("On to the console")
    person.follows("Fjord & Field")
    person.reads("Status")
    return person


def raises_the_price(person: Person) -> tuple[int, int]:
    """In a new draft, by the form. What a cart of 20.00 pays, and would pay."""
    person.follows("Configuration")
    person.types("Name", "Dearer parcels")
    person.follows("Begin")
    person.opens("Plan 4. for all carts", within=SHIPPING_PLANS)
    person.types("Minimum, USD", "3.48")
    person.page.waits_for(
        "[...document.querySelectorAll('#preview td')].some(each => each.textContent.includes('+'))"
    )
    preview = person.row("Prices in USD", "20.00 USD")
    person.follows("Save draft")
    person.reads("Saved.")
    return price_of(preview[1]), price_of(preview[2])


def shadow_runs(person: Person) -> None:
    person.follows("Shadow-run")
    person.reads("Replayed")
    person.reads("Prices in USD")
    person.reads("observed in these sessions")
    assert int(person.row("How prices move in USD", "the same")[1]) > 0
    assert person.page.evaluate("document.body.textContent.includes('higher')")
    person.follows("Draft “Dearer parcels”")


def publishes(person: Person) -> None:
    person.follows("Save, review and publish")
    person.reads("Changes to publish")
    person.reads("3.48")
    person.follows("Publish")
    person.reads("Version 2")


def rolls_back(person: Person) -> None:
    person.follows("Configuration")
    person.follows("History")
    person.follows("Compare or roll back to version 1")
    person.follows("Roll back to version 1")
    person.reads("Version 3")


def finds_out_why_it_was_hidden(person: Person) -> None:
    (cart_id,) = [each.request["cartId"] for each in demo_carts() if each.about == HEADLAMP]
    person.follows("Sessions")
    person.types("Find a session", str(cart_id))
    person.follows("Find")
    person.reads("Hidden: eligibility rule not met")
    person.reads("no lithium to Alaska")
    person.reads("What would show it")
    person.reads("without SKU LW-HEAD400")


def reads_the_experiment(person: Person) -> None:
    person.follows("Experiments")
    person.follows("price-2026q4")
    person.reads("What to do")
    person.reads("A price test: usual pays what everybody pays.")


def downloads_the_statement(person: Person, into: Path) -> None:
    month = str(Month.of(now()))
    person.follows("Statements")
    person.follows(month)
    accepted = person.row(f"Statement of {month}", "Orders accepted")
    head = person.row(f"Statement of {month}", "Line")

    text = person.downloads("CSV", into)

    found = dict(zip(head[1:], accepted[1:], strict=True))
    assert set(found) <= {cell for line in text.splitlines() for cell in line.split(",")}
    assert int(found["USD"]) > 0


def test_a_newcomer_changes_a_price_and_finds_everything(
    browser: Browser, demo: RunningDemo, tmp_path: Path
) -> None:
    shopper = shopper_with_a_mug(browser, demo)
    usual = fee_of(shopper)

    person = comes_in(browser, demo)
    before, after = raises_the_price(person)
    assert 2_50 == after - before
    assert usual == fee_of(shopper)

    shadow_runs(person)
    publishes(person)
    assert usual + after - before == fee_of(shopper)

    rolls_back(person)
    assert usual == fee_of(shopper)

    finds_out_why_it_was_hidden(person)
    reads_the_experiment(person)
    downloads_the_statement(person, tmp_path)
    assert [] == person.page.complaints
