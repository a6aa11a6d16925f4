"""What may be claimed is never more than what was quoted (contract §9)."""

from dataclasses import replace
from typing import Any

import pytest

from orderguard.domain.orders.coverable_lines import coverable_lines
from orderguard.domain.orders.fee_verdict import LeftOutLine, Quote
from orderguard.domain.orders.order import OrderLine
from tests.support.builders import a_configuration
from tests.support.orders import a_quote, an_order, an_order_line


def line(id_: str = "9001", **goods: Any) -> OrderLine:
    return replace(an_order_line(id_), **goods)


def quote_without(*left_out: LeftOutLine) -> Quote:
    return replace(a_quote(), left_out=left_out)


COAT = LeftOutLine("2", "coat", variant_id="coat-xl", sku="COAT-XL")
RUG = LeftOutLine("3", "gid://shopify/Product/77")


@pytest.mark.parametrize(
    ("goods", "is_covered"),
    [
        ({"product_id": "lamp"}, True),
        ({"product_id": "coat"}, False),
        ({"product_id": "coat", "variant_id": "coat-xl"}, False),
        ({"product_id": "coat", "variant_id": "coat-s"}, True),
        ({"product_id": "coat", "sku": "COAT-S"}, True),
        ({"product_id": "else", "sku": " coat-xl "}, False),
        ({"product_id": "coat", "variant_id": "17", "sku": "coat-xl"}, False),
        ({"variant_id": "coat-xl"}, False),
        ({"sku": "COAT-XL"}, False),
        ({"sku": "LAMP"}, True),
        ({"product_id": "77"}, False),
        ({"product_id": "77", "variant_id": "78", "sku": "RUG"}, False),
        ({}, True),
    ],
)
def test_goods_that_were_left_out_of_the_offer_stay_out_of_the_coverage(
    goods: dict[str, Any], is_covered: bool
) -> None:
    order = an_order(lines=(line(**goods),))

    covered = coverable_lines(order, a_configuration(), quote_without(COAT, RUG))

    assert is_covered is bool(covered)


def test_the_id_of_a_line_counts_only_where_nothing_else_can_be_compared() -> None:
    silent, tells_sku = line("3"), line("3", sku="RUG")
    another_product, another_variant = line("3", product_id="lamp"), line("2", variant_id="s")

    def covered(*lines: OrderLine) -> list[OrderLine]:
        return coverable_lines(an_order(lines=lines), None, quote_without(COAT, RUG))

    assert [] == covered(silent, tells_sku)
    assert [another_product, another_variant] == covered(another_product, another_variant)


def test_without_a_quote_what_the_lines_say_decides() -> None:
    lamp, final, card = (
        line("1", product_id="lamp"),
        line("2", tags=("Final-Sale",)),
        line("3", product_type="Gift Card"),
    )
    of_vendor, of_collection = line("4", vendor="Acme"), line("5", collections=("outlet",))
    configuration = a_configuration(
        exclusions=[
            {"tag": "final-sale"},
            {"product_type": "gift card"},
            {"vendor": "acme"},
            {"collection": "outlet"},
        ]
    )
    order = an_order(lines=(lamp, final, card, of_vendor, of_collection))

    assert [lamp] == coverable_lines(order, configuration, None)
    # With a quote that left nothing out, they were paid for.
    assert [*order.lines] == coverable_lines(order, configuration, a_quote())


@pytest.mark.parametrize("quote", [None, a_quote()])
def test_ids_and_skus_that_the_configuration_never_covers_are_left_out_in_any_case(
    quote: Quote | None,
) -> None:
    lamp, card, protection = line("1"), line("2", sku="GC-50"), line("3", product_id="cov-1")
    configuration = a_configuration(
        exclusions=[{"sku": "GC-*"}], coverage_products=[{"product_id": "cov-1"}]
    )

    order = an_order(lines=(lamp, card, protection))

    assert [lamp] == coverable_lines(order, configuration, quote)


def test_without_a_configuration_all_goods_may_be_covered_and_gift_cards_are_none() -> None:
    lamp, gift_card = an_order_line(), an_order_line("card", price=-40_00)

    assert [lamp] == coverable_lines(an_order(lines=(lamp, gift_card)), None, None)


def test_a_free_thing_is_goods() -> None:
    gift = an_order_line("gift", price=0)

    assert [gift] == coverable_lines(an_order(lines=(gift,)), None, None)
