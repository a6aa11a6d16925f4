"""A merchant's configuration: which carts get an offer, for what, at which price (contract §10).

Built by `reading.configuration_from_document`, which validates the document. A configuration that
exists is valid; nothing here is checked again at checkout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, TypeVar

from orderguard.domain.configuration.exclusion import (
    LineConditions,
    LineMatchers,
    LineSorter,
)
from orderguard.domain.configuration.experiment import Arm, Experiment
from orderguard.domain.configuration.pricing import PricePlan
from orderguard.domain.configuration.rule import Rule
from orderguard.domain.configuration.setting import Part, Setting, a_rate, an_amount
from orderguard.domain.coverage_mode import (
    MODE_LABELS,
    RETURN_COVERAGE,
    SHIPPING_PROTECTION,
    CoverageMode,
    in_canonical_order,
)
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.locale import locale_matches, parse_locale
from orderguard.domain.money import Currency, is_listed, parse_currency

MATCHERS_AT_MOST = 5_000


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

    id: Annotated[
        str, Setting("Id of the charge product", "Only where the price is a product of its own.")
    ]
    handle: Annotated[
        str,
        Setting("Handle of the charge product", "Only where the price is a product of its own."),
    ]


@dataclass(frozen=True, slots=True)
class Limits:
    """The subtotals between which carts are covered, in minor units; both are inclusive."""

    subtotal_minimum: Annotated[
        int | None, an_amount("From", meaning="A smaller subtotal gets no offer.")
    ] = None
    subtotal_maximum: Annotated[
        int | None, an_amount("Up to", meaning="A larger subtotal gets no offer.")
    ] = None


NO_LIMITS = Limits()


DEFAULT_TERM_DAYS: Mapping[CoverageMode, int] = {RETURN_COVERAGE: 30, SHIPPING_PROTECTION: 60}
"""How long a mode covers when the configuration sets no term."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long one mode covers."""

    days: Annotated[
        int,
        Setting(
            "{mode} lasts",
            "{default} days, unless set.",
            unit="days",
            minimum=1,
            maximum=3_650,
            by_mode=DEFAULT_TERM_DAYS,
        ),
    ]


THE_OFFER = Part("offer", "The offer", "What shoppers are offered, and where.")
WHICH_CARTS = Part(
    "carts",
    "Which carts",
    "Carts outside of these get no offer. Nobody is ever kept from checking out.",
)
RULES = Part(
    "rules",
    "Rules",
    "Your own reasons not to make an offer, as conditions in CEL (cel.dev), such as "
    'region.country == "US". All of them are asked about every cart.',
)
PRICES = Part(
    "prices",
    "Prices",
    "For each kind of coverage, the first plan whose condition holds gives the price; so a plan "
    "for all carts goes last.",
)
EXPERIMENTS = Part(
    "experiments",
    "Experiments",
    "They measure what the offer does, by hiding it from some of the shoppers who agreed to take "
    "part, or by prices whose condition asks for the cohort.",
)
TERMS = Part("terms", "Terms", "How long a coverage lasts, and what is passed on.")


def _listed(currencies: tuple[Currency, ...]) -> frozenset[Currency]:
    return frozenset(filter(is_listed, currencies))


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantConfiguration:
    """A valid configuration of a merchant; fields are in the order of the form."""

    version: ConfigurationVersion
    enabled: Annotated[
        bool,
        Setting(
            "Make offers",
            "The master switch. When it is off, no cart gets an offer, whatever else stands here.",
            begins=THE_OFFER,
        ),
    ] = True
    modes: Annotated[
        tuple[CoverageMode, ...],
        Setting(
            "Coverage",
            "Return coverage pays for returns; shipping protection for parcels that are lost, "
            "stolen or damaged. A shopper buys all that remain for the cart, at one price.",
            labels=MODE_LABELS,
            into=in_canonical_order,
        ),
    ]
    currencies: Annotated[
        frozenset[Currency],  # without currencies that ISO 4217 has withdrawn
        Setting(
            "Currencies",
            "Three-letter codes with commas between them, such as USD, EUR. A cart in any other "
            "currency gets no offer.",
            meaning='Three-letter codes, such as ["USD", "EUR"]. A cart in any other currency gets '
            "no offer.",
            parse=parse_currency,
            at_most=200,
            into=_listed,
        ),
    ]
    locales: Annotated[
        tuple[str, ...],
        Setting(
            "Languages",
            "The languages the offer may be shown in, such as en, sv. en covers en-GB and en-US. "
            "None of them means any language.",
            parse=parse_locale,
            at_most=500,
        ),
    ] = ()
    charge_method: Annotated[
        ChargeMethod,
        Setting(
            "How the price gets onto the order",
            "WooCommerce, BigCommerce and custom shops use a fee. A product needs its id and "
            "handle.",
            labels={
                ChargeMethod.FEE: "As a fee",
                ChargeMethod.PRODUCT_LINE_ITEM: "As a product of its own",
            },
        ),
    ] = ChargeMethod.FEE
    charge_product: Annotated[
        ChargeProduct | None,
        Setting("Charge product", meaning="The platform's product that stands for the price."),
    ] = None
    limits_basis: Annotated[
        LimitsBasis,
        Setting(
            "The limits look at",
            labels={
                LimitsBasis.SUBTOTAL: "The subtotal before discounts",
                LimitsBasis.DISCOUNTED_SUBTOTAL: "The subtotal after discounts",
            },
            begins=WHICH_CARTS,
        ),
    ] = LimitsBasis.SUBTOTAL
    limits: Annotated[
        Mapping[Currency, Limits],
        Setting(
            "Smallest and largest cart",
            "A cart exactly on a limit is within it. A currency may have one limit, both or none.",
        ),
    ] = field(default_factory=dict)
    exclude_b2b: Annotated[
        bool,
        Setting(
            "No offer for business customers",
            "Carts of customers that the shop marks as businesses.",
        ),
    ] = False
    pickup_policy: Annotated[
        PickupPolicy,
        Setting(
            "A cart that is picked up, or delivered by you",
            "It has no parcel that a carrier could lose.",
            labels={
                PickupPolicy.DROP_SHIPPING_PROTECTION: "Is offered return coverage alone",
                PickupPolicy.REJECT_CART: "Gets no offer",
            },
        ),
    ] = PickupPolicy.DROP_SHIPPING_PROTECTION
    excluded_item_policy: Annotated[
        ExcludedItemPolicy,
        Setting(
            "A cart with excluded items",
            labels={
                ExcludedItemPolicy.IGNORE_ITEMS: "Is offered coverage of the rest",
                ExcludedItemPolicy.REJECT_CART: "Gets no offer",
            },
        ),
    ] = ExcludedItemPolicy.IGNORE_ITEMS
    exclusions: Annotated[
        LineMatchers,
        Setting(
            "Excluded items",
            "They are neither covered nor priced. One match is enough; * stands for any "
            "characters, as in GC-*.",
            at_most=MATCHERS_AT_MOST,
            entry=LineConditions,
            into=LineMatchers.of,
            is_flat=True,
        ),
    ] = field(default_factory=LineMatchers)
    coverage_products: Annotated[
        LineMatchers,
        Setting(
            "Protection products",
            "Lines that are protection themselves, such as those of another app. They are never "
            "covered, never priced, and do not count towards the limits.",
            at_most=MATCHERS_AT_MOST,
            entry=LineConditions,
            into=LineMatchers.of,
            is_flat=True,
        ),
    ] = field(default_factory=LineMatchers)
    rules: Annotated[
        tuple[Rule, ...],
        Setting(
            "Rules",
            "Of several rules that hold, the first gives the reason.",
            at_most=100,
            word="rule",
            title="name",
            begins=RULES,
        ),
    ] = ()
    pricing: Annotated[
        Mapping[CoverageMode, tuple[PricePlan, ...]],
        Setting(
            "Price plans of {mode}",
            meaning="The first plan whose condition holds gives the price.",
            at_most=50,
            word="plan",
            title="when",
            begins=PRICES,
        ),
    ] = field(default_factory=dict)
    experiments: Annotated[
        tuple[Experiment, ...],
        Setting(
            "Experiments",
            "One at a time can run.",
            at_most=100,
            word="experiment",
            title="key",
            begins=EXPERIMENTS,
        ),
    ] = ()
    terms: Annotated[
        Mapping[CoverageMode, Term],
        Setting("Terms", meaning="How long each kind of coverage lasts.", begins=TERMS),
    ] = field(default_factory=dict)
    provider_share_bps: Annotated[
        int,
        a_rate(
            "Share of the provider",
            "The part of every fee that is owed to whoever provides the protection. Nothing, "
            "unless set.",
        ),
    ] = 0
    worked_out: dict[Any, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What `once_per_configuration` keeps."""

    @property
    def term_days(self) -> Mapping[CoverageMode, int]:
        """How many days each coverage mode covers, for the modes with a term."""
        return {mode: term.days for mode, term in self.terms.items()}

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


T = TypeVar("T")


def once_per_configuration(
    work_out: Callable[[MerchantConfiguration], T],
) -> Callable[[MerchantConfiguration], T]:
    """Keep the result of a function beside the configuration: every cart needs the same one."""

    @wraps(work_out)
    def known(configuration: MerchantConfiguration) -> T:
        found = configuration.worked_out
        if work_out not in found:
            found[work_out] = work_out(configuration)
        result: T = found[work_out]
        return result

    return known


@once_per_configuration
def line_sorter(configuration: MerchantConfiguration) -> LineSorter:
    """The sorter of cart lines, which remembers the lines that it has seen."""
    return LineSorter(configuration.coverage_products, configuration.exclusions)


@once_per_configuration
def priced_modes_by_currency(
    configuration: MerchantConfiguration,
) -> Mapping[Currency, tuple[CoverageMode, ...]]:
    """The configured modes that have a price in each configured currency."""
    return {
        currency: tuple(m for m in configuration.modes if configuration.can_price(m, currency))
        for currency in configuration.currencies
    }
