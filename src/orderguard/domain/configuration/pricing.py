"""Price protection for a cart: price plans and the arithmetic behind them (contract §5).

Everything is integer arithmetic. During the calculation a price is in ten-thousandths of a minor
unit, so that a rate in basis points stays exact until the one rounding at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, NamedTuple

from orderguard.domain.configuration.rule import Condition, RuleFacts
from orderguard.domain.configuration.setting import Group, Setting, a_rate, an_amount
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.money import BASIS_POINTS, Currency, Money, Rounding, divide, exponent

Amounts = Mapping[Currency, int]
"""Minor units per currency."""


class ComponentKind(StrEnum):
    """A step of the arithmetic, as `metadata.priceBreakdown` names it (contract §3)."""

    BASE = "base"
    PERCENTAGE = "percentage"
    TIER = "tier"
    ADJUSTMENT = "adjustment"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    ROUNDING = "rounding"


_BASE = ComponentKind.BASE
_PERCENTAGE = ComponentKind.PERCENTAGE
_ROUNDING = ComponentKind.ROUNDING


class PriceComponent(NamedTuple):
    """The amount that one step adds to a mode's price, in minor units; may be negative.

    `basis` with `rate_bps`, or `item_count` with `amount_per_item`, are the inputs of the step.
    A tuple, because several are made on every analysis.
    """

    kind: ComponentKind
    amount: int
    rate_bps: int | None = None
    basis: int | None = None
    item_count: int | None = None
    amount_per_item: int | None = None


@dataclass(frozen=True, slots=True)
class ModePrice:
    """The price of one coverage mode, a part of the charge. The components add up to the amount."""

    mode: CoverageMode
    price: Money
    components: tuple[PriceComponent, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A bracket of the basis: a fixed amount, or a rate of the whole basis.

    `up_to` is inclusive; None means everything above the tiers before it.
    """

    up_to: Annotated[
        int | None, an_amount("Goods up to", meaning="Left out in the last tier, and only there.")
    ]
    amount: Annotated[
        int | None, an_amount("Adds", meaning="The amount, for goods in this tier.")
    ] = None
    rate_bps: Annotated[int | None, a_rate("Or adds", meaning="Of all covered goods.")] = None


AMOUNTS = Group(
    "Amounts",
    "The price is the base, plus the percentage, the tiers or an amount per piece; not below the "
    "minimum, not above the maximum; then rounded, to steps or up to the next ending such as 0.98.",
)


@dataclass(frozen=True, slots=True)
class RoundingPolicy:
    """The last step: to a multiple of `step`, or up to the next amount that ends in `ending`.

    Amounts are minor units per currency. A currency with neither is rounded to whole minor units.
    """

    direction: Annotated[
        Rounding,
        Setting(
            "Between two steps, round",
            labels={
                Rounding.HALF_UP: "To the nearer one; from the middle, up",
                Rounding.HALF_EVEN: "To the nearer one; from the middle, to the even one",
                Rounding.UP: "Up",
                Rounding.DOWN: "Down",
            },
        ),
    ] = Rounding.HALF_UP
    step: Annotated[
        Amounts,
        an_amount(
            "In steps of", meaning="The price becomes a multiple of this.", minimum=1, group=AMOUNTS
        ),
    ] = field(default_factory=dict)
    ending: Annotated[
        Amounts,
        an_amount(
            "Or ending in",
            meaning="The price is raised to the next one that ends in this: 98 for x.98.",
            group=AMOUNTS,
        ),
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePlan:
    """How one mode is priced for the carts of which `when` holds; None means for all."""

    when: Annotated[
        Condition | None,
        Setting(
            "For carts of which this holds",
            "A condition as in a rule; it may look at basis and cohort, too. A plan without one "
            "is for all carts.",
            condition="plan",
        ),
    ] = None
    rate_bps: Annotated[
        int | None,
        a_rate("Percentage of the covered goods", "Such as 1.5.", meaning="After discounts."),
    ] = None
    base: Annotated[
        Amounts,
        an_amount("Base", meaning="A fixed amount that the price begins with.", group=AMOUNTS),
    ] = field(default_factory=dict)
    per_item: Annotated[
        Amounts,
        an_amount(
            "Per piece",
            meaning="Instead of a percentage: this for each covered piece.",
            group=AMOUNTS,
        ),
    ] = field(default_factory=dict)
    minimum: Annotated[
        Amounts, an_amount("Minimum", meaning="The price is not below this.", group=AMOUNTS)
    ] = field(default_factory=dict)
    maximum: Annotated[
        Amounts, an_amount("Maximum", meaning="The price is not above this.", group=AMOUNTS)
    ] = field(default_factory=dict)
    rounding: Annotated[
        RoundingPolicy, Setting("Rounding", meaning="The last step: to steps, or up to an ending.")
    ] = field(default_factory=RoundingPolicy)
    tiers: Annotated[
        Mapping[Currency, tuple[Tier, ...]],
        Setting(
            "Tiers",
            "Instead of a percentage: what is added depends on how much is covered. The last tier "
            "has no upper end.",
            at_most=100,
            word="tier",
            is_flat=True,
        ),
    ] = field(default_factory=dict)
    currencies: frozenset[Currency] | None = field(init=False, repr=False, compare=False)
    """The currencies that every part set per currency has; None when no part is set so.

    A bare rate works in any currency; a minimum or maximum is optional in each.
    """
    fixed_prices: dict[tuple[CoverageMode, Currency], ModePrice] = field(
        init=False, repr=False, compare=False
    )
    """The prices that depend on nothing but the currency, once they have been worked out."""

    def __post_init__(self) -> None:
        parts = [frozenset(part) for part in (self.base, self.tiers, self.per_item) if part]
        currencies = frozenset.intersection(*parts) if parts else None
        object.__setattr__(self, "currencies", currencies)
        object.__setattr__(self, "fixed_prices", {})

    @property
    def is_fixed(self) -> bool:
        """Whether the price is the same for every cart in a currency."""
        return self.rate_bps is None and not self.tiers and not self.per_item

    def can_price(self, currency: Currency) -> bool:
        """Whether the plan has a price in this currency."""
        return self.currencies is None or currency in self.currencies


def price_mode(
    mode: CoverageMode, plans: tuple[PricePlan, ...], facts: RuleFacts, *, item_count: int
) -> ModePrice | None:
    """The price of a mode by the first plan that applies; None when none does.

    `facts.basis` is the value to be covered in minor units, `item_count` the number of pieces.
    Raises `RuleFailed` when a plan's condition does.
    """
    plan = plan_that_applies(plans, facts)
    if plan is None:
        return None
    return price_by_plan(mode, plan, facts.cart.currency, basis=facts.basis, item_count=item_count)


def plan_that_applies(plans: tuple[PricePlan, ...], facts: RuleFacts) -> PricePlan | None:
    """The first plan whose condition holds; one without the cart's currency is passed over.

    Raises `RuleFailed`.
    """
    for plan in plans:
        if plan.can_price(facts.cart.currency) and (plan.when is None or plan.when.holds(facts)):
            return plan
    return None


def sum_of_prices(prices: Sequence[ModePrice]) -> Money:
    """The sum of the prices of all modes; there is at least one."""
    total = prices[0].price
    for price in prices[1:]:
        total += price.price
    return total


def price_by_plan(
    mode: CoverageMode, plan: PricePlan, currency: Currency, *, basis: int, item_count: int
) -> ModePrice:
    """The price of a mode by this plan.

    `basis` is the value to be covered in minor units, `item_count` the number of pieces.
    """
    if not plan.is_fixed:
        return _worked_out(mode, plan, currency, basis=basis, item_count=item_count)
    price = plan.fixed_prices.get((mode, currency))
    if price is None:
        price = _worked_out(mode, plan, currency, basis=basis, item_count=item_count)
        plan.fixed_prices[mode, currency] = price
    return price


def _worked_out(
    mode: CoverageMode, plan: PricePlan, currency: Currency, *, basis: int, item_count: int
) -> ModePrice:
    """The arithmetic of one plan: base, share, minimum, maximum, rounding (contract §5)."""
    sum_ = _Sum(plan.rounding.direction)
    if base := plan.base.get(currency):
        sum_.add(PriceComponent(_BASE, base))
    if plan.rate_bps is not None:
        sum_.add_share(_PERCENTAGE, rate_bps=plan.rate_bps, basis=basis)
    if tiers := plan.tiers.get(currency):
        _add_tier(sum_, tiers, basis)
    if per_item := plan.per_item.get(currency):
        sum_.add(
            PriceComponent(
                ComponentKind.ADJUSTMENT,
                per_item * item_count,
                item_count=item_count,
                amount_per_item=per_item,
            )
        )
    minimum = plan.minimum.get(currency)
    if minimum is not None and sum_.exact < minimum * BASIS_POINTS:
        sum_.settle(ComponentKind.MINIMUM, minimum)
    maximum = plan.maximum.get(currency)
    if maximum is not None and sum_.exact > maximum * BASIS_POINTS:
        sum_.settle(ComponentKind.MAXIMUM, maximum)
    sum_.settle(_ROUNDING, _rounded(sum_.exact, plan.rounding, currency))
    return ModePrice(mode, Money(sum_.shown, currency), tuple(sum_.components))


class _Sum:
    """A price during the calculation: exact, in ten-thousandths, and the whole units so far."""

    __slots__ = ("components", "exact", "rounding", "shown")

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        self.exact = 0
        self.shown = 0
        self.components: list[PriceComponent] = []

    def add(self, component: PriceComponent) -> None:
        self.exact += component.amount * BASIS_POINTS
        self._show(component)

    def add_share(self, kind: ComponentKind, *, rate_bps: int, basis: int) -> None:
        share = rate_bps * basis
        self.exact += share
        amount = divide(share, BASIS_POINTS, self.rounding)
        self._show(PriceComponent(kind, amount, rate_bps, basis))

    def settle(self, kind: ComponentKind, amount: int) -> None:
        """Set the price to `amount`; the difference becomes this step's component."""
        self.exact = amount * BASIS_POINTS
        if difference := amount - self.shown:
            self._show(PriceComponent(kind, difference))

    def _show(self, component: PriceComponent) -> None:
        if component.amount:
            self.shown += component.amount
            self.components.append(component)


def _add_tier(sum_: _Sum, tiers: tuple[Tier, ...], basis: int) -> None:
    tier = next(tier for tier in tiers if tier.up_to is None or basis <= tier.up_to)
    if tier.amount is not None:
        sum_.add(PriceComponent(ComponentKind.TIER, tier.amount, basis=basis))
    if tier.rate_bps is not None:
        sum_.add_share(ComponentKind.TIER, rate_bps=tier.rate_bps, basis=basis)


def _rounded(exact: int, policy: RoundingPolicy, currency: Currency) -> int:
    if policy.ending and (ending := policy.ending.get(currency)) is not None:
        return _next_ending_in(ending, exact, modulus=ending_modulus(ending, currency))
    step = policy.step.get(currency, 1) if policy.step else 1
    return step * divide(exact, step * BASIS_POINTS, policy.direction)


def ending_modulus(ending: int, currency: Currency) -> int:
    """The period of an ending: the major unit, or more when the ending has more digits.

    98 repeats after 100 in USD (x.98) and in JPY (¥198, ¥298).
    """
    return int(10 ** max(exponent(currency), len(str(ending))))


def _next_ending_in(ending: int, exact: int, *, modulus: int) -> int:
    at_least = divide(exact, BASIS_POINTS, Rounding.UP)
    return at_least + (ending - at_least) % modulus
