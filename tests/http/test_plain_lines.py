"""A line in its usual form is read at once, and as it would be read step by step."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from orderguard.domain.money import USD
from orderguard.http.wire.amounts import AMOUNT_MAXIMUM
from orderguard.http.wire.analyze_request import WireCartLine
from orderguard.http.wire.cart import _line, _plain_line
from orderguard.http.wire.reading import Reading

amounts: st.SearchStrategy[Any] = st.one_of(
    st.integers(-1, 10**6),
    st.sampled_from([0, AMOUNT_MAXIMUM, AMOUNT_MAXIMUM + 1, 4999.0, 49.5, "4999", "x"]),
    st.fixed_dictionaries(
        {"amount": st.integers(0, 9999)}, optional={"currencyCode": st.just("USD")}
    ),
)
ids: st.SearchStrategy[Any] = st.one_of(st.text(min_size=1, max_size=9), st.integers(0, 10**9))
words = st.one_of(st.none(), st.text(max_size=9))
lines = st.fixed_dictionaries(
    {
        "id": ids,
        "productId": ids,
        "quantity": st.one_of(st.integers(1, 9), st.sampled_from([1.0, 2.5])),
        "totalPrice": amounts,
        "originalTotalPrice": amounts,
        "title": st.one_of(st.text(max_size=9), st.just("t" * 600)),
    },
    optional={
        "unitPrice": st.one_of(st.none(), amounts),
        "currencyCode": st.sampled_from([None, "USD", "usd", "EUR"]),
        "variantId": st.one_of(st.none(), ids),
        "sku": st.one_of(st.none(), ids, st.just("")),
        "productType": words,
        "vendor": words,
        "tags": st.one_of(st.none(), st.lists(st.text(max_size=5), max_size=3)),
        "collections": st.one_of(st.none(), st.lists(st.text(max_size=5), max_size=3)),
        "requiresShipping": st.sampled_from([None, True, False]),
    },
)


@given(lines)
def test_at_once_and_step_by_step_are_the_same(document: dict[str, Any]) -> None:
    line = msgspec.convert(document, WireCartLine)
    reading = Reading(currency=USD)

    at_once, step_by_step = _plain_line(line, USD), _line(line, 0, reading)

    if at_once is not None:
        assert at_once == step_by_step
        tolerated = (reading.notes.money, reading.notes.other)
        assert [] == reading.problems
        assert not any((reading.rounded, *tolerated))


def test_a_line_as_every_shop_sends_it_is_read_at_once() -> None:
    line = WireCartLine(
        id="1", productId="p", quantity=2, totalPrice=4999, originalTotalPrice=5999, title="Lamp",
        unitPrice=2500, currencyCode="USD", variantId="v", sku="", tags=["new"],
    )  # fmt: skip
    read = _plain_line(line, USD)

    assert read is not None
    assert (4999, 2, ("new",)) == (read.total_price, read.quantity, read.tags)
