"""Every setting of a configuration as a control: its label, its meaning, and its input.

This table is both rendered and read; a new setting is a row. Paths are paths
of the document and of its problems; `{currency}` stands for any of the currencies.

Long because it holds every word of the form, and little else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import REASONS_A_RULE_MAY_GIVE

CURRENCY = "{currency}"

Options = tuple[tuple[str, str], ...]
"""Values, and their labels."""


class Kind(StrEnum):
    """How a value is typed, and how it is kept."""

    TOGGLE = "toggle"
    CHOICE = "choice"
    TEXT = "text"
    CONDITION = "condition"
    """CEL, in several lines."""
    WHOLE = "whole"
    PERCENT = "percent"
    """Typed as 1.5, kept as 150 basis points."""
    AMOUNT = "amount"
    """Typed in major units of its currency, kept in minor units."""
    WORDS = "words"
    """A list of texts, typed with commas between them."""
    TICKS = "ticks"
    """A list of some of the options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One value. `default` applies where the document has no value."""

    path: str
    label: str
    kind: Kind
    help: str = ""
    unit: str = ""
    options: Options = ()
    default: str = ""
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Values per currency, as a table: a row for each currency, a column for each control."""

    label: str
    help: str
    columns: tuple[Control, ...]


@dataclass(frozen=True, slots=True)
class Matchers:
    """A list of patterns of lines: each names a field and the pattern it must match."""

    path: str
    label: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A list of tables. `word` is the noun for a table; `title` the member shown as its title."""

    path: str
    label: str
    help: str
    word: str
    members: tuple[Member, ...]
    title: str = ""
    is_flat: bool = False
    """Whether an entry fits into one row."""
    fresh: Mapping[str, object] = field(default_factory=dict)
    """The members of a new entry."""


Member = Control | Matrix | Matchers | Entries


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form under one headline."""

    anchor: str
    title: str
    help: str
    members: tuple[Member, ...]


_MODES: Options = (
    (CoverageMode.RETURN_COVERAGE, "Return coverage"),
    (CoverageMode.SHIPPING_PROTECTION, "Shipping protection"),
)

_OFFER = Part(
    "offer",
    "The offer",
    "What shoppers are offered, and where.",
    (
        Control(
            path="enabled",
            label="Make offers",
            kind=Kind.TOGGLE,
            default="true",
            help="The master switch. When it is off, no cart gets an offer, whatever else stands "
            "here.",
        ),
        Control(
            path="modes",
            label="Coverage",
            kind=Kind.TICKS,
            options=_MODES,
            is_required=True,
            help="Return coverage pays for returns; shipping protection for parcels that are lost, "
            "stolen or damaged. A shopper buys all that remain for the cart, at one price.",
        ),
        Control(
            path="currencies",
            label="Currencies",
            kind=Kind.WORDS,
            is_required=True,
            help="Three-letter codes with commas between them, such as USD, EUR. A cart in any "
            "other currency gets no offer.",
        ),
        Control(
            path="locales",
            label="Languages",
            kind=Kind.WORDS,
            help="The languages the offer may be shown in, such as en, sv. en covers en-GB and "
            "en-US. Leave it empty for any language.",
        ),
        Control(
            path="charge_method",
            label="How the price gets onto the order",
            kind=Kind.CHOICE,
            options=(("fee", "As a fee"), ("product_line_item", "As a product of its own")),
            default="fee",
            help="WooCommerce, BigCommerce and custom shops use a fee. A product needs its id and "
            "handle below.",
        ),
        Control(
            path="charge_product.id",
            label="Id of the charge product",
            kind=Kind.TEXT,
            help="Only where the price is a product of its own.",
        ),
        Control(
            path="charge_product.handle",
            label="Handle of the charge product",
            kind=Kind.TEXT,
            help="Only where the price is a product of its own.",
        ),
    ),
)

_CARTS = Part(
    "carts",
    "Which carts",
    "Carts outside of these get no offer. Nobody is ever kept from checking out.",
    (
        Control(
            path="limits_basis",
            label="The limits look at",
            kind=Kind.CHOICE,
            options=(
                ("subtotal", "The subtotal before discounts"),
                ("discounted_subtotal", "The subtotal after discounts"),
            ),
            default="subtotal",
        ),
        Matrix(
            "Smallest and largest cart",
            "A cart exactly on a limit is within it. Leave a limit empty for none.",
            (
                Control(path=f"limits.{CURRENCY}.subtotal_minimum", label="From", kind=Kind.AMOUNT),
                Control(
                    path=f"limits.{CURRENCY}.subtotal_maximum", label="Up to", kind=Kind.AMOUNT
                ),
            ),
        ),
        Control(
            path="exclude_b2b",
            label="No offer for business customers",
            kind=Kind.TOGGLE,
            help="Carts that come with customer.isB2B.",
        ),
        Control(
            path="pickup_policy",
            label="A cart that is picked up, or delivered by you",
            kind=Kind.CHOICE,
            options=(
                ("drop_shipping_protection", "Is offered return coverage alone"),
                ("reject_cart", "Gets no offer"),
            ),
            default="drop_shipping_protection",
            help="It has no parcel that a carrier could lose.",
        ),
        Control(
            path="excluded_item_policy",
            label="A cart with excluded items",
            kind=Kind.CHOICE,
            options=(
                ("ignore_items", "Is offered coverage of the rest"),
                ("reject_cart", "Gets no offer"),
            ),
            default="ignore_items",
        ),
        Matchers(
            "exclusions",
            "Excluded items",
            "They are neither covered nor priced. One match is enough; * stands for any "
            "characters, as in GC-*.",
        ),
        Matchers(
            "coverage_products",
            "Protection products",
            "Lines that are protection themselves, such as those of another app. They are never "
            "covered, never priced, and do not count towards the limits.",
        ),
    ),
)

_RULES = Part(
    "rules",
    "Rules",
    "Your own reasons not to make an offer, as conditions in CEL (cel.dev), such as "
    'region.country == "US". All of them are asked about every cart.',
    (
        Entries(
            path="rules",
            label="Rules",
            help="Of several rules that hold, the first gives the reason.",
            word="rule",
            title="name",
            members=(
                Control(
                    path="name",
                    label="Name",
                    kind=Kind.TEXT,
                    is_required=True,
                    help="For you and for the log.",
                ),
                Control(
                    path="reject_when",
                    label="When this holds",
                    kind=Kind.CONDITION,
                    is_required=True,
                    help="It may look at platform, region, locale, customer, cart and delivery.",
                ),
                Control(
                    path="drop_mode",
                    label="Then",
                    kind=Kind.CHOICE,
                    options=(
                        ("", "There is no offer"),
                        *((mode, f"{label} is left out") for mode, label in _MODES),
                    ),
                ),
                Control(
                    path="reason",
                    label="Reason that integrations are told",
                    kind=Kind.CHOICE,
                    options=(
                        ("", "eligibility rule not met"),
                        *(
                            (reason, reason.replace("_", " "))
                            for reason in REASONS_A_RULE_MAY_GIVE
                            if reason != "eligibility_rule_not_met"
                        ),
                        ("eligibility_rule_not_met", "eligibility rule not met, spelled out"),
                    ),
                ),
            ),
        ),
    ),
)

_TIERS = Entries(
    path=f"tiers.{CURRENCY}",
    label="Tiers",
    help="Instead of a percentage: what is added depends on how much is covered. The last tier has "
    "no upper end.",
    word="tier",
    is_flat=True,
    members=(
        Control(path="up_to", label="Goods up to", kind=Kind.AMOUNT),
        Control(path="amount", label="Adds", kind=Kind.AMOUNT),
        Control(path="rate_bps", label="Or adds", kind=Kind.PERCENT, unit="%"),
    ),
)

_PLAN: tuple[Member, ...] = (
    Control(
        path="when",
        label="For carts of which this holds",
        kind=Kind.CONDITION,
        help="A condition as in a rule; it may look at basis and cohort, too. Leave it empty for "
        "all carts.",
    ),
    Control(
        path="rate_bps",
        label="Percentage of the covered goods",
        kind=Kind.PERCENT,
        unit="%",
        help="Such as 1.5.",
    ),
    Matrix(
        "Amounts",
        "The price is the base, plus the percentage, the tiers or an amount per piece; not below "
        "the minimum, not above the maximum; then rounded, to steps or up to the next ending "
        "such as 0.98.",
        (
            Control(path=f"base.{CURRENCY}", label="Base", kind=Kind.AMOUNT),
            Control(path=f"per_item.{CURRENCY}", label="Per piece", kind=Kind.AMOUNT),
            Control(path=f"minimum.{CURRENCY}", label="Minimum", kind=Kind.AMOUNT),
            Control(path=f"maximum.{CURRENCY}", label="Maximum", kind=Kind.AMOUNT),
            Control(path=f"rounding.step.{CURRENCY}", label="In steps of", kind=Kind.AMOUNT),
            Control(path=f"rounding.ending.{CURRENCY}", label="Or ending in", kind=Kind.AMOUNT),
        ),
    ),
    Control(
        path="rounding.direction",
        label="Between two steps, round",
        kind=Kind.CHOICE,
        options=(
            ("half_up", "To the nearer one; from the middle, up"),
            ("half_even", "To the nearer one; from the middle, to the even one"),
            ("up", "Up"),
            ("down", "Down"),
        ),
        default="half_up",
    ),
    _TIERS,
)

_PRICES = Part(
    "prices",
    "Prices",
    "For each kind of coverage, the first plan whose condition holds gives the price; so a plan "
    "for all carts goes last.",
    tuple(
        Entries(
            path=f"pricing.{mode}",
            label=f"Price plans of {label.lower()}",
            help="",
            word="plan",
            title="when",
            members=_PLAN,
        )
        for mode, label in _MODES
    ),
)

_EXPERIMENTS = Part(
    "experiments",
    "Experiments",
    "They measure what the offer does, by hiding it from some of the shoppers who agreed to take "
    "part, or by prices whose condition asks for the cohort.",
    (
        Entries(
            path="experiments",
            label="Experiments",
            help="One at a time can run.",
            word="experiment",
            title="key",
            fresh={"status": "draft"},
            members=(
                Control(path="key", label="Key", kind=Kind.TEXT, is_required=True),
                Control(
                    path="status",
                    label="Status",
                    kind=Kind.CHOICE,
                    is_required=True,
                    options=(("draft", "Draft"), ("running", "Running"), ("stopped", "Stopped")),
                ),
                Entries(
                    path="arms",
                    label="Arms",
                    help="Shoppers are divided in proportion to the weights.",
                    word="arm",
                    is_flat=True,
                    members=(
                        Control(path="name", label="Name", kind=Kind.TEXT, is_required=True),
                        Control(
                            path="weight",
                            label="Weight",
                            kind=Kind.WHOLE,
                            unit="parts",
                            is_required=True,
                        ),
                        Control(path="suppress", label="Hide the offer", kind=Kind.TOGGLE),
                    ),
                ),
            ),
        ),
    ),
)

_TERMS = Part(
    "terms",
    "Terms",
    "How long a coverage lasts, and what is passed on.",
    (
        Control(
            path=f"terms.{CoverageMode.RETURN_COVERAGE}.days",
            label="Return coverage lasts",
            kind=Kind.WHOLE,
            unit="days",
            help="30 days, if left empty.",
        ),
        Control(
            path=f"terms.{CoverageMode.SHIPPING_PROTECTION}.days",
            label="Shipping protection lasts",
            kind=Kind.WHOLE,
            unit="days",
            help="60 days, if left empty.",
        ),
        Control(
            path="provider_share_bps",
            label="Share of the provider",
            kind=Kind.PERCENT,
            unit="%",
            help="The part of every fee that is owed to whoever provides the protection. Nothing, "
            "if left empty.",
        ),
    ),
)

PARTS = (_OFFER, _CARTS, _RULES, _PRICES, _EXPERIMENTS, _TERMS)
"""The whole form, from top to bottom."""
