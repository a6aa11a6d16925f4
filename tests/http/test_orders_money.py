"""Order money: the JSON type decides (contract §9, decided)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.order_desk import (
    NOTHING_ON_RECORD,
    OrderShop,
    accepted_order,
    an_order_shop,
    of_session,
    usd,
    wire_fee,
    wire_item,
    wire_order,
)
from tests.support.shop import RunningServer


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (498, "USD", 498),
        ("4.98", "USD", 498),
        ("4.980", "USD", 498),
        ("4.9", "USD", 490),
        ("500", "USD", 50000),
        ("0", "USD", 0),
        ("00004.98", "USD", 498),
        (500, "JPY", 500),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("1.250", "KWD", 1250),
        ("1.25", "KWD", 1250),
        (1250, "KWD", 1250),
        (498.0, "USD", 498),
        ("4.98", "usd", 498),
        (10**12, "USD", 10**12),
        ("10000000000.00", "USD", 10**12),
    ],
)
def test_integers_are_minor_units_and_strings_major_ones(
    desk: OrderShop, amount: int | str, currency: str, minor: int
) -> None:
    fee = wire_fee(amount, ["returnCoverage"], currency)

    order = desk.push(wire_order(fees=[fee]))

    expected = {"amount": minor, "currency_code": currency.upper()}
    assert [expected] == order["acceptance"]["charged"]
    assert fee == order["fees"][0]
    billed = {("returnCoverage", currency.upper()): minor} if minor else {}
    assert billed == desk.billed()


BAD_AMOUNTS = [
    4.98,
    498.5,
    1e300,
    "4.985",
    "4,98",
    " 4.98",
    "+4.98",
    "4.98 USD",
    "1e3",
    ".5",
    "5.",
    "",
    "٤",
    "NaN",
    "1_000",
    "9" * 5_000,
    10**12 + 1,
    10**30,
    "10000000000.01",
    -1,
    "-0.01",
    True,
    None,
    [],
    {},
]


@pytest.mark.parametrize("amount", BAD_AMOUNTS, ids=lambda amount: repr(amount)[:20])
def test_what_is_not_an_exact_amount_is_refused(desk: OrderShop, amount: Any) -> None:
    response = desk.put(accepted_order(fees=[wire_fee(amount)]))

    assert 422 == response.status_code
    assert ["fees.0.amount.amount"] == list(response.json()["errors"])
    assert len(response.content) < 1_000
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize(("amount", "currency"), [("500.5", "JPY"), ("1.2345", "KWD")])
def test_no_amount_has_more_decimals_than_its_currency(
    desk: OrderShop, amount: str, currency: str
) -> None:
    response = desk.put(accepted_order(fees=[wire_fee(amount, currency=currency)]))

    assert 422 == response.status_code
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize("currency", ["XXX", "XAU", "US", "DOLLAR", "\u017fek", 5])
def test_a_currency_that_is_none_is_refused(desk: OrderShop, currency: Any) -> None:
    response = desk.put(accepted_order(fees=[wire_fee(currency=currency)]))

    assert 422 == response.status_code
    assert ["fees.0.amount.currency_code"] == list(response.json()["errors"])
    assert NOTHING_ON_RECORD == desk.counts()


MONEY_ELSEWHERE: dict[str, Any] = {
    "total_price.amount": {"total_price": usd("4.985")},
    "total_price_presentment.amount": {"total_price_presentment": usd(1.5)},
    "total_discounts.amount": {"total_discounts": usd(1.5)},
    "total_taxes.amount": {"total_taxes": usd(-1)},
    "total_shipping.amount": {"total_shipping": usd("x")},
    "line_items.0.unit_price.amount": {"line_items": [wire_item(price=19.99)]},
    "refunds.0.amount.amount": {"refunds": [{"type": "fee", "amount": usd(1.01)}]},
    "line_items.0.unit_price.currency_code": {
        "line_items": [{"unit_price": {"amount": 1, "currency_code": "EUR"}}]
    },
}


@pytest.mark.parametrize(("path", "changes"), MONEY_ELSEWHERE.items(), ids=list(MONEY_ELSEWHERE))
def test_all_money_of_an_order_is_read_by_the_same_rule(
    desk: OrderShop, path: str, changes: dict[str, Any]
) -> None:
    response = desk.put(wire_order(**changes))

    assert 422 == response.status_code
    assert [path] == list(response.json()["errors"])
    assert NOTHING_ON_RECORD == desk.counts()


def test_a_negative_fee_is_a_discount_as_long_as_nobody_accepted_it(desk: OrderShop) -> None:
    discount = wire_fee("-5.00", None)

    order = desk.push(accepted_order(desk.analyze(), fees=[discount, wire_fee()]))

    assert [usd(4_98)] == order["acceptance"]["charged"]


def test_discounts_may_have_either_sign(desk: OrderShop) -> None:
    items = [
        wire_item("a", 1, 10_00) | {"unit_discounts": usd(1_00)},
        wire_item("b", 1, 10_00) | {"unit_discounts": usd(-1_00)},
        wire_item("c", 1, 10_00) | {"unit_discounts": usd("20.00")},
    ]

    order = desk.push(accepted_order(line_items=items, total_discounts=usd(-22_00)))

    assert [9_00, 9_00, 0] == [line["amount"] for line in order["coverages"][0]["lines"]]


def test_two_fees_in_two_currencies_are_billed_in_both(desk: OrderShop) -> None:
    fees = [
        wire_fee(2_98, ["returnCoverage"]),
        wire_fee(300, ["returnCoverage"], "JPY"),
    ]

    order = desk.push(wire_order(fees=fees, metadata=of_session(desk.analyze())))

    assert "currency_mismatch" == order["acceptance"]["verdict"]
    assert {("returnCoverage", "USD"): 2_98, ("returnCoverage", "JPY"): 300} == desk.billed()
