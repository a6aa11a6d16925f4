"""What is different between two analyses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

from orderguard.domain.cart import Cart
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.region import Region
from orderguard.domain.what_if.analysis_difference import Difference, differences
from tests.support.builders import a_cart, a_configuration, a_line

SESSION = SessionId("lop_a1b2c3d4e5f6g7h8i9j0")


def an_analysis(cart: Cart, *, version: int = 1) -> Analysis:
    return Analysis(
        merchant=MerchantId("mer_a"),
        session=SESSION,
        cart_id=None,
        new_session=SESSION,
        cart=cart,
        offer=make_offer(cart, a_configuration()),
        configuration_version=ConfigurationVersion(version),
        request_id="req-1",
        at=datetime(2026, 4, 23, tzinfo=UTC),
    )


def test_equal_analyses_do_not_differ() -> None:
    assert () == differences(an_analysis(a_cart()), an_analysis(a_cart()))


def test_a_place_and_a_configuration_that_changed_are_told() -> None:
    before = an_analysis(a_cart())
    after = an_analysis(a_cart(region=Region("CA")), version=2)

    assert (
        Difference("configuration version", 1, 2),
        Difference("region", Region("US"), Region("CA")),
    ) == differences(before, after)


def test_the_answer_comes_before_its_causes() -> None:
    before = an_analysis(a_cart())
    after = an_analysis(a_cart(a_line(0), subtotal_amount=0), version=2)
    after = replace(after, offer=make_offer(after.cart, a_configuration(enabled=False)))

    told = [each.subject for each in differences(before, after)]

    assert ["reason", "modes", "price", "configuration version"] == told[:4]
    assert Difference("price", "4.98 USD", None) in differences(before, after)


def test_lines_come_and_go_and_change() -> None:
    lamp, shade = a_line(), a_line(5_00, id="line-2", title="Shade")
    before = an_analysis(a_cart(lamp, shade))
    after = an_analysis(a_cart(lamp._replace(quantity=2), a_line(id="line-3", title="Bulb")))

    told = differences(before, after)

    assert Difference("line line-1 quantity", 1, 2) in told
    assert Difference("line line-2", "Shade", None) in told
    assert Difference("line line-3", None, "Bulb") in told


def test_lines_that_share_an_id_are_told_apart() -> None:
    before = an_analysis(a_cart(a_line(), a_line(), a_line()))
    after = an_analysis(a_cart(a_line(), a_line(title="Shade"), a_line()))

    assert (Difference("line line-1 (2) title", "Lamp", "Shade"),) == differences(before, after)


def test_a_cart_of_lines_with_one_id_is_compared_in_a_moment() -> None:
    """As many lines as fit into a request; trying numbers for each would take half a minute."""
    before = an_analysis(a_cart(*[a_line()] * 12_000))
    started = perf_counter()

    assert () == differences(before, before)

    assert 5 > perf_counter() - started
