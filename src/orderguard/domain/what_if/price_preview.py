"""Preview the prices of a few cart sizes, under a draft and under the published configuration.

Each price comes from `make_offer` for a sample cart; there is no second calculation that could
differ from checkout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orderguard.domain.cart import Cart, CartLine, Customer
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.pricing import ModePrice, plan_that_applies
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.money import Currency, Money, exponent
from orderguard.domain.offers.eligibility import Inspection
from orderguard.domain.offers.offer import Offer, make_offer
from orderguard.domain.region import Region

GOODS = (20, 50, 100, 500)
"""Values of carts, in hundreds of the minor unit or in major units, whichever is more: 20.00 USD,
20.000 KWD, 2,000 JPY."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """The shopper of the sample carts, with the facts that rules and plans may use.

    `arm` is an arm of an experiment.
    """

    region: Region
    groups: tuple[str, ...] = ()
    locale: str | None = None
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewedMode:
    """The price of a mode, and the plan that set it: its number, from 1, and its condition."""

    price: ModePrice
    plan: int
    when: str | None

    @property
    def mode(self) -> CoverageMode:
        return self.price.mode


@dataclass(frozen=True, slots=True)
class PreviewedOffer:
    """The offer for one sample cart. `because` names the rule that hides it, if a rule does."""

    reason: EligibilityReason
    charge: Money | None = None
    modes: tuple[PreviewedMode, ...] = ()
    because: str = ""

    def of(self, mode: CoverageMode) -> PreviewedMode | None:
        return next((each for each in self.modes if each.mode is mode), None)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One sample cart, with its offer under the draft and under the published configuration."""

    goods: Money
    draft: PreviewedOffer
    published: PreviewedOffer

    @property
    def change(self) -> Money | None:
        """The draft's price less the published one; None unless both show the offer."""
        if self.draft.charge is None or self.published.charge is None:
            return None
        return self.draft.charge + -self.published.charge

    @property
    def is_changed(self) -> bool:
        return self.draft != self.published


@dataclass(frozen=True, slots=True)
class CurrencyPreview:
    """The sample carts in one currency, the smallest first; empty when time ran out."""

    currency: Currency
    rows: tuple[PreviewRow, ...]


def price_preview(
    draft: MerchantConfiguration,
    published: MerchantConfiguration | None,
    shopper: Shopper,
    goes_on: Callable[[], bool] = lambda: True,
) -> tuple[CurrencyPreview, ...]:
    """Prices of sample carts of one piece, per currency of either configuration, sorted by code.

    Stops before a currency for which `goes_on` returns False; there can be over a hundred.
    """
    currencies = draft.currencies | (published.currencies if published else frozenset())
    return tuple(
        CurrencyPreview(
            currency,
            tuple(
                PreviewRow(
                    Money(cart.subtotal_amount, currency),
                    _previewed(cart, draft, shopper.arm),
                    _previewed(cart, published, shopper.arm),
                )
                for cart in (_carts(currency, shopper) if goes_on() else ())
            ),
        )
        for currency in sorted(currencies)
    )


def _carts(currency: Currency, shopper: Shopper) -> list[Cart]:
    unit = 10 ** max(exponent(currency), 2)
    return [_cart(goods * unit, currency, shopper) for goods in GOODS]


def _cart(amount: int, currency: Currency, shopper: Shopper) -> Cart:
    return Cart(
        platform="custom",
        region=shopper.region,
        currency=currency,
        lines=(CartLine("1", "preview", 1, amount, amount, "Preview"),),
        subtotal_amount=amount,
        total_discount_amount=0,
        discounted_subtotal_amount=amount,
        total_tax_amount=0,
        total_amount=amount,
        item_count=1,
        customer=Customer(groups=shopper.groups),
        locale=shopper.locale,
    )


def _previewed(
    cart: Cart, configuration: MerchantConfiguration | None, arm_name: str | None
) -> PreviewedOffer:
    if configuration is None:
        return PreviewedOffer(make_offer(cart, None).reason)
    arm = configuration.arm_named(arm_name)
    offer = make_offer(cart, configuration, arm)
    seen = Inspection(cart, configuration, cohort=arm.name if arm else None)
    return PreviewedOffer(
        reason=offer.reason,
        charge=offer.charge.amount if offer.charge else None,
        modes=tuple(_mode(price, seen) for price in offer.prices),
        because=_because(offer, seen),
    )


def _mode(price: ModePrice, seen: Inspection) -> PreviewedMode:
    plans = seen.configuration.pricing[price.mode]
    applied = plan_that_applies(plans, seen.facts)
    # By identity: two plans may say the same, and it is the first that was asked.
    number = next(number for number, plan in enumerate(plans, 1) if plan is applied)
    condition = plans[number - 1].when
    return PreviewedMode(price, number, condition.source if condition else None)


def _because(offer: Offer, seen: Inspection) -> str:
    if offer.eligible:
        return ""
    if offer.rule_failures:
        return str(offer.rule_failures[0])
    if seen.refusing_rule and offer.reason == (
        seen.refusing_rule.rule.reason or EligibilityReason.ELIGIBILITY_RULE_NOT_MET
    ):
        return f"Rule {seen.refusing_rule.rule.name!r}"
    return ""
