"""Orders as other people's clients send them, each with its right value (contract §9, clients)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from orderguard.domain.ids import ID_BELOW
from tests.support.order_desk import (
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    codes,
    of_session,
    usd,
    wire_fee,
    wire_item,
    wire_order,
)
from tests.support.shop import RunningServer
from tests.support.wire import wire_line


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


def line_with(**members: Any) -> dict[str, Any]:
    """Two lamps, without any price but these."""
    return {"external_id": "lamp", "quantity": 2, **members}


@pytest.mark.parametrize(
    ("members", "worth"),
    [
        ({"price": usd("89.00")}, 178_00),
        ({"price": usd(89_00)}, 178_00),
        ({"price": {"amount": "89.00"}}, 178_00),
        ({"price": "89.00"}, 178_00),
        ({"price": usd("1.00"), "unit_price": usd("89.00")}, 178_00),
        ({"price": usd("89.00"), "unit_price": None}, 178_00),
        ({"price": usd("89.00"), "unit_discounts": usd("-9.00")}, 160_00),
        ({"unit_price": usd("0.0045"), "quantity": 10_000}, 45_00),
        ({"unit_price": usd("3.3333"), "quantity": 3}, 10_00),
        ({"unit_price": usd("1.2500"), "quantity": 4}, 5_00),
        ({"unit_price": usd("19.90"), "quantity": 1.5}, 29_85),
        ({"unit_price": usd("10.00"), "unit_discounts": usd("0.0033"), "quantity": 100}, 999_67),
        ({"unit_price": {"amount": 25_00}}, 50_00),
        ({"unit_price": {"amount": 25_00, "currency_code": None}}, 50_00),
    ],
)
def test_a_coverage_is_worth_what_the_lines_cost(
    desk: OrderShop, members: dict[str, Any], worth: int
) -> None:
    order = desk.push(accepted_order(desk.analyze(), line_items=[line_with(**members)]))

    assert ([worth, worth], []) == (amounts(order), codes(order))
    assert {name: order["line_items"][0][name] for name in members} == members


@pytest.mark.parametrize(
    "members",
    [
        {"unitPrice": usd("89.00")},
        {"total_price": usd("178.00")},
        {"price_per_unit": 89},
        {"price": 89.0},
        {"price": 89},
        {"price": {"value": 89}},
        {"price": usd("eighty-nine")},
        {"price": usd("89.00") | {"currency_code": "XXX"}},
        {"amount": "89.00"},
    ],
)
def test_a_price_that_is_not_read_is_told_and_costs_no_order(
    desk: OrderShop, members: dict[str, Any]
) -> None:
    (name,) = members

    order = desk.push(accepted_order(desk.analyze(), line_items=[line_with(**members)]))

    assert ([0, 0], ["nothing_covered"]) == (amounts(order), codes(order))
    if members.get("price") != {"value": 89}:
        assert name in order["warnings"][0]["message"]
    assert "unit_price" in order["warnings"][0]["message"]


def test_an_order_without_any_price_is_told_and_one_that_is_free_is_not(desk: OrderShop) -> None:
    nothing = desk.push(accepted_order(desk.analyze(), line_items=[line_with()]))
    free = desk.push(wire_order("1002", line_items=[line_with()], total_price=usd(0)))

    assert (["nothing_covered"], []) == (codes(nothing), codes(free))


def test_prices_in_two_currencies_are_refused_in_either_spelling(desk: OrderShop) -> None:
    euros = {"amount": "89.00", "currency_code": "EUR"}

    answer = desk.put(accepted_order(line_items=[line_with(price=euros)]))

    assert ["line_items.0.price.currency_code"] == list(answer.json()["errors"])


@pytest.mark.parametrize(
    "fee",
    [
        {"name": "Extra", "amount": usd(4_98)},
        {"name": "Extra", "amount": usd(4_98), "accepted_offer_mode": None},
        {"name": "Package Protection", "amount": usd(1_00), "accepted_offer_mode": []},
        {"name": "Extra", "amount": usd(1), "acceptedOfferMode": ["returnCoverage"]},
        {"name": "Extra", "amount": usd(1), "accepted_offer_modes": ["returnCoverage"]},
        {"name": "Extra", "amount": usd(1), "offer_mode": ["returnCoverage"]},
    ],
)
def test_a_fee_that_looks_like_ours_is_told(desk: OrderShop, fee: dict[str, Any]) -> None:
    order = desk.push(accepted_order(desk.analyze(), fees=[fee]))

    assert ("declined", ["fee_unrecognised"]) == (order["acceptance"]["outcome"], codes(order))
    assert ([], {}) == (amounts(order), desk.billed())
    named = next((name for name in fee if "ffer" in name and name != "accepted_offer_mode"), "")
    assert named in order["warnings"][0]["message"]


def test_other_fees_are_other_peoples(desk: OrderShop) -> None:
    fee = {"name": "Gift wrapping", "amount": usd(3_00), "accepted_offer_mode": None}

    assert [] == codes(desk.push(wire_order(metadata=of_session(desk.analyze()), fees=[fee])))


@pytest.mark.parametrize(
    ("text", "charged", "warnings"),
    [
        ("498", 4_98, []),
        ("500", 5_00, ["fee_altered", "fee_amount_ambiguous"]),
        ("5", 5_00, ["fee_altered", "fee_amount_ambiguous"]),
        ("497", 4_97, ["fee_amount_ambiguous"]),
    ],
)
def test_a_fee_of_digits_is_never_a_hundred_times_the_quote(
    desk: OrderShop, text: str, charged: int, warnings: list[str]
) -> None:
    order = desk.push(accepted_order(desk.analyze(), fees=[wire_fee(text)]))

    assert [usd(charged)] == order["acceptance"]["charged"]
    assert charged == sum(desk.billed().values())
    assert warnings == codes(order)
    assert text == order["fees"][0]["amount"]["amount"]


def test_without_a_session_digits_are_major_units_and_told(desk: OrderShop) -> None:
    order = desk.push(accepted_order(fees=[wire_fee("5")]))

    assert [usd(5_00)] == order["acceptance"]["charged"]
    assert ["session_missing", "fee_amount_ambiguous"] == codes(order)


def test_the_session_may_be_on_the_lines_only(desk: OrderShop) -> None:
    session = desk.analyze()
    lines = [
        wire_item("a", 1) | {"metadata": None},
        wire_item("b", 1) | {"metadata": [{"key": "colour", "value": "red"}]},
        wire_item("c", 1) | {"metadata": of_session("  ") + of_session(f' "{session}" ')},
        wire_item("d", 1) | {"metadata": of_session("lop_another00000000000000")},
    ]

    order = desk.push(accepted_order(line_items=lines))

    assert (session, "exact") == (
        order["acceptance"]["session_id"],
        order["acceptance"]["verdict"],
    )
    assert ([100_00, 100_00], []) == (amounts(order), codes(order))


def test_the_first_entry_that_says_something_is_the_session(desk: OrderShop) -> None:
    session = desk.analyze()
    metadata = of_session("") + of_session(None) + of_session(f"'{session}'\n")

    order = desk.push(accepted_order(metadata=metadata + of_session("lop_other")))

    assert session == order["acceptance"]["session_id"]


@pytest.mark.parametrize("metadata", ["x", 5, {"session_id": "y"}, [5, {}, {"key": None}]])
def test_whatever_else_is_on_a_line_costs_no_order(desk: OrderShop, metadata: Any) -> None:
    line = wire_item() | {"metadata": metadata, "tags": 5, "vendor": [], "collections": {"a": 1}}

    order = desk.push(accepted_order(line_items=[line]))

    assert [50_00, 50_00] == amounts(order)


def test_every_line_has_an_integer_id_that_stays(desk: OrderShop) -> None:
    lines = [
        wire_item("a", 1),
        wire_item("a", 1),
        {"id": 4711, "quantity": 1, "unit_price": usd(1)},
        {"id": 4712.0, "quantity": 1, "unit_price": usd(1)},
        {"id": "gid://shop/9", "quantity": 1, "unit_price": usd(1)},
        {"title": "no id", "quantity": 1, "unit_price": usd(1)},
    ]
    order = accepted_order(line_items=lines)

    pushed = desk.push(order)

    ids = [line["id"] for line in pushed["line_items"]]
    assert all(isinstance(id_, int) and 0 < id_ < ID_BELOW for id_ in ids)
    assert (6, [4711, 4712]) == (len(set(ids)), ids[2:4])
    assert "gid://shop/9" == pushed["line_items"][4]["external_id"]
    assert ids == [line["id"] for line in desk.push(order | {"name": "#2"})["line_items"]]
    found = desk.http.get(
        "/api/v1/orders/external/1001", headers={"X-Loop-Global-Identifier-Type": "string"}
    ).json()["order"]
    assert [str(id_) for id_ in ids] == [line["id"] for line in found["line_items"]]


def test_a_refund_may_name_a_line_by_the_id_that_was_answered(desk: OrderShop) -> None:
    order = accepted_order(desk.analyze(), line_items=[wire_item("a", 1), wire_item("b", 1)])
    ours = desk.push(order)["line_items"][1]["id"]

    refund = {"line_items": [{"id": ours, "quantity": 1}], "amount": usd(25_00)}
    refunded = desk.push(order | {"refunds": [refund]})

    assert ([25_00, 25_00], []) == (amounts(refunded), codes(refunded))
    assert ["a"] == [line["line_id"] for line in refunded["coverages"][0]["lines"]]


DOCUMENTED = {
    "id", "external_id", "name", "status", "taxes_included", "total_price", "line_items",
    "sales_channel", "channel", "source", "customer", "shipping_address", "billing_address",
    "total_price_presentment", "total_discounts", "total_taxes", "total_shipping",
    "order_discounts", "shipping_lines", "refunds", "fulfillments", "tags", "created_at",
    "updated_at", "fees", "metadata",
}  # fmt: skip
LISTS = {
    "order_discounts", "shipping_lines", "refunds", "fulfillments", "tags", "fees", "metadata",
}  # fmt: skip


def test_an_answer_has_all_documented_members(desk: OrderShop) -> None:
    order = desk.push(wire_order())

    assert set() == DOCUMENTED - set(order)
    sent = set(wire_order()) | {"id"}
    for name in DOCUMENTED - sent:
        assert ([] if name in LISTS else None) == order[name]


def test_an_external_id_that_is_a_number_is_its_text(desk: OrderShop) -> None:
    first = desk.push(wire_order() | {"external_id": 10293})

    assert "10293" == first["external_id"]
    again = desk.put(wire_order() | {"external_id": 10293.0})
    assert (200, first["id"]) == (again.status_code, again.json()["order"]["id"])
    assert 422 == desk.post(wire_order() | {"external_id": 10293}).status_code
    assert first["id"] == desk.http.get("/api/v1/orders/external/10293").json()["order"]["id"]


def test_the_currency_of_the_order_is_that_of_money_without_one(desk: OrderShop) -> None:
    bare = {"amount": "4.98"}
    order = accepted_order(
        desk.analyze(),
        total_price={"amount": "54.98"},
        total_taxes={"amount": 0},
        fees=[wire_fee() | {"amount": bare}],
        refunds=[{"type": "fee", "amount": {"amount": "1.00"}}],
    )

    pushed = desk.push(order)

    assert ([50_00, 50_00], 3_98) == (amounts(pushed), sum(desk.billed().values()))
    nowhere = wire_order(total_price=bare, line_items=[line_with(unit_price=bare)])
    errors = desk.put(nowhere | {"external_id": "2"}).json()["errors"]
    assert ["total_price.currency_code", "line_items.0.unit_price.currency_code"] == list(errors)


@pytest.mark.parametrize("base", ["/api/latest", "/api/2026-10"])
def test_latest_is_the_newest_dated_version(desk: OrderShop, base: str) -> None:
    undated = desk.http.put(f"{base}/orders", json=wire_order())
    dated = desk.http.put(f"{base}/orders", json=accepted_order(created_at="2026-04-23T13:25:00Z"))

    assert ["created_at"] == list(undated.json()["errors"])
    assert (201, [50_00, 50_00]) == (dated.status_code, amounts(dated.json()["order"]))
    for path in ("orders", "orders/external/1001", "coverages"):
        assert 200 == desk.http.get(f"{base}/{path}").status_code


@pytest.mark.parametrize("base", ["/api/v1", "/api/latest"])
def test_a_slash_at_the_end_changes_nothing(desk: OrderShop, base: str) -> None:
    order = accepted_order(created_at="2026-04-23T13:25:00Z")

    answer = desk.http.put(f"{base}/orders/", json=order)

    assert (201, [50_00, 50_00]) == (answer.status_code, amounts(answer.json()["order"]))
    assert 422 == desk.http.post(f"{base}/orders/", json=order).status_code
    assert 1 == len(desk.http.get(f"{base}/orders/").json()["orders"])
    assert 2 == len(desk.http.get(f"{base}/coverages/").json()["coverages"])


def test_gift_cards_as_negative_lines_are_taken_and_cover_nothing(desk: OrderShop) -> None:
    lines = [wire_item(), wire_item("card", 1, -40_00)]

    order = desk.push(accepted_order(desk.analyze(), line_items=lines, total_price=usd(14_98)))

    assert ([50_00, 50_00], []) == (amounts(order), codes(order))
    paid = desk.push(accepted_order(external_id="2", line_items=lines, total_price=usd(-1_00)))
    assert [50_00, 50_00] == amounts(paid)


def test_an_order_in_a_currency_that_was_withdrawn_can_be_ended(desk: OrderShop) -> None:
    leva = {"amount": 25_00, "currency_code": "BGN"}
    line = line_with(unit_price=leva)
    fee = wire_fee(currency="BGN")
    order = accepted_order(total_price=leva, line_items=[line], fees=[fee])

    assert [50_00, 50_00] == amounts(desk.push(order))
    refunded = desk.push(order | {"refunds": [{"type": "fee", "amount": leva}]})
    assert ([], {}) == (amounts(refunded), desk.billed())
    cancelled = desk.push(order | {"status": "cancelled"})
    assert "order_cancelled" not in [each["void_reason"] for each in cancelled["coverages"]]
    assert 204 == desk.http.delete("/api/v1/orders/external/1001").status_code


def test_without_a_link_the_orders_own_lines_decide_what_is_left_out(
    running_server: RunningServer,
) -> None:
    desk = an_order_shop(running_server, exclusions=[{"tag": "final-sale"}, {"vendor": "Acme"}])
    lines = [
        wire_item("9001", 1, 50_00),
        wire_item("9002", 1, 200_00) | {"tags": "new, Final-Sale"},
        wire_item("9003", 1, 70_00) | {"tags": ["final-sale"]},
        wire_item("9004", 1, 30_00) | {"vendor": "acme"},
    ]

    assert [50_00, 50_00] == amounts(desk.push(accepted_order(line_items=lines)))


def test_goods_that_were_left_out_of_the_offer_are_not_covered(
    running_server: RunningServer,
) -> None:
    desk = an_order_shop(running_server, exclusions=[{"tag": "final-sale"}])
    session = desk.analyze(
        wire_line(id="1", totalPrice=50_00, productId="lamp"),
        wire_line(id="2", totalPrice=200_00, productId="coat", tags=["final-sale"]),
    )
    lines = [
        wire_item("9001", 1, 50_00) | {"product": {"external_id": "lamp"}},
        wire_item("9002", 1, 200_00) | {"product": {"external_id": "coat"}},
    ]

    order = desk.push(accepted_order(session, line_items=lines))

    assert "exact" == order["acceptance"]["verdict"]
    assert ([50_00, 50_00], []) == (amounts(order), codes(order))


def timestamps(answer: httpx.Response) -> set[str]:
    return {each["active_from"] for each in answer.json()["order"]["coverages"]}


@pytest.mark.parametrize("text", ["2026-01-02T10:00:00.123456789Z", "2026-01-02T12:00:00+0200"])
def test_the_answer_to_a_push_says_what_is_read_later(desk: OrderShop, text: str) -> None:
    answer = desk.put(accepted_order(created_at=text))

    assert {"2026-01-02T10:00:00+00:00"} == timestamps(answer)
    assert answer.json() == desk.http.get("/api/v1/orders/external/1001").json()
