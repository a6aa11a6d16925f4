"""There is no accept call, the order decides: all rows of the table, all verdicts (contract §9)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.order_desk import (
    BOTH_MODES,
    NOTHING_ON_RECORD,
    UNKNOWN_SESSION,
    OrderShop,
    accepted_order,
    an_order_shop,
    codes,
    of_session,
    states,
    usd,
    wire_fee,
    wire_order,
)
from tests.support.shop import RunningServer
from tests.support.wire import wire_line

BOTH_ACTIVE = {"returnCoverage": "active", "shippingProtection": "active"}
EMPTY_CART: dict[str, Any] = {"lines": [], "itemCount": 0}


@pytest.fixture
def desk(running_server: RunningServer) -> OrderShop:
    """A merchant who offers both modes in USD: 2.98 and 2.00."""
    return an_order_shop(running_server)


def test_a_fee_with_modes_and_its_session_is_accepted_covered_and_billed(desk: OrderShop) -> None:
    session = desk.analyze()

    order = desk.push(accepted_order(session))

    assert {
        "outcome": "accepted",
        "modes": BOTH_MODES,
        "session_id": session,
        "verdict": "exact",
        "charged": [usd(4_98)],
        "quoted": usd(4_98),
    } == order["acceptance"]
    assert (BOTH_ACTIVE, []) == (states(order), order["warnings"])
    assert {("returnCoverage", "USD"): 2_98, ("shippingProtection", "USD"): 2_00} == desk.billed()


@pytest.mark.parametrize("mode", BOTH_MODES)
def test_coverage_is_for_exactly_the_modes_of_the_fee(desk: OrderShop, mode: str) -> None:
    order = desk.push(accepted_order(desk.analyze(), fees=[wire_fee(2_00, [mode])]))

    assert {mode: "active"} == states(order)
    assert {(mode, "USD"): 2_00} == desk.billed()


@pytest.mark.parametrize(
    ("metadata", "warning"),
    [
        ([], "session_missing"),
        (None, "session_missing"),
        ([{"key": "Session_ID", "value": UNKNOWN_SESSION}], "session_missing"),
        (of_session(None), "session_missing"),
        (of_session(UNKNOWN_SESSION), "session_unknown"),
        (of_session("lop_123"), "session_unknown"),
        (of_session(""), "session_missing"),
        (of_session(' "" '), "session_missing"),
        (of_session(5), "session_unknown"),
        (of_session(["lop_"]), "session_unknown"),
        (of_session({"id": UNKNOWN_SESSION}), "session_unknown"),
        (of_session("x" * 100_000), "session_unknown"),
    ],
)
def test_a_shopper_who_paid_is_covered_without_a_session_too(
    desk: OrderShop, metadata: Any, warning: str
) -> None:
    order = desk.push(wire_order(fees=[wire_fee()], metadata=metadata))

    assert ("accepted", None, "unlinked") == _outcome(order)
    assert BOTH_ACTIVE == states(order)
    assert [warning] == codes(order)
    assert {("returnCoverage", "USD"): 2_49, ("shippingProtection", "USD"): 2_49} == desk.billed()


def test_a_session_of_another_merchant_is_unknown(desk: OrderShop) -> None:
    theirs = an_order_shop(desk.shop.running).analyze()

    order = desk.push(accepted_order(theirs))

    assert ("accepted", None, "unlinked") == _outcome(order)
    assert ["session_unknown"] == codes(order)


def test_a_session_without_the_fee_is_a_decline(desk: OrderShop) -> None:
    session = desk.analyze()

    order = desk.push(wire_order(metadata=of_session(session)))

    assert ("declined", session, None) == _outcome(order)
    assert NOTHING_ON_RECORD | {"orders": 1} == desk.counts()


def test_neither_fee_nor_session_is_a_decline_without_a_link(desk: OrderShop) -> None:
    order = desk.push(wire_order())

    assert ("declined", None, None) == _outcome(order)
    assert [] == order["warnings"]


@pytest.mark.parametrize("modes", [None, [], "[]"])
def test_a_fee_that_names_no_modes_is_some_other_fee(desk: OrderShop, modes: Any) -> None:
    order = desk.push(accepted_order(desk.analyze(), fees=[wire_fee(modes=modes)]))

    assert "declined" == order["acceptance"]["outcome"]
    assert {} == states(order)
    assert modes == order["fees"][0]["accepted_offer_mode"]


def test_an_order_of_a_session_that_was_never_eligible_was_not_shown_anything(
    desk: OrderShop,
) -> None:
    session = desk.analyze(cart=EMPTY_CART)

    order = desk.push(wire_order(metadata=of_session(session)))

    assert ("not_shown", session, None) == _outcome(order)


@pytest.mark.parametrize("modes", ["lossCoverage", ["lossCoverage"], [*BOTH_MODES, "x"], '["x"]'])
def test_an_unknown_mode_is_refused(desk: OrderShop, modes: Any) -> None:
    response = desk.put(accepted_order(fees=[wire_fee(modes=modes)]))

    assert 422 == response.status_code
    assert ["fees.0.accepted_offer_mode"] == list(response.json()["errors"])
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize(
    "modes",
    [
        {},
        {"returnCoverage": True},
        [{}],
        [None],
        [[]],
        5,
        True,
        "",
        "null",
        "[",
        "[5]",
        "{}",
        "[" * 100_000,
        ["returncoverage"],
    ],
    ids=lambda modes: repr(modes)[:20],
)
def test_what_is_not_an_array_of_modes_is_refused(desk: OrderShop, modes: Any) -> None:
    response = desk.put(accepted_order(fees=[wire_fee(modes=modes)]))

    assert 422 == response.status_code
    assert ["fees.0.accepted_offer_mode"] == list(response.json()["errors"])
    assert NOTHING_ON_RECORD == desk.counts()


@pytest.mark.parametrize(
    "modes",
    [
        BOTH_MODES[::-1],
        json.dumps(BOTH_MODES),
        json.dumps(BOTH_MODES[::-1]),
        " " + json.dumps(BOTH_MODES),
        BOTH_MODES * 2,
    ],
    ids=str,
)
def test_modes_are_read_in_any_spelling_and_given_back_as_they_came(
    desk: OrderShop, modes: Any
) -> None:
    order = desk.push(accepted_order(desk.analyze(), fees=[wire_fee(modes=modes)]))

    assert BOTH_MODES == order["acceptance"]["modes"]
    assert "exact" == order["acceptance"]["verdict"]
    assert modes == order["fees"][0]["accepted_offer_mode"]


@pytest.mark.parametrize("modes", ["returnCoverage", '"returnCoverage"', ["returnCoverage"]])
def test_a_single_mode_may_be_a_plain_string(desk: OrderShop, modes: Any) -> None:
    order = desk.push(accepted_order(fees=[wire_fee(2_98, modes)]))

    assert ["returnCoverage"] == order["acceptance"]["modes"]


def test_two_fees_with_modes_are_put_together_with_a_warning(desk: OrderShop) -> None:
    fees = [wire_fee(2_00, ["shippingProtection"]), wire_fee(2_98, ["returnCoverage"])]

    order = desk.push(accepted_order(desk.analyze(), fees=fees))

    assert (BOTH_MODES, "exact") == (order["acceptance"]["modes"], order["acceptance"]["verdict"])
    assert ["several_fees"] == codes(order)
    assert {("returnCoverage", "USD"): 2_98, ("shippingProtection", "USD"): 2_00} == desk.billed()


def test_other_fees_are_nobodys_business(desk: OrderShop) -> None:
    fees = [wire_fee(9_99, None), wire_fee(), wire_fee(-5_00, [])]

    order = desk.push(accepted_order(desk.analyze(), fees=fees))

    assert [usd(4_98)] == order["acceptance"]["charged"]
    assert [] == order["warnings"]


def test_the_first_order_of_a_session_keeps_the_link(desk: OrderShop) -> None:
    session = desk.analyze()
    first = desk.push(accepted_order(session, external_id="first"))

    second = desk.push(accepted_order(session, external_id="second"))

    assert ("accepted", None, "unlinked") == _outcome(second)
    assert ["session_linked_elsewhere"] == codes(second)
    assert str(first["id"]) in second["warnings"][0]["message"]
    again = desk.push(accepted_order(session, external_id="first", name="again"))
    assert ("accepted", session, "exact") == _outcome(again)


def test_a_session_is_free_again_once_its_order_is_deleted(desk: OrderShop) -> None:
    session = desk.analyze()
    desk.push(accepted_order(session, external_id="first"))
    desk.http.delete("/api/v1/orders/external/first")

    second = desk.push(accepted_order(session, external_id="second"))

    assert ("accepted", session, "exact") == _outcome(second)


def test_an_order_that_changes_its_session_is_noticed(desk: OrderShop) -> None:
    first, second = desk.analyze(), desk.analyze()
    desk.push(accepted_order(first))

    order = desk.push(accepted_order(second))

    assert ("accepted", second, "exact") == _outcome(order)
    assert ["session_changed"] == codes(order)


VERDICTS = [
    (wire_fee(4_98), "exact", []),
    (wire_fee("4.98"), "exact", []),
    (wire_fee(4_99), "rounding", []),
    (wire_fee(4_97), "rounding", []),
    (wire_fee(5_00), "altered", ["fee_altered"]),
    (wire_fee(0), "altered", ["fee_altered"]),
    (wire_fee(2_98, ["returnCoverage"]), "mode_mismatch", ["fee_mode_mismatch"]),
    (wire_fee(4_98, currency="EUR"), "currency_mismatch", ["fee_currency_mismatch"]),
    (wire_fee(498, currency="JPY"), "currency_mismatch", ["fee_currency_mismatch"]),
]


@pytest.mark.parametrize(("fee", "verdict", "warnings"), VERDICTS)
def test_a_fee_is_compared_with_the_quote_and_never_refused(
    desk: OrderShop, fee: dict[str, Any], verdict: str, warnings: list[str]
) -> None:
    order = desk.push(accepted_order(desk.analyze(), fees=[fee]))

    assert ("accepted", verdict) == (order["acceptance"]["outcome"], order["acceptance"]["verdict"])
    assert warnings == codes(order)
    assert usd(4_98) == order["acceptance"]["quoted"]


def _dearer(desk: OrderShop) -> None:
    """From now on returns cost 3.98, so that both modes come to 5.98."""
    desk.shop.publish(
        {
            "modes": BOTH_MODES,
            "currencies": ["USD"],
            "pricing": {
                "returnCoverage": [{"base": {"USD": 3_98}}],
                "shippingProtection": [{"base": {"USD": 2_00}}],
            },
        }
    )


def test_an_earlier_quote_of_the_session_is_stale(desk: OrderShop) -> None:
    session = desk.analyze()
    _dearer(desk)
    desk.analyze(sessionId=session)

    order = desk.push(accepted_order(session))

    assert ("accepted", session, "stale") == _outcome(order)
    assert usd(4_98) == order["acceptance"]["quoted"]
    assert ["fee_stale"] == codes(order)


def test_a_quote_is_stale_once_the_offer_was_hidden(desk: OrderShop) -> None:
    session = desk.analyze()
    desk.analyze(sessionId=session, cart=EMPTY_CART)

    assert "stale" == desk.push(accepted_order(session))["acceptance"]["verdict"]


def test_a_price_that_came_back_is_exact(desk: OrderShop) -> None:
    session = desk.analyze()
    desk.analyze(sessionId=session, cart=EMPTY_CART)
    desk.analyze(sessionId=session)

    assert "exact" == desk.push(accepted_order(session))["acceptance"]["verdict"]


def test_a_fee_of_a_session_that_never_quoted_is_altered(desk: OrderShop) -> None:
    session = desk.analyze(cart=EMPTY_CART)

    order = desk.push(accepted_order(session))

    assert ("accepted", session, "altered") == _outcome(order)
    assert order["acceptance"]["quoted"] is None
    assert BOTH_ACTIVE == states(order)


def test_a_verdict_stays_when_the_session_goes_on_with_another_cart(desk: OrderShop) -> None:
    session = desk.analyze()
    desk.push(accepted_order(session))
    _dearer(desk)
    desk.analyze(wire_line(9900), sessionId=session)

    order = desk.push(accepted_order(session, name="later"))

    assert ("accepted", session, "exact") == _outcome(order)


def _outcome(order: dict[str, Any]) -> tuple[str, str | None, str | None]:
    acceptance = order["acceptance"]
    return acceptance["outcome"], acceptance["session_id"], acceptance["verdict"]
