"""The demo shop in a real browser: the element, its glue, and the drawer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.chromium import Browser, Page
from tests.browser.shop_page import (
    ARRIVED,
    BOX,
    BUY,
    CANOE,
    COVERED,
    FEE,
    REASON,
    TENT,
    TOTAL,
    VERDICT,
    VIEW,
    WORDS,
    accepts,
    at_the_checkout,
    buys,
    buys_protected,
    changes_quantity,
    leaves_by,
    pretends,
)

SLOW_TO_READ = """
  const usual = window.fetch;
  window.fetch = async (...request) => {
    const answer = await usual(...request);
    if (!String(request[0]).endsWith('/checkout/protection') || window.release) return answer;
    const sums = await answer.json();
    answer.json = async () => {
      await new Promise((release) => { window.release = release });
      setTimeout(() => { window.isRead = true }, 100);
      return sums;
    };
    return answer;
  };
  undefined
"""
WATCH_FEE = """
  window.fees = [];
  const fee = document.getElementById('fee');
  new MutationObserver(() => fee.textContent && fees.push(fee.textContent))
    .observe(fee, { childList: true, characterData: true, subtree: true });
  undefined
"""
HOSTILE = "<img src=x onerror='document.pwned=1'>"


def test_a_click_adds_the_fee_and_the_order_is_covered(shop_url: str, browser: Browser) -> None:
    # Given a checkout with a hostile engraving, and an offer that is off
    page = at_the_checkout(shop_url, browser.page(), engraving=HOSTILE)
    page.waits_for(f"{VIEW} === 'shown'")
    assert page.evaluate(f"{BOX}.checked") is False
    before = page.evaluate(TOTAL)

    # When the shopper ticks it, and buys
    fee = accepts(page)
    with_fee = page.evaluate(TOTAL)
    page.clicks(BUY)

    # Then the confirmation shows the coverage, and the drawer that the fee was exact
    page.waits_for(COVERED)
    assert before != with_fee
    assert fee == page.evaluate("document.getElementById('fee').textContent")
    page.waits_for(f"{VERDICT} === 'accepted, fee exact'")

    # And the engraving stayed text on every page, and nobody complained
    assert HOSTILE in page.evaluate(WORDS)
    assert page.evaluate("document.pwned") is None
    assert [] == page.complaints


def test_taking_the_tick_away_takes_the_fee_away(shop_url: str, browser: Browser) -> None:
    # Given a yes, and a shop that is slow to hear that it is taken back
    page = at_the_checkout(shop_url, browser.page())
    accepts(page)
    page.evaluate(SLOW_TO_READ)

    page.clicks(BOX)

    # Then nobody has to wait to see the fee go
    assert not page.evaluate(FEE)
    assert "You ordered without protection." in buys(page)


def test_a_click_is_shown_whatever_was_still_to_be_said_about_the_one_before(
    shop_url: str, browser: Browser
) -> None:
    # Given a yes that is taken back, and a shop whose answer to that is slow to be read
    page = at_the_checkout(shop_url, browser.page())
    fee = accepts(page)
    page.evaluate(SLOW_TO_READ)
    page.clicks(BOX)
    page.waits_for("Boolean(window.release)")

    # When the shopper says yes again before it is
    page.clicks(BOX)
    page.evaluate("setTimeout(window.release, 500); undefined")  # time to overtake it
    page.waits_for("window.isRead")

    # Then the total has the fee
    assert fee == page.waits_for(FEE)
    assert f"You paid {fee} for it." in buys_protected(page)


def test_a_fee_that_was_taken_back_is_not_shown_again_for_a_moment(
    shop_url: str, browser: Browser
) -> None:
    # Given a yes, which the shop's answer to is slow to be read, and then a no
    page = at_the_checkout(shop_url, browser.page())
    page.waits_for(f"{VIEW} === 'shown'")
    page.evaluate(SLOW_TO_READ)
    page.clicks(BOX)
    page.waits_for("Boolean(window.release)")
    page.clicks(BOX)
    page.evaluate(WATCH_FEE)

    # When the answer to the yes is read
    page.evaluate("window.release()")
    page.waits_for("window.isRead")

    # Then the fee has not come back for as long as the next answer took
    assert [] == page.evaluate("window.fees")
    assert "You ordered without protection." in buys(page)


def test_a_dearer_cart_asks_again_and_a_reload_remembers_the_answer(
    shop_url: str, browser: Browser
) -> None:
    # Given a shopper who said yes
    page = at_the_checkout(shop_url, browser.page())
    accepts(page)

    # When the cart becomes a hundred times as dear
    changes_quantity(page, 90)

    # Then the shopper is asked again, and the new yes survives a reload
    page.waits_for(f"{VIEW} === 'reconfirm'")
    assert not page.evaluate(FEE)
    assert "price_rose" == page.evaluate(REASON)
    page.clicks(BOX)
    fee = page.waits_for(FEE)
    page.goes_to(f"{shop_url}/checkout")
    assert fee == page.waits_for(FEE)
    page.clicks(BUY)
    page.waits_for(COVERED)


def test_fewer_modes_ask_again(shop_url: str, browser: Browser) -> None:
    # Given a yes to returns and shipping protection
    page = at_the_checkout(shop_url, browser.page(), sku=TENT)
    accepts(page)

    # When the shopper will collect the tent
    pretends(page, pickup="yes")

    # Then returns alone are offered, and only a new yes counts
    page.waits_for(f"{VIEW} === 'reconfirm'")
    assert "modes_changed" == page.evaluate(REASON)
    assert not page.evaluate(FEE)
    assert "You ordered without protection." in buys(page)


def test_an_offer_that_ends_takes_the_fee_along_and_comes_back_off(
    shop_url: str, browser: Browser
) -> None:
    # Given a yes for one canoe
    page = at_the_checkout(shop_url, browser.page(), sku=CANOE)
    accepts(page)

    # When the cart becomes too valuable, and is not any more
    changes_quantity(page, 3)
    page.waits_for(f"{VIEW} === 'hidden'")
    assert not page.evaluate(FEE)
    assert "cart_too_valuable" == page.evaluate(REASON)
    changes_quantity(page, 1, by=-1)

    # Then it is offered again, off
    page.waits_for(f"{VIEW} === 'shown'")
    assert page.evaluate(f"{BOX}.checked") is False
    assert "You ordered without protection." in buys(page)


def test_a_cart_changed_in_another_tab_is_not_bought_unseen(
    shop_url: str, browser: Browser
) -> None:
    # Given a yes in one tab, and more in the cart by another
    page = at_the_checkout(shop_url, browser.page(), sku=TENT)
    accepts(page)
    other = page.another_tab()
    other.goes_to(f"{shop_url}/cart")
    changes_quantity(other, 2)

    # When the first tab buys
    page.waits_for(ARRIVED)
    leaves_by(page, BUY)

    # Then it shows the cart as it is now, and nothing was ordered
    assert "Your cart has changed meanwhile" in page.evaluate(WORDS)
    assert "$658.00" in page.evaluate(WORDS)
    other.goes_to(f"{shop_url}/cart")
    assert "2" == other.evaluate("document.querySelector('.stepper span').textContent")


def test_a_page_of_a_cart_that_is_no_more_shows_the_one_that_is(
    shop_url: str, browser: Browser
) -> None:
    # Given a checkout, and more in the cart by another tab
    page = at_the_checkout(shop_url, browser.page(), sku=TENT)
    page.waits_for(f"{VIEW} === 'shown'")
    other = page.another_tab()
    other.goes_to(f"{shop_url}/cart")
    changes_quantity(other, 2)

    # When the first tab asks for the price of what it shows
    page.evaluate(
        "document.isOld = true; const element = document.querySelector('order-protection'); "
        "void element.analyze({ ...element.cart, totalTaxAmount: 1 }); undefined"
    )

    # Then it shows the cart as it is now
    page.waits_for(ARRIVED)
    assert "$658.00" in page.waits_for(WORDS)


def test_two_tabs_show_one_choice_and_buy_once(shop_url: str, browser: Browser) -> None:
    # Given a yes in one tab, which a second tab shows too
    page = at_the_checkout(shop_url, browser.page())
    fee = accepts(page)
    other = page.another_tab()
    other.goes_to(f"{shop_url}/checkout")
    assert fee == other.waits_for(FEE)
    other.waits_for(f"{VIEW} === 'shown'")

    # When both buy
    bought = buys(page)
    bought_again = buys_protected(other)

    # Then there is one order, protected for that fee
    number = "document.getElementById('order-number').textContent"
    assert page.evaluate(number) == other.evaluate(number)
    assert f"You paid {fee} for it." in bought_again
    assert "Thank you." in bought


def test_a_tab_that_says_no_does_not_charge_and_one_that_shows_yes_does(
    shop_url: str, browser: Browser
) -> None:
    # Given two tabs that show the same yes
    page = at_the_checkout(shop_url, browser.page())
    fee = accepts(page)
    other = page.another_tab()
    other.goes_to(f"{shop_url}/checkout")
    other.waits_for(FEE)

    # When one takes it back, and the other, which still shows the fee, buys
    page.clicks(BOX)
    page.waits_for(f"!{FEE}")

    # Then what the buying tab showed is what is charged
    assert f"You paid {fee} for it." in buys_protected(other)


def test_the_drawer_tells_why_an_offer_is_hidden(shop_url: str, browser: Browser) -> None:
    page = at_the_checkout(shop_url, browser.page(), server="dead")

    page.waits_for(f"{VIEW} === 'hidden'")

    assert page.waits_for(f"{VERDICT}?.startsWith('unreachable')")
    assert not page.evaluate("document.querySelector('.plain-offer')")


def the_same_cart(page: Page) -> None:
    page.waits_for(f"{VIEW} === 'shown'")


def a_yes_that_is_kept(page: Page) -> None:
    accepts(page)
    page.evaluate("location.reload(); undefined")
    page.waits_for(FEE)


def a_dead_server(page: Page) -> None:
    pretends(page, server="dead")
    page.waits_for(f"{VIEW} === 'hidden'")


def an_ineligible_cart(page: Page) -> None:
    pretends(page, is_b2b="yes")
    page.waits_for(f"{VIEW} === 'hidden'")


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize(
    "outcome", [the_same_cart, a_yes_that_is_kept, a_dead_server, an_ineligible_cart]
)
def test_nothing_on_the_checkout_moves_by_itself(
    shop_url: str, browser: Browser, outcome: Callable[[Page], None], width: int
) -> None:
    page = at_the_checkout(shop_url, browser.page(width=width))

    outcome(page)

    assert [] == page.movements()


def test_the_switches_stand_where_they_are_drawn_first(shop_url: str, browser: Browser) -> None:
    # Given two lines of switches, of which a browser may draw the first before it has the second
    page = browser.page(width=375)
    page.goes_to(shop_url)
    pretends(page, server="dead")
    first = "document.querySelector('.switches summary b').getBoundingClientRect().top"
    last = "document.querySelector('.switches .change').getBoundingClientRect().top"
    drawn = page.evaluate(first)
    assert drawn < page.evaluate(last)

    # Then the first line is there already when the rest has not come
    page.evaluate("document.querySelectorAll('.mood, .change').forEach((each) => each.remove())")
    assert drawn == page.evaluate(first)


def test_nothing_moves_for_an_element_that_never_comes(shop_url: str, browser: Browser) -> None:
    page = browser.page(width=375)
    page.never_gets("*/widget/*")

    at_the_checkout(shop_url, page)

    assert [] == page.movements()


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_of_the_shop_scrolls_sideways(shop_url: str, browser: Browser, width: int) -> None:
    page = at_the_checkout(shop_url, browser.page(width=width), engraving="W" * 60)
    page.waits_for(f"{VIEW} === 'shown'")
    widths = [page.evaluate("document.documentElement.scrollWidth")]

    for path in ("/", "/cart"):
        page.goes_to(shop_url + path)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert [width] * 3 == widths


def test_the_policy_of_the_shop_stops_what_is_inline(shop_url: str, browser: Browser) -> None:
    page = at_the_checkout(shop_url, browser.page())
    page.waits_for(f"{VIEW} === 'shown'")
    assert [] == page.complaints

    # As if an engraving had become markup after all
    page.evaluate(
        "const image = document.createElement('img'); document.body.append(image); "
        "image.setAttribute('style', 'color: red'); "
        "try { image.setAttribute('onerror', 'document.pwned = 1') } catch { } undefined"
    )
    page.waits_for("sessionStorage.complaints?.includes('trusted-types')")

    assert {"refused require-trusted-types-for", "refused style-src-attr"} == set(page.complaints)
