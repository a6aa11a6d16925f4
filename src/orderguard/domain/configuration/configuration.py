"""A merchant's configuration: which carts get an offer, for what, at which price (contract §10).

Built by `reading.configuration_from_document`, which validates the document. A configuration that
exists is valid; nothing here is checked again at checkout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orderguard.domain.configuration.exclusion import LineMatchers
from orderguard.domain.configuration.experiment import Arm, Experiment
from orderguard.domain.configuration.pricing import PricePlan
from orderguard.domain.configuration.rule import Rule
from orderguard.domain.coverage_mode import (
    RETURN_COVERAGE,
    SHIPPING_PROTECTION,
    CoverageMode,
)
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.locale import locale_matches
from orderguard.domain.money import Currency


class ChargeMethod(StrEnum):
    """How the shop puts the charge on the order (contract §3)."""

    FEE = "fee"
    PRODUCT_LINE_ITEM = "product_line_item"


class LimitsBasis(StrEnum):
    """Which subtotal the limits are compared with."""

    SUBTOTAL = "subtotal"
    DISCOUNTED_SUBTOTAL = "discounted_subtotal"


class ExcludedItemPolicy(StrEnum):
    """The effect of an excluded line on the rest of the cart."""

    IGNORE_ITEMS = "ignore_items"
    REJECT_CART = "reject_cart"


class PickupPolicy(StrEnum):
    """The effect of pickup or local delivery for a merchant who offers shipping protection."""

    DROP_SHIPPING_PROTECTION = "drop_shipping_protection"
    REJECT_CART = "reject_cart"


@dataclass(frozen=True, slots=True)
class ChargeProduct:
    """The platform's product that stands for the charge, with method `product_line_item`."""

    id: str
    handle: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The subtotals between which carts are covered, in minor units; both are inclusive."""

    subtotal_minimum: int | None = None
    subtotal_maximum: int | None = None


NO_LIMITS = Limits()


DEFAULT_TERM_DAYS: Mapping[CoverageMode, int] = {RETURN_COVERAGE: 30, SHIPPING_PROTECTION: 60}
"""How long a mode covers when the configuration sets no term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantConfiguration:
    """One published version of a merchant's decisions."""

    version: ConfigurationVersion
    modes: tuple[CoverageMode, ...]
    currencies: frozenset[Currency]  # without currencies that ISO 4217 has withdrawn
    pricing: Mapping[CoverageMode, tuple[PricePlan, ...]]
    enabled: bool = True
    locales: tuple[str, ...] = ()
    charge_method: ChargeMethod = ChargeMethod.FEE
    charge_product: ChargeProduct | None = None
    limits_basis: LimitsBasis = LimitsBasis.SUBTOTAL
    excluded_item_policy: ExcludedItemPolicy = ExcludedItemPolicy.IGNORE_ITEMS
    pickup_policy: PickupPolicy = PickupPolicy.DROP_SHIPPING_PROTECTION
    exclude_b2b: bool = False
    coverage_products: LineMatchers = field(default_factory=LineMatchers)
    exclusions: LineMatchers = field(default_factory=LineMatchers)
    limits: Mapping[Currency, Limits] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    term_days: Mapping[CoverageMode, int] = field(default_factory=dict)
    provider_share_bps: int = 0
    """The part of every fee that is owed to the provider of the protection, in basis points."""

    @property
    def running_experiment(self) -> Experiment | None:
        """The one experiment that assigns arms now; there is never more than one."""
        return next((e for e in self.experiments if e.is_running), None)

    def arm_named(self, name: str | None) -> Arm | None:
        """The running experiment's arm of this name; None when there is none."""
        arms = self.running_experiment.arms if self.running_experiment else ()
        return next((arm for arm in arms if arm.name == name), None)

    def can_price(self, mode: CoverageMode, currency: Currency) -> bool:
        """Whether some price plan of the mode has a price in this currency."""
        return any(plan.can_price(currency) for plan in self.pricing[mode])

    def supports_locale(self, locale: str | None) -> bool:
        """Whether an offer may be made in this locale; an empty list, or none sent, means any."""
        if locale is None or not self.locales:
            return True
        return any(locale_matches(supported, locale) for supported in self.locales)

    def limits_in(self, currency: Currency) -> Limits:
        """The limits for carts of one currency; a currency without any is unlimited."""
        return self.limits.get(currency, NO_LIMITS)
