"""The decision table of contract §9, one fact per row."""

from dataclasses import replace

from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.ids import OrderId
from orderguard.domain.money import EUR, USD, Money, parse_currency
from orderguard.domain.orders.acceptance import (
    Acceptance,
    AcceptanceOutcome,
    SessionEvidence,
    WarningCode,
    recognise_acceptance,
)
from orderguard.domain.orders.fee_verdict import FeeVerdict
from orderguard.domain.orders.order import Order, OrderStatus
from tests.support.builders import BOTH
from tests.support.orders import (
    OTHER_SESSION,
    SESSION,
    a_fee,
    a_quote,
    a_session,
    an_order,
)


def codes(acceptance: Acceptance) -> list[WarningCode]:
    return [warning.code for warning in acceptance.warnings]


def recognised(
    order: Order, session: SessionEvidence | None, previous: Acceptance | None = None
) -> Acceptance:
    return recognise_acceptance(order, session, previous)


def test_fee_and_session_of_this_merchant_are_an_acceptance_linked_to_the_session() -> None:
    acceptance = recognised(an_order(a_fee()), a_session(a_quote()))

    assert AcceptanceOutcome.ACCEPTED is acceptance.outcome
    assert (SESSION, BOTH, FeeVerdict.EXACT) == (
        acceptance.session,
        acceptance.modes,
        acceptance.verdict,
    )
    assert [] == codes(acceptance)


def test_exactly_the_paid_modes_are_accepted() -> None:
    acceptance = recognised(an_order(a_fee(2_00, [SHIPPING_PROTECTION])), a_session(a_quote()))

    assert (SHIPPING_PROTECTION,) == acceptance.modes


def test_a_fee_without_session_id_is_accepted_because_the_shopper_paid() -> None:
    acceptance = recognised(an_order(a_fee(), session_text=None), None)

    assert acceptance.is_accepted
    assert (None, FeeVerdict.UNLINKED) == (acceptance.session, acceptance.verdict)
    assert [WarningCode.SESSION_MISSING] == codes(acceptance)


def test_a_fee_with_an_unknown_or_foreign_session_is_accepted_unlinked() -> None:
    acceptance = recognised(an_order(a_fee(), session_text="lop_unknown"), None)

    assert acceptance.is_accepted
    assert (None, FeeVerdict.UNLINKED) == (acceptance.session, acceptance.verdict)
    assert [WarningCode.SESSION_UNKNOWN] == codes(acceptance)


def test_a_session_without_the_fee_is_declined() -> None:
    acceptance = recognised(an_order(), a_session(a_quote()))

    assert (AcceptanceOutcome.DECLINED, SESSION) == (acceptance.outcome, acceptance.session)
    assert ((), (), None) == (acceptance.modes, acceptance.charged, acceptance.verdict)


def test_fee_without_accepted_offer_mode_is_a_decline() -> None:
    acceptance = recognised(an_order(a_fee(modes=())), a_session(a_quote()))

    assert AcceptanceOutcome.DECLINED is acceptance.outcome


def test_neither_fee_nor_session_is_declined_and_unlinked() -> None:
    acceptance = recognised(an_order(session_text=None), None)

    assert (AcceptanceOutcome.DECLINED, None) == (acceptance.outcome, acceptance.session)
    assert [] == codes(acceptance)


def test_an_order_of_a_session_that_was_never_eligible_was_not_shown_the_offer() -> None:
    acceptance = recognised(an_order(), a_session())

    assert (AcceptanceOutcome.NOT_SHOWN, SESSION) == (acceptance.outcome, acceptance.session)


def test_the_first_order_of_a_session_keeps_the_link() -> None:
    session = a_session(a_quote(), linked_order=OrderId(1))

    acceptance = recognised(an_order(a_fee()), session)

    assert acceptance.is_accepted
    assert (None, FeeVerdict.UNLINKED) == (acceptance.session, acceptance.verdict)
    assert [WarningCode.SESSION_LINKED_ELSEWHERE] == codes(acceptance)


def test_an_order_without_fee_cannot_take_another_orders_session() -> None:
    acceptance = recognised(an_order(), a_session(linked_order=OrderId(1)))

    assert (AcceptanceOutcome.DECLINED, None) == (acceptance.outcome, acceptance.session)


def test_several_fees_are_put_together_and_told() -> None:
    order = an_order(a_fee(2_98, [RETURN_COVERAGE]), a_fee(2_00, [SHIPPING_PROTECTION]))

    acceptance = recognised(order, a_session(a_quote()))

    assert (BOTH, FeeVerdict.EXACT) == (acceptance.modes, acceptance.verdict)
    assert (Money(2_98, USD), Money(2_00, USD)) == acceptance.charged
    assert [WarningCode.SEVERAL_FEES] == codes(acceptance)


def test_every_verdict_that_needs_a_look_has_its_warning() -> None:
    def warning_of(order: Order, *quotes: object) -> list[WarningCode]:
        return codes(recognised(order, a_session(*quotes)))  # type: ignore[arg-type]

    stale = (a_quote(1_98, ordinal=1), a_quote(ordinal=2))
    assert [WarningCode.FEE_STALE] == warning_of(an_order(a_fee(3_98)), *stale)
    assert [WarningCode.FEE_ALTERED] == warning_of(an_order(a_fee(9_99)), a_quote())
    assert [WarningCode.FEE_MODE_MISMATCH] == warning_of(
        an_order(a_fee(2_98, [RETURN_COVERAGE])), a_quote()
    )
    assert [WarningCode.FEE_CURRENCY_MISMATCH] == warning_of(
        an_order(a_fee(4_98, currency=EUR)), a_quote()
    )
    assert [] == warning_of(an_order(a_fee(4_97)), a_quote())


def test_what_was_judged_when_the_order_came_stays_judged() -> None:
    # Given an exact fee, after which the session went on to another cart
    first = recognised(an_order(a_fee()), a_session(a_quote(ordinal=1)))
    later = a_session(a_quote(ordinal=1), a_quote(9_99, ordinal=2))

    # When the order is pushed again, say because it was shipped
    again = recognised(an_order(a_fee()), later, first)

    # Then the fee is as exact as it was
    assert (FeeVerdict.EXACT, a_quote(ordinal=1)) == (again.verdict, again.quote)


def test_a_changed_fee_is_judged_anew() -> None:
    first = recognised(an_order(a_fee()), a_session(a_quote()))

    again = recognised(an_order(a_fee(9_99)), a_session(a_quote()), first)

    assert FeeVerdict.ALTERED is again.verdict


def test_a_fee_added_to_a_declined_order_is_judged() -> None:
    first = recognised(an_order(), a_session(a_quote()))

    assert FeeVerdict.EXACT is recognised(an_order(a_fee()), a_session(a_quote()), first).verdict


def test_naming_another_session_than_before_is_told() -> None:
    first = recognised(an_order(a_fee()), a_session(a_quote()))

    moved = recognised(an_order(a_fee()), a_session(a_quote(), id=OTHER_SESSION), first)
    lost = recognised(an_order(a_fee(), session_text=None), None, first)

    assert [WarningCode.SESSION_CHANGED] == codes(moved)
    assert [WarningCode.SESSION_MISSING, WarningCode.SESSION_CHANGED] == codes(lost)
    assert SESSION in lost.warnings[-1].message


def test_an_order_that_ended_and_let_go_of_its_session_keeps_its_verdict() -> None:
    # Given an exact fee, and then a cancellation, after which another order took the session
    first = replace(recognised(an_order(a_fee()), a_session(a_quote())), session=None)
    elsewhere = a_session(a_quote(), linked_order=OrderId(1))
    cancelled = an_order(a_fee(), status=OrderStatus.CANCELLED)

    # When the cancelled order is pushed again
    again = recognised(cancelled, elsewhere, first)

    # Then nobody needs to look at it
    assert (FeeVerdict.EXACT, a_quote(), None) == (again.verdict, again.quote, again.session)
    assert [] == codes(again)
    assert FeeVerdict.UNLINKED is recognised(an_order(a_fee()), elsewhere, first).verdict
    other_fee = an_order(a_fee(9_99), status=OrderStatus.CANCELLED)
    assert FeeVerdict.UNLINKED is recognised(other_fee, elsewhere, first).verdict


def test_an_order_without_a_fee_that_let_go_of_its_session_keeps_its_outcome() -> None:
    cancelled = an_order(status=OrderStatus.CANCELLED)
    first = replace(recognised(cancelled, a_session()), session=None)
    elsewhere = a_session(linked_order=OrderId(1))

    assert AcceptanceOutcome.NOT_SHOWN is recognised(cancelled, elsewhere, first).outcome
    accepted = recognised(an_order(a_fee()), a_session(a_quote()))
    assert AcceptanceOutcome.DECLINED is recognised(cancelled, elsewhere, accepted).outcome


def test_a_fee_in_the_wrong_unit_is_told_the_factor_and_what_to_send() -> None:
    def told(amount: int) -> str:
        acceptance = recognised(an_order(a_fee(amount)), a_session(a_quote()))
        assert FeeVerdict.ALTERED is acceptance.verdict
        [warning] = acceptance.warnings
        return warning.message

    assert "4 looks like major units" in told(4)
    assert "It is 100 times the quote" in told(498_00)
    assert 'Send 498, or "4.98".' in told(4)
    assert "Send" not in told(9_99)


def test_a_currency_without_decimals_has_no_factor() -> None:
    yen = parse_currency("JPY")
    quote = a_quote(298, 200, currency=yen)

    acceptance = recognised(an_order(a_fee(5, currency=yen)), a_session(quote))

    assert FeeVerdict.ALTERED is acceptance.verdict
    assert "Send" not in acceptance.warnings[0].message


def test_a_session_in_a_wrong_place_is_told_with_and_without_a_fee() -> None:
    for fees in ((a_fee(),), ()):
        order = an_order(*fees, session_text=None, misplaced_session="fees.0.session_id")

        [warning] = recognised(order, None).warnings

        assert WarningCode.SESSION_MISSING is warning.code
        assert "fees.0.session_id has a session id" in warning.message


def test_an_unknown_session_is_told_apart_from_a_misspelt_one() -> None:
    unknown = recognised(an_order(a_fee()), None).warnings[0].message
    misspelt = recognised(an_order(a_fee(), session_text="lop_1"), None).warnings[0].message

    assert "Analyse the cart before the order is placed" in unknown
    assert "lop_ and 20 letters or digits" in misspelt
