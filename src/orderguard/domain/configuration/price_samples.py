"""Sample the amounts that a configuration's offers can come to, for warnings at publication.

Constants, tiers, endings, minimums and maximums are computed exactly. The result of a percentage
depends on the cart, and is sampled as `ANY_AMOUNT`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from orderguard.domain.configuration.configuration import MerchantConfiguration, PickupPolicy
from orderguard.domain.configuration.pricing import PricePlan, ending_modulus, price_by_plan
from orderguard.domain.coverage_mode import RETURN_COVERAGE, SHIPPING_PROTECTION, CoverageMode
from orderguard.domain.money import Currency, exponent

ANY_AMOUNT = None

SAMPLES_AT_MOST = 20_000
"""Samples of one configuration: about a tenth of a second. Further amounts give no warnings."""

CONDITIONS_AT_MOST = 6
"""The most conditions whose combinations are tried; plans with further conditions are skipped."""

ENDINGS_UP_TO = 100
"""Major units up to which amounts with an ending are listed when there is no maximum."""

FAR = 10**12
"""A basis at which every maximum holds."""

_Plans = tuple[tuple[CoverageMode, PricePlan], ...]


def price_samples(configuration: MerchantConfiguration) -> Iterator[tuple[Currency, int | None]]:
    """Each currency, with each amount that a charge can be; `ANY_AMOUNT` stands for a range."""
    samples = (
        (currency, amount)
        for currency in sorted(configuration.currencies)
        for plans in _plans_together(configuration, currency)
        for amount in _amounts(plans, currency)
    )
    return islice(samples, SAMPLES_AT_MOST)


def _plans_together(configuration: MerchantConfiguration, currency: Currency) -> Sequence[_Plans]:
    """The plans that can price one cart together, one of each mode that is offered."""
    pricing = {
        mode: [plan for plan in configuration.pricing[mode] if plan.can_price(currency)]
        for mode in configuration.modes
    }
    found = [plan.when.source for plans in pricing.values() for plan in plans if plan.when]
    conditions = list(dict.fromkeys(found))[:CONDITIONS_AT_MOST]
    together: dict[tuple[int, ...], _Plans] = {}
    for answers in product((True, False), repeat=len(conditions)):
        holds = dict(zip(conditions, answers, strict=True))
        for modes in _offered_together(configuration):
            first = [(mode, _first_plan(pricing[mode], holds)) for mode in modes]
            plans = tuple([(mode, plan) for mode, plan in first if plan is not None])
            together[tuple(id(plan) for _, plan in plans)] = plans
    return [plans for plans in together.values() if plans]


def _offered_together(configuration: MerchantConfiguration) -> Iterator[tuple[CoverageMode, ...]]:
    """The sets of modes that a cart can be offered: all, and what pickups and rules leave."""
    yield configuration.modes
    if len(configuration.modes) == 1:
        return
    dropped = {rule.drop_mode for rule in configuration.rules}
    drops_shipping = configuration.pickup_policy is PickupPolicy.DROP_SHIPPING_PROTECTION
    if drops_shipping or SHIPPING_PROTECTION in dropped:
        yield (RETURN_COVERAGE,)
    if RETURN_COVERAGE in dropped:
        yield (SHIPPING_PROTECTION,)


def _first_plan(plans: Sequence[PricePlan], holds: Mapping[str, bool]) -> PricePlan | None:
    return next((p for p in plans if p.when is None or holds.get(p.when.source)), None)


def _amounts(plans: _Plans, currency: Currency) -> Iterator[int | None]:
    open_plans = [plan for _, plan in plans if _depends_on_cart(plan, currency)]
    yield _charge(plans, currency, 0)
    if all(currency in plan.maximum for plan in open_plans):
        yield _charge(plans, currency, FAR)
    if not open_plans:
        yield from (_charge(plans, currency, basis) for basis in _tier_bounds(plans, currency))
    elif len(plans) == 1 and currency in open_plans[0].rounding.ending:
        yield from _with_ending(plans, open_plans[0], currency)
    elif not all(_rounds_to_quarters(plan, currency) for _, plan in plans):
        yield ANY_AMOUNT


def _depends_on_cart(plan: PricePlan, currency: Currency) -> bool:
    """Whether the price is a share of the cart, or counts its pieces."""
    has_rate = any(tier.rate_bps is not None for tier in plan.tiers.get(currency, ()))
    return has_rate or plan.rate_bps is not None or currency in plan.per_item


def _charge(plans: _Plans, currency: Currency, basis: int) -> int:
    prices = (price_by_plan(m, plan, currency, basis=basis, item_count=1) for m, plan in plans)
    return sum(price.price.amount for price in prices)


def _tier_bounds(plans: _Plans, currency: Currency) -> list[int]:
    """Both sides of each bound of a tier."""
    bounds = {
        tier.up_to
        for _, plan in plans
        for tier in plan.tiers.get(currency, ())
        if tier.up_to is not None
    }
    return sorted({*bounds, *(bound + 1 for bound in bounds)})


def _with_ending(plans: _Plans, plan: PricePlan, currency: Currency) -> Iterator[int]:
    first = _charge(plans, currency, 0)
    step = ending_modulus(plan.rounding.ending[currency], currency)
    limit = ENDINGS_UP_TO * 10 ** exponent(currency)
    if currency in plan.maximum:
        limit = min(limit, _charge(plans, currency, FAR))
    yield from range(first, limit + 1, step)


def _rounds_to_quarters(plan: PricePlan, currency: Currency) -> bool:
    """Whether all prices are quarters of the major unit, which binary fractions hold exactly."""
    quarter = max(10 ** exponent(currency) // 4, 1)
    ending = plan.rounding.ending.get(currency)
    step = plan.rounding.step.get(currency, 1)
    return bool((step if ending is None else ending) % quarter == 0)
