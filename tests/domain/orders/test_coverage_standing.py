"""Whether an order is covered, in the words that a person reads first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION
from orderguard.domain.ids import CoverageId, MerchantId, OrderId
from orderguard.domain.money import Currency, Money
from orderguard.domain.orders.acceptance import Acceptance, AcceptanceOutcome, OrderWarning
from orderguard.domain.orders.coverage import Coverage, CoverageScope, CoverageState, VoidReason
from orderguard.domain.orders.coverage_standing import _BECAUSE, Standing, Tone, standing_of
from orderguard.domain.orders.order import OrderStatus
from orderguard.domain.orders.order_record import OrderRecord

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BOUGHT = Acceptance(outcome=AcceptanceOutcome.ACCEPTED, modes=(RETURN_COVERAGE,))
COVERAGE = Coverage(
    id=CoverageId(1),
    order=OrderId(1),
    mode=RETURN_COVERAGE,
    state=CoverageState.ACTIVE,
    scope=CoverageScope((), Money(50_00, Currency("USD"))),
    active_from=NOON - DAY,
    expires_at=NOON + 30 * DAY,
    history=(),
)


def a_record(acceptance: Acceptance = BOUGHT, **document: Any) -> OrderRecord:
    return OrderRecord(
        merchant=MerchantId("mer_1"),
        id=OrderId(1),
        external_id="1001",
        status=OrderStatus.ACTIVE,
        stands=True,
        document={"status": "active"} | document,
        acceptance=acceptance,
        configuration_version=None,
        revision=1,
        received_at=NOON,
        changed_at=NOON,
    )


def voided(reason: VoidReason) -> Coverage:
    return replace(COVERAGE, state=CoverageState.VOIDED, void_reason=reason)


def warned(code: Any, outcome: AcceptanceOutcome = AcceptanceOutcome.DECLINED) -> Acceptance:
    return Acceptance(outcome=outcome, warnings=(OrderWarning(code, "Look."),))


def test_an_order_is_covered_until_its_last_coverage_ends() -> None:
    longer = replace(COVERAGE, mode=SHIPPING_PROTECTION, expires_at=NOON + 60 * DAY)

    found = standing_of(a_record(), [COVERAGE, longer], at=NOON)

    assert Standing(Tone.COVERED, until=NOON + 60 * DAY) == found
    assert found.is_covered


def test_one_coverage_that_stands_is_enough() -> None:
    assert standing_of(a_record(), [voided(VoidReason.FEE_REFUNDED), COVERAGE], at=NOON).is_covered


@pytest.mark.parametrize("reason", VoidReason)
def test_every_reason_has_its_words(reason: VoidReason) -> None:
    found = standing_of(a_record(), [voided(reason)], at=NOON)

    assert Standing(Tone.NOT_COVERED, reason=_BECAUSE[reason]) == found


def test_of_several_reasons_the_gravest_is_told() -> None:
    both = [voided(VoidReason.FEE_REFUNDED), voided(VoidReason.ORDER_CANCELLED)]

    assert "the order was cancelled" == standing_of(a_record(), both, at=NOON).reason


def test_a_coverage_that_has_run_out_covers_nothing() -> None:
    found = standing_of(a_record(), [COVERAGE], at=COVERAGE.expires_at)

    assert Standing(Tone.NOT_COVERED, reason="coverage ended on 2 Dec 2026") == found


def test_a_coverage_of_nothing_covers_nothing_and_may_be_wrong() -> None:
    nothing = replace(COVERAGE, scope=CoverageScope((), Money(0, Currency("USD"))))

    found = standing_of(a_record(), [nothing], at=NOON)

    assert Standing(Tone.LOOK, reason="none of its lines is worth anything to cover") == found


@pytest.mark.parametrize(
    ("record", "tone", "reason"),
    [
        (a_record(status="pending"), Tone.NOT_COVERED, "not paid yet"),
        (a_record(status="cancelled"), Tone.NOT_COVERED, "the order was cancelled"),
        (a_record(status=["odd"]), Tone.LOOK, "bought protection, and no line is covered"),
        (a_record(), Tone.LOOK, "the customer bought protection, and no line is covered"),
        (a_record(warned("fee_unrecognised")), Tone.LOOK, "does not say which protection"),
        (a_record(warned("several_fees")), Tone.NOT_COVERED, "did not buy protection"),
        (
            a_record(Acceptance(outcome=AcceptanceOutcome.NOT_SHOWN)),
            Tone.NOT_COVERED,
            "no protection was offered",
        ),
    ],
)
def test_an_order_without_coverage_says_why(record: OrderRecord, tone: Tone, reason: str) -> None:
    found = standing_of(record, [], at=NOON)

    assert tone is found.tone
    assert reason in found.reason
