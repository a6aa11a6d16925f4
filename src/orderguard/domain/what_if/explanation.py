"""Explain an offer: every check with the values it compared, and every step of the price.

For debug blocks and for the console; the decision itself does not use this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.pricing import ModePrice, price_mode
from orderguard.domain.configuration.rule import RuleFailed
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.offers.eligibility import CHECKS, Inspection


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """One check, whether the cart passed it, and the values it compared."""

    reason: EligibilityReason
    passed: bool
    compared: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """A line that is not covered, and the matcher that excludes it."""

    line_id: str
    because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The full explanation of one decision. `prices` is set also when the offer is hidden.

    `unpriced` are modes that no price plan applied to; `failure` names a plan that failed.
    """

    checks: tuple[CheckVerdict, ...]
    excluded_lines: tuple[LineVerdict, ...] = ()
    coverage_lines: tuple[LineVerdict, ...] = ()
    basis: int = 0
    item_count: int = 0
    cohort: str | None = None
    prices: tuple[ModePrice, ...] = ()
    unpriced: tuple[CoverageMode, ...] = ()
    failure: RuleFailed | None = None
    configuration: MerchantConfiguration | None = None


def explain_offer(
    cart: Cart, configuration: MerchantConfiguration | None, *, cohort: str | None = None
) -> Explanation:
    """Run all checks, also after one has failed, and price the modes that are left."""
    missing = CheckVerdict(EligibilityReason.CONFIGURATION_MISSING, configuration is not None, {})
    if configuration is None:
        return Explanation((missing,))
    seen = Inspection(cart, configuration, cohort=cohort)
    verdicts = [
        CheckVerdict(check.reason, not check.applies(seen), check.compared(seen))
        for check in CHECKS
    ]
    prices, failure = _prices(seen)
    return Explanation(
        checks=(missing, *verdicts, _experiment_check(configuration, cohort)),
        excluded_lines=tuple(
            LineVerdict(line.id, str(configuration.exclusions.first_match(line)))
            for line in seen.excluded_lines
        ),
        coverage_lines=tuple(
            LineVerdict(line.id, str(configuration.coverage_products.first_match(line)))
            for line in seen.coverage_lines
        ),
        basis=seen.basis,
        item_count=seen.item_count,
        cohort=cohort,
        prices=tuple(price for price in prices if price),
        unpriced=tuple(mode for mode in seen.modes if mode not in {price.mode for price in prices}),
        failure=failure,
        configuration=configuration,
    )


def _experiment_check(configuration: MerchantConfiguration, cohort: str | None) -> CheckVerdict:
    experiment = configuration.running_experiment
    arms = experiment.arms if experiment else ()
    return CheckVerdict(
        EligibilityReason.AB_TEST_CONTROL_GROUP,
        passed=not any(arm.suppress for arm in arms if arm.name == cohort),
        compared={"experiment": experiment.key if experiment else None, "cohort": cohort},
    )


def _prices(seen: Inspection) -> tuple[list[ModePrice], RuleFailed | None]:
    found: list[ModePrice] = []
    for mode in seen.modes:
        plans = seen.configuration.pricing[mode]
        try:
            price = price_mode(mode, plans, seen.facts, item_count=seen.item_count)
        except RuleFailed as failure:
            return found, failure
        if price:
            found.append(price)
    return found, None
