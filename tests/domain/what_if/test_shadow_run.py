"""Replaying sessions against a draft, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import assign_arm
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.money import EUR, USD
from orderguard.domain.offers.offer import make_offer
from orderguard.domain.what_if.shadow_report import (
    EXAMPLES_AT_MOST,
    CurrencyReport,
    Flip,
    ShadowTally,
)
from orderguard.domain.what_if.shadow_run import (
    SILENT_AFTER,
    Replay,
    ShadowRun,
    ShadowRunId,
    ShadowRunStatus,
    StoredAnswer,
)
from tests.support.builders import a_cart, a_configuration, a_line

R = EligibilityReason
AT = datetime(2026, 4, 23, tzinfo=UTC)
HOLDOUT = {
    "key": "holdout",
    "status": "running",
    "arms": [
        {"name": "treatment", "weight": 1},
        {"name": "control", "weight": 1, "suppress": True},
    ],
}


def session(number: int) -> SessionId:
    return SessionId(f"lop_{number:020}")


def priced(returns: int, **changes: Any) -> MerchantConfiguration:
    """Both modes, shipping protection at 2.00."""
    pricing = {
        "returnCoverage": [{"base": {"USD": returns, "EUR": returns}}],
        "shippingProtection": [{"base": {"USD": 2_00, "EUR": 2_00}}],
    }
    return a_configuration(pricing=pricing, currencies=["USD", "EUR"], **changes)


def answered(
    cart: Cart, configuration: MerchantConfiguration, *, number: int = 1, accepted: bool = False
) -> StoredAnswer:
    offer = make_offer(cart, configuration)
    return StoredAnswer(session(number), AT, cart, offer, configuration.version, accepted)


def replayed(
    published: MerchantConfiguration | None,
    draft: MerchantConfiguration,
    *answers: StoredAnswer,
) -> ShadowTally:
    tally = ShadowTally()
    replay = Replay(published, draft)
    for answer in answers:
        replay.add(answer, tally)
    return tally


def only(tally: ShadowTally) -> CurrencyReport:
    (currency,) = tally.report().currencies
    return currency


def moved(report: CurrencyReport) -> dict[int | None, int]:
    return {band.up_to_bps: band.sessions for band in report.bands if band.sessions}


def test_the_same_configuration_changes_nothing() -> None:
    ours = priced(3_00)

    report = replayed(ours, ours, answered(a_cart(), ours)).report()

    assert (1, 1, 0, ()) == (report.sessions, report.unchanged, report.unreadable, report.flips)
    assert {0: 1} == moved(report.currencies[0])


def test_carts_that_would_lose_and_gain_the_offer_are_told_by_their_reasons() -> None:
    published = priced(3_00, limits={"USD": {"subtotal_minimum": 20_00}})
    draft = priced(3_00, limits={"USD": {"subtotal_maximum": 30_00}})
    poor, rich = a_cart(a_line(10_00)), a_cart(a_line(40_00))

    tally = replayed(
        published,
        draft,
        answered(poor, published, number=1),
        answered(rich, published, number=2),
        answered(rich, published, number=3),
    )

    loss, gain = tally.report().flips
    assert Flip(R.ELIGIBLE, R.CART_TOO_VALUABLE, 2, (session(2), session(3))) == loss
    assert Flip(R.CART_TOTAL_TOO_LOW, R.ELIGIBLE, 1, (session(1),)) == gain
    assert (True, False, False, True) == (loss.loses, loss.gains, gain.loses, gain.gains)


def test_another_reason_for_hiding_is_a_flip_without_a_price() -> None:
    published = priced(3_00, limits={"USD": {"subtotal_minimum": 100_00}})

    report = replayed(
        published, priced(3_00, enabled=False), answered(a_cart(), published)
    ).report()

    assert [R.ORDER_PROTECTION_DISABLED] == [flip.after for flip in report.flips]
    assert () == report.currencies
    assert 0 == report.unchanged


@pytest.mark.parametrize(
    ("before", "after", "band"),
    [
        (3_00, 3_00, 0),
        (8_00, 8_01, 500),
        (8_00, 8_50, 500),
        (8_00, 8_51, 1_000),
        (8_00, 13_00, 5_000),
        (8_00, 13_01, None),
        (8_00, 7_99, -1),
        (8_00, 7_50, -500),
        (8_00, 3_00, -5_000),
        (999_998_00, 999_998_01, 500),
        (999_998_00, 999_997_99, -1),
    ],
)
def test_a_price_falls_into_the_band_of_its_movement(
    before: int, after: int, band: int | None
) -> None:
    published = priced(before)

    tally = replayed(published, priced(after), answered(a_cart(), published))

    assert {band: 1} == moved(only(tally))


def test_a_mode_that_comes_at_the_same_price_is_a_change() -> None:
    published = priced(3_00)
    single = a_configuration(
        modes=["returnCoverage"], pricing={"returnCoverage": [{"base": {"USD": 5_00}}]}
    )

    report = replayed(published, single, answered(a_cart(), published)).report()

    assert 0 == report.unchanged
    assert {0: 1} == moved(report.currencies[0])


def test_revenue_is_what_is_offered_times_the_share_that_was_accepted() -> None:
    published = priced(3_00)
    answers = [answered(a_cart(), published, number=n, accepted=n == 1) for n in range(4)]

    report = only(replayed(published, priced(4_00), *answers))

    assert (4 * 5_00, 4 * 6_00) == (report.offered_before, report.offered_after)
    assert (2_500, 5_00, 6_00) == (
        report.attach_rate_bps,
        report.revenue_before,
        report.revenue_after,
    )


def test_an_accepted_offer_of_a_cart_that_was_hidden_later_is_no_attachment() -> None:
    published = priced(3_00, limits={"USD": {"subtotal_minimum": 100_00}})

    report = only(replayed(published, priced(3_00), answered(a_cart(), published, accepted=True)))

    assert (0, None, None) == (report.accepted, report.revenue_before, report.attach_rate_bps)


def test_currencies_are_told_apart_and_in_order() -> None:
    ours = priced(3_00)

    report = replayed(
        ours, ours, answered(a_cart(), ours), answered(a_cart(currency=EUR), ours, number=2)
    ).report()

    assert [EUR, USD] == [each.currency for each in report.currencies]


def test_a_few_sessions_are_kept_behind_each_number() -> None:
    published = priced(3_00)
    answers = [answered(a_cart(), published, number=n) for n in range(EXAMPLES_AT_MOST + 5)]

    (flip,) = replayed(published, priced(3_00, enabled=False), *answers).report().flips

    assert EXAMPLES_AT_MOST + 5 == flip.sessions
    assert tuple(session(n) for n in range(EXAMPLES_AT_MOST)) == flip.examples


def test_what_an_older_version_answered_is_not_held_against_the_draft() -> None:
    old = replace(priced(9_00), version=ConfigurationVersion(1))
    published = replace(priced(3_00), version=ConfigurationVersion(2))

    report = replayed(published, priced(3_00), answered(a_cart(), old)).report()

    assert 1 == report.unchanged


def test_before_the_first_publication_every_cart_was_hidden() -> None:
    answer = StoredAnswer(session(1), AT, a_cart(), make_offer(a_cart(), None), None)

    (flip,) = replayed(None, priced(3_00), answer).report().flips

    assert (R.CONFIGURATION_MISSING, R.ELIGIBLE) == (flip.before, flip.after)


def test_what_cannot_be_read_is_counted_apart() -> None:
    ours = priced(3_00)
    answer = replace(answered(a_cart(), ours), cart=None)

    tally = replayed(ours, ours, answer)

    assert (1, 0, 1) == (tally.replayed, tally.report().sessions, tally.report().unreadable)


def test_a_cart_that_breaks_the_decision_does_not_end_the_run() -> None:
    ours = priced(3_00)
    broken = replace(answered(a_cart(), ours), cart=a_cart(region=None, lines=None, item_count=0))

    (flip,) = replayed(ours, ours, broken, answered(a_cart(), ours)).report().flips

    assert R.SYSTEM_ERROR is flip.after


def test_sessions_stay_in_their_arms_and_others_stay_out() -> None:
    draft = priced(3_00, experiments=[HOLDOUT])
    experiment = draft.running_experiment
    assert experiment is not None
    control = next(n for n in range(99) if assign_arm(experiment, session(n)).suppress)
    took_part = answered(a_cart(), priced(3_00), number=control)
    took_part = replace(took_part, offer=replace(took_part.offer, cohort="control"))
    stayed_out = answered(a_cart(), priced(3_00), number=control)

    report = replayed(priced(3_00), draft, took_part, stayed_out).report()

    assert [R.AB_TEST_CONTROL_GROUP] == [flip.after for flip in report.flips]
    assert 1 == report.unchanged


def a_run(**changes: Any) -> ShadowRun:
    values: dict[str, Any] = {
        "merchant": MerchantId("mer_a"),
        "id": ShadowRunId("shr_a"),
        "draft": None,
        "source": "",
        "last": 5_000,
        "status": ShadowRunStatus.RUNNING,
        "replayed": 0,
        "started_at": AT,
        "progressed_at": AT,
        "started_by": "a tester",
    }
    return ShadowRun(**(values | changes))


@pytest.mark.parametrize(
    ("status", "silence", "expected"),
    [
        (ShadowRunStatus.RUNNING, timedelta(0), ShadowRunStatus.RUNNING),
        (ShadowRunStatus.RUNNING, SILENT_AFTER, ShadowRunStatus.FAILED),
        (ShadowRunStatus.DONE, SILENT_AFTER, ShadowRunStatus.DONE),
    ],
)
def test_a_run_that_falls_silent_has_failed(
    status: ShadowRunStatus, silence: timedelta, expected: ShadowRunStatus
) -> None:
    assert expected is a_run(status=status).status_at(AT + silence)
