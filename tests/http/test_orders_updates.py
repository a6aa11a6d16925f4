"""What later pushes change, and what they cannot (contract §9)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.order_desk import (
    BOTH_MODES,
    OrderShop,
    accepted_order,
    amounts,
    an_order_shop,
    codes,
    states,
    usd,
    wire_fee,
    wire_item,
    wire_order,
)
from tests.support.shop import RunningServer

BILLED = {("returnCoverage", "USD"): 2_98, ("shippingProtection", "USD"): 2_00}
BOTH_ACTIVE = dict.fromkeys(BOTH_MODES, "active")
BOTH_VOIDED = dict.fromkeys(BOTH_MODES, "voided")


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    return an_order_shop(running_server)


@pytest.fixture
def session(desk: OrderShop) -> str:
    """The session of order 1001, which was accepted and paid for."""
    session = desk.analyze()
    desk.push(accepted_order(session))
    return session


def part(**members: Any) -> dict[str, Any]:
    """A partial push of order 1001."""
    return {"external_id": "1001"} | members


def of_lamps(pieces: int, amount: int, **changes: Any) -> dict[str, Any]:
    return {
        "type": "line_item",
        "amount": usd(amount),
        "line_items": [{"external_id": "lamp", "quantity": pieces}],
    } | changes


def of_fee(amount: int, **changes: Any) -> dict[str, Any]:
    return {"type": "fee", "amount": usd(amount)} | changes


def why_void(order: dict[str, Any]) -> set[str | None]:
    return {coverage["void_reason"] for coverage in order["coverages"]}


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"name": "#1001b"},
        {"fees": None, "metadata": None, "refunds": None},
        {"status": None},
        {"tags": ["x"], "status": "archived"},
        {"line_items": [wire_item()]},
        {"customer": {"first_name": "Ada"}},
    ],
    ids=str,
)
def test_what_a_partial_push_does_not_mention_stays(
    desk: OrderShop, session: str, members: dict[str, Any]
) -> None:
    order = desk.push(part(**members))

    assert [wire_fee()] == order["fees"]
    assert [{"key": "session_id", "value": session}] == order["metadata"]
    assert (BOTH_ACTIVE, BILLED) == (states(order), desk.billed())


@pytest.mark.parametrize("member", ["external_id", "status", "created_at", "updated_at"])
def test_null_ends_neither_identity_nor_cancellation(
    desk: OrderShop, session: str, member: str
) -> None:
    instant = "2026-04-23T13:25:00+00:00"
    last = desk.push(part(status="cancelled", created_at=instant, updated_at=instant))

    answer = desk.http.put(f"/api/v1/orders/{last['id']}", json={member: None})

    assert last == answer.json()["order"]


def test_an_explicit_empty_list_of_fees_ends_the_coverage(desk: OrderShop, session: str) -> None:
    order = desk.push(part(fees=[]))

    assert "declined" == order["acceptance"]["outcome"]
    assert (BOTH_VOIDED, {"fee_removed"}) == (states(order), why_void(order))
    assert {} == desk.billed()


def test_an_explicit_empty_list_of_metadata_ends_the_link(desk: OrderShop, session: str) -> None:
    order = desk.push(part(metadata=[]))

    assert (None, "unlinked") == (
        order["acceptance"]["session_id"],
        order["acceptance"]["verdict"],
    )
    assert BOTH_ACTIVE == states(order)
    assert ["session_missing", "session_changed"] == codes(order)


def test_cancelling_voids_and_reverses(desk: OrderShop, session: str) -> None:
    order = desk.push(part(status="cancelled"))

    assert "accepted" == order["acceptance"]["outcome"]
    assert (BOTH_VOIDED, {"order_cancelled"}) == (states(order), why_void(order))
    assert {} == desk.billed()
    assert 2 == desk.counts()["postings"]


def test_taking_back_a_cancellation_reinstates(desk: OrderShop, session: str) -> None:
    desk.push(part(status="cancelled"))

    order = desk.push(part(status="active"))

    assert (BOTH_ACTIVE, {None}) == (states(order), why_void(order))
    assert BILLED == desk.billed()
    events = [entry["event"] for entry in order["coverages"][0]["history"]]
    assert ["activated", "voided", "reinstated"] == events


def test_an_order_that_arrives_cancelled_was_never_covered(desk: OrderShop) -> None:
    order = desk.push(accepted_order(desk.analyze(), status="cancelled"))

    assert ("accepted", {}) == (order["acceptance"]["outcome"], states(order))
    assert (0, 0) == (desk.counts()["coverages"], desk.counts()["postings"])


def test_a_fee_that_is_cut_to_one_mode_ends_the_other(desk: OrderShop, session: str) -> None:
    order = desk.push(part(fees=[wire_fee(2_98, ["returnCoverage"])]))

    assert {"returnCoverage": "active", "shippingProtection": "voided"} == states(order)
    assert {("returnCoverage", "USD"): 2_98} == desk.billed()


def test_a_mode_that_is_added_later_is_covered_from_then_on(desk: OrderShop) -> None:
    desk.push(wire_order(fees=[wire_fee(2_98, ["returnCoverage"])]))

    order = desk.push(part(fees=[wire_fee()]))

    assert BOTH_ACTIVE == states(order)
    assert 4_98 == sum(desk.billed().values())


def test_a_refund_of_lines_reduces_what_is_covered(desk: OrderShop, session: str) -> None:
    order = desk.push(part(refunds=[of_lamps(1, 25_00)]))

    assert BOTH_ACTIVE == states(order)
    assert [usd(25_00)] * 2 == [coverage["amount"] for coverage in order["coverages"]]
    assert [{"line_id": "lamp", "quantity": 1, "amount": 25_00}] == order["coverages"][0]["lines"]
    assert BILLED == desk.billed()


def test_a_refund_on_the_line_itself_counts_as_well(desk: OrderShop, session: str) -> None:
    refund = {"external_id": "r1", "line_item": {"quantity": 1}, "amount": usd(25_00)}

    order = desk.push(part(line_items=[wire_item() | {"refunds": [refund]}]))

    assert usd(25_00) == order["coverages"][0]["amount"]


def test_part_of_the_fee_may_be_refunded(desk: OrderShop, session: str) -> None:
    order = desk.push(part(refunds=[of_fee(2_00)]))

    assert BOTH_ACTIVE == states(order)
    assert 2_98 == sum(desk.billed().values())


@pytest.mark.parametrize(
    "refunds", [[of_fee(4_98)], [of_fee(6_00)], [of_fee(2_98), of_fee(2_00)]], ids=str
)
def test_a_refund_of_the_whole_fee_ends_the_coverage(
    desk: OrderShop, session: str, refunds: list[dict[str, Any]]
) -> None:
    order = desk.push(part(refunds=refunds))

    assert (BOTH_VOIDED, {"fee_refunded"}) == (states(order), why_void(order))
    assert {} == desk.billed()


WHOLE = [
    {"amount": usd(54_98)},
    {"total": usd("54.98"), "line_item": None},
    {"total": "54.98", "line_item": None},
    {"total": "-54.98", "type": "REFUND"},
    {"total": {"amount": 54_98}, "type": None},
    {"amount": {"amount": "54.98"}, "status": "Success"},
]


@pytest.mark.parametrize("refund", WHOLE)
def test_a_refund_of_the_whole_order_ends_the_coverage(
    desk: OrderShop, session: str, refund: dict[str, Any]
) -> None:
    order = desk.push(part(refunds=[refund]))

    assert (BOTH_VOIDED, {"order_refunded"}) == (states(order), why_void(order))
    assert {} == desk.billed()
    assert [] == order["warnings"]


def test_refunds_larger_than_the_order_count_as_all_of_it(desk: OrderShop, session: str) -> None:
    order = desk.push(part(refunds=[{"amount": usd(54_99)}]))

    assert (BOTH_VOIDED, {"order_refunded"}) == (states(order), why_void(order))
    assert ["refund_exceeds_order"] == codes(order)


def test_a_refund_that_names_lines_is_never_the_fee(desk: OrderShop, session: str) -> None:
    billed = desk.billed()

    order = desk.push(part(refunds=[of_lamps(2, 54_98)]))

    assert ([0, 0], billed) == (amounts(order), desk.billed())
    assert ["refund_exceeds_order"] == codes(order)


def test_what_a_gift_card_paid_is_no_part_of_a_refund_in_full(desk: OrderShop) -> None:
    # Given two things of 25.00 and a fee, of which a gift card paid 40.00
    lines = [wire_item(each, 1) for each in "ab"]
    order = accepted_order(desk.analyze(), line_items=lines, total_price=usd(14_98))
    desk.push(order)
    billed = desk.billed()

    # When one of them comes back
    refund = {
        "external_id": "r-1",
        "type": "line_item",
        "amount": usd(25_00),
        "line_items": [{"external_id": "a", "quantity": 1}],
    }
    partly = desk.push({**order, "refunds": [refund]})

    # Then the other one stays covered, and the fee is billed
    assert ([25_00, 25_00], billed) == (amounts(partly), desk.billed())
    rest = [
        {"external_id": "r-2", "line_item": {"external_id": "b"}, "total": usd("25.00")},
        {"external_id": "r-3", "type": "order_fee", "total": usd("4.98")},
    ]
    wholly = desk.push({**order, "refunds": rest})
    assert ([], {}) == (amounts(wholly), desk.billed())


@pytest.mark.parametrize("type_", ["fee", "Fee", "FEES", "order_fee", "OrderFee", "Order fee"])
def test_every_word_for_the_fee_refunds_the_fee(desk: OrderShop, session: str, type_: str) -> None:
    order = desk.push(part(refunds=[{"type": type_, "amount": usd(4_98)}]))

    assert (BOTH_VOIDED, {"fee_refunded"}) == (states(order), why_void(order))


@pytest.mark.parametrize("refund", [{}, {"type": "full"}, {"total": {}}, {"total": 5.5}])
def test_a_refund_that_says_nothing_changes_nothing_and_is_told(
    desk: OrderShop, session: str, refund: dict[str, Any]
) -> None:
    billed = desk.billed()

    order = desk.push(part(refunds=[refund]))

    assert ([50_00, 50_00], billed) == (amounts(order), desk.billed())
    assert ["refund_not_understood"] == codes(order)


@pytest.mark.parametrize("status", ["pending", "Failed", "canceled", "CANCELLED", "voided"])
def test_a_refund_that_has_not_happened_gives_nothing_back_until_it_does(
    desk: OrderShop, session: str, status: str
) -> None:
    refund = {"external_id": "r-1", "type": "fee", "amount": usd(4_98)}

    order = desk.push(part(refunds=[refund | {"status": status}]))

    assert ([50_00, 50_00], []) == (amounts(order), codes(order))
    done = desk.push(part(refunds=[refund | {"status": "success"}]))
    assert ([], []) == (amounts(done), codes(done))


@pytest.mark.parametrize(
    ("status", "void_reason"),
    [
        ("canceled", "order_cancelled"),
        ("Cancelled", "order_cancelled"),
        ("CANCELED", "order_cancelled"),
        ("Refunded", "order_refunded"),
        ("pending", "order_pending"),
    ],
)
def test_the_status_is_read_in_any_spelling(
    desk: OrderShop, session: str, status: str, void_reason: str
) -> None:
    order = desk.push(part(status=status))

    assert (BOTH_VOIDED, {void_reason}) == (states(order), why_void(order))
    assert {} == desk.billed()
    known = {"order_cancelled": "cancelled", "order_refunded": "refunded"}
    assert known.get(void_reason, "pending") == order["status"]


def test_an_order_that_is_not_paid_yet_is_covered_and_billed_once_it_is(desk: OrderShop) -> None:
    order = accepted_order(desk.analyze(), status="pending")

    placed = desk.push(order)

    assert ("accepted", [], {}) == (
        placed["acceptance"]["outcome"],
        placed["coverages"],
        desk.billed(),
    )
    paid = desk.push(order | {"status": "active"})
    assert ([50_00, 50_00], "exact") == (amounts(paid), paid["acceptance"]["verdict"])
    assert 4_98 == sum(desk.billed().values())


def test_more_pieces_than_were_bought_leave_nothing_covered(desk: OrderShop, session: str) -> None:
    order = desk.push(part(refunds=[of_lamps(99, 1_00)]))

    assert (usd(0), []) == (order["coverages"][0]["amount"], order["coverages"][0]["lines"])


def test_refunds_are_facts_that_accumulate(desk: OrderShop, session: str) -> None:
    first, second = of_lamps(1, 25_00, external_id="r1"), of_fee(1_00, external_id="r2")
    desk.push(part(refunds=[first]))

    order = desk.push(part(refunds=[second]))

    assert [first, second] == order["refunds"]
    assert 25_00 == order["coverages"][0]["amount"]["amount"]
    assert 3_98 == sum(desk.billed().values())


@pytest.mark.parametrize("refunds", [[], [of_fee(1_00, external_id="r1")], [of_fee(1_00)]])
def test_pushing_refunds_again_refunds_nothing_more(
    desk: OrderShop, session: str, refunds: list[dict[str, Any]]
) -> None:
    both = [of_fee(1_00, external_id="r1"), of_fee(1_00)]
    order = desk.push(part(refunds=both))
    before = desk.counts()

    assert order == desk.push(part(refunds=refunds))
    assert before == desk.counts()
    assert 2_98 == sum(desk.billed().values())


def test_a_refund_that_contradicts_an_earlier_one_is_told_but_not_believed(
    desk: OrderShop, session: str
) -> None:
    desk.push(part(refunds=[of_fee(1_00, external_id="r1")]))

    order = desk.push(part(refunds=[of_fee(4_98, external_id="r1")]))

    assert ["refund_conflict"] == codes(order)
    assert [of_fee(1_00, external_id="r1")] == order["refunds"]
    assert 3_98 == sum(desk.billed().values())


def test_replaying_a_push_changes_nothing(desk: OrderShop) -> None:
    order = accepted_order(desk.analyze())
    created, before = desk.put(order), desk.counts()

    replayed = desk.put(order)

    assert (201, 200) == (created.status_code, replayed.status_code)
    assert created.json() == replayed.json()
    assert before == desk.counts()


def test_a_push_older_than_what_is_on_record_changes_nothing(desk: OrderShop) -> None:
    order = accepted_order(desk.analyze(), updated_at="2026-11-20T10:00:00+00:00")
    desk.push(order)
    before = desk.counts()

    # The same clock time further east is earlier.
    answer = desk.push(part(status="cancelled", updated_at="2026-11-20T10:00:00+01:00"))

    assert ["outdated_push"] == codes(answer)
    assert ("active", BOTH_ACTIVE) == (answer["status"], states(answer))
    assert before == desk.counts()
    assert [] == codes(desk.http.get(f"/api/v1/orders/{answer['id']}").json()["order"])


@pytest.mark.parametrize("updated_at", ["2026-11-20T10:00:00+00:00", "2026-11-20T10:00:01+00:00"])
def test_a_push_as_young_as_what_is_on_record_counts(desk: OrderShop, updated_at: str) -> None:
    desk.push(accepted_order(updated_at="2026-11-20T10:00:00+00:00"))

    assert BOTH_VOIDED == states(desk.push(part(status="cancelled", updated_at=updated_at)))


def test_a_deleted_order_is_not_found_but_its_books_are_kept(desk: OrderShop, session: str) -> None:
    order = desk.push(part())

    answers = [desk.http.delete("/api/v1/orders/external/1001") for _ in range(2)]

    assert [204, 404] == [answer.status_code for answer in answers]
    assert 404 == desk.http.get(f"/api/v1/orders/{order['id']}").status_code
    assert [] == desk.http.get("/api/v1/orders").json()["orders"]
    assert ({}, 2) == (desk.billed(), desk.counts()["postings"])
    coverages = desk.http.get("/api/v1/coverages").json()["coverages"]
    assert [("voided", "order_deleted")] * 2 == [(c["state"], c["void_reason"]) for c in coverages]


def test_a_deleted_order_may_be_pushed_again_as_a_new_one(desk: OrderShop, session: str) -> None:
    first = desk.push(part())
    assert 204 == desk.http.delete(f"/api/v1/orders/{first['id']}").status_code

    second = desk.put(accepted_order(session))

    assert 201 == second.status_code
    assert first["id"] != second.json()["order"]["id"]
    assert "exact" == second.json()["order"]["acceptance"]["verdict"]
    assert BILLED == desk.billed()


def test_post_creates_and_never_updates(desk: OrderShop, session: str) -> None:
    before = desk.counts()

    response = desk.post(accepted_order(session, status="cancelled"))

    assert 422 == response.status_code
    assert ["external_id"] == list(response.json()["errors"])
    assert (before, BILLED) == (desk.counts(), desk.billed())


def test_orders_without_an_external_id_are_all_different(desk: OrderShop) -> None:
    created = [desk.post(wire_order(external_id=None)) for _ in range(2)]

    assert [201, 201] == [response.status_code for response in created]
    assert 2 == desk.counts()["orders"]


def test_an_order_is_updated_by_our_id_too(desk: OrderShop, session: str) -> None:
    id_ = desk.push(part())["id"]

    response = desk.http.put(f"/api/v1/orders/{id_}", json={"status": "cancelled"})

    assert (200, id_) == (response.status_code, response.json()["order"]["id"])
    assert BOTH_VOIDED == states(response.json()["order"])


def test_an_order_may_get_another_external_id_but_not_a_taken_one(desk: OrderShop) -> None:
    first = desk.push(wire_order("1001"))
    desk.push(wire_order("1002"))

    taken = desk.http.put(f"/api/v1/orders/{first['id']}", json={"external_id": "1002"})
    free = desk.http.put(f"/api/v1/orders/{first['id']}", json={"external_id": "1003"})

    assert (422, ["external_id"]) == (taken.status_code, list(taken.json()["errors"]))
    assert (200, "1003") == (free.status_code, free.json()["order"]["external_id"])
    assert 404 == desk.http.get("/api/v1/orders/external/1001").status_code
