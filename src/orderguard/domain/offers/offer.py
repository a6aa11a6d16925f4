"""The outcome of an analysis: eligible with modes and a price, or ineligible with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import (
    ChargeMethod,
    ChargeProduct,
    MerchantConfiguration,
)
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.configuration.pricing import ModePrice, price_mode, sum_of_prices
from orderguard.domain.configuration.rule import RuleFailed
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import Money
from orderguard.domain.offers.eligibility import Ineligible, Inspection, decide


@dataclass(frozen=True, slots=True)
class ChargeInstructions:
    """Instructions for the integration: what to charge, and how (contract §3). Never zero."""

    amount: Money
    method: ChargeMethod
    product: ChargeProduct | None = None


@dataclass(frozen=True, slots=True)
class LeftOutLine:
    """A cart line that an offer does not cover: an excluded product or a coverage product.

    `line` is the line's id in the cart, which orders of most platforms do not repeat; the other
    fields identify the same goods in an order line.
    """

    line: str
    product_id: str
    variant_id: str | None = None
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """The offer to a shopper. `charge` and `prices` are set exactly when it is eligible.

    `prices` is in canonical mode order and adds up to the charge. `cohort` is the experiment arm,
    None when the session takes part in none. `left_out` are the cart lines that an eligible offer
    does not cover; they are kept with the session's quotes. `rule_failures` are for the log; they
    are not kept.
    """

    reason: EligibilityReason
    charge: ChargeInstructions | None = None
    prices: tuple[ModePrice, ...] = ()
    cohort: str | None = None
    left_out: tuple[LeftOutLine, ...] = field(default=(), compare=False)
    rule_failures: tuple[RuleFailed, ...] = field(default=(), compare=False)

    @property
    def eligible(self) -> bool:
        return self.charge is not None

    @property
    def modes(self) -> tuple[CoverageMode, ...]:
        return tuple([price.mode for price in self.prices])


_ELIGIBLE = EligibilityReason.ELIGIBLE  # an enumeration is slow to look into, thousands of times

SYSTEM_ERROR = Offer(EligibilityReason.SYSTEM_ERROR)
"""The offer when deciding failed unexpectedly: the shopper loses the offer, not the checkout."""


def make_offer(
    cart: Cart, configuration: MerchantConfiguration | None, arm: Arm | None = None
) -> Offer:
    """Decide and price. The same cart, configuration and arm always give the same offer.

    `arm` is the session's arm of the running experiment, None without consent. It counts only for
    carts that are otherwise eligible, so that the control group is comparable with the sessions
    that saw the offer (contract §4, §10).
    """
    if configuration is None:
        return Offer(EligibilityReason.CONFIGURATION_MISSING)
    seen = Inspection(cart, configuration, cohort=arm.name if arm else None)
    eligibility = decide(seen)
    if isinstance(eligibility, Ineligible):
        return Offer(eligibility.reason, rule_failures=eligibility.rule_failures)
    prices = price_offer(seen, eligibility.modes)
    if isinstance(prices, Ineligible):
        return Offer(prices.reason, rule_failures=prices.rule_failures)
    if arm and arm.suppress:
        return Offer(EligibilityReason.AB_TEST_CONTROL_GROUP, cohort=arm.name)
    return Offer(
        _ELIGIBLE,
        charge=_charge(prices, configuration),
        prices=prices,
        cohort=arm.name if arm else None,
        left_out=_left_out(seen) if seen.coverable_lines is not cart.lines else (),
    )


def price_offer(
    seen: Inspection, modes: tuple[CoverageMode, ...]
) -> tuple[ModePrice, ...] | Ineligible:
    """The price of each mode, or the reason for having no price.

    A mode to which no plan applies is not offered. An offer with a total of 0 is not made, because
    clients read a charge of 0 as no offer (contract §3).
    """
    try:
        found = [
            price_mode(
                mode, seen.configuration.pricing[mode], seen.facts, item_count=seen.item_count
            )
            for mode in modes
        ]
    except RuleFailed as failure:
        return Ineligible(EligibilityReason.RULE_EVALUATION_ERROR, (failure,))
    prices = tuple([price for price in found if price is not None])
    if not prices:
        return Ineligible(EligibilityReason.ELIGIBILITY_RULE_NOT_MET)
    if not any(price.price.amount for price in prices):
        return Ineligible(EligibilityReason.CART_TOTAL_TOO_LOW)
    return prices


def _left_out(seen: Inspection) -> tuple[LeftOutLine, ...]:
    lines = (*seen.excluded_lines, *seen.coverage_lines)
    return tuple(LeftOutLine(line.id, line.product_id, line.variant_id, line.sku) for line in lines)


def _charge(
    prices: tuple[ModePrice, ...], configuration: MerchantConfiguration
) -> ChargeInstructions:
    amount = sum_of_prices(prices)
    return ChargeInstructions(amount, configuration.charge_method, configuration.charge_product)
