"""Read a merchant's document, as published in TOML or JSON, into a configuration (contract §10).

Every problem is reported with its path, the value found and the values accepted. No value is
corrected silently: a document with any problem is not published.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from orderguard.domain.configuration.configuration import (
    ChargeMethod,
    ChargeProduct,
    ExcludedItemPolicy,
    Limits,
    LimitsBasis,
    MerchantConfiguration,
    PickupPolicy,
)
from orderguard.domain.configuration.exclusion import (
    LINE_FIELDS,
    LineMatcher,
    LineMatchers,
    LinePattern,
)
from orderguard.domain.configuration.experiment import Arm, Experiment, ExperimentStatus
from orderguard.domain.configuration.pricing import PricePlan, RoundingPolicy, Tier
from orderguard.domain.configuration.rule import Condition, ConditionCompiler, Rule
from orderguard.domain.configuration.section import Section, expected_one_of
from orderguard.domain.coverage_mode import CoverageMode, in_canonical_order
from orderguard.domain.eligibility_reason import REASONS_A_RULE_MAY_GIVE, EligibilityReason
from orderguard.domain.errors import InvalidDocument, Malformed
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.locale import parse_locale
from orderguard.domain.money import BASIS_POINTS, Currency, Rounding, is_listed, parse_currency

C = TypeVar("C", bound=StrEnum)

MINOR_UNITS = "minor units"
AMOUNT_MAXIMUM = 10**12
RULES_AT_MOST = 100
PLANS_AT_MOST = 50
MATCHERS_AT_MOST = 5_000
TIERS_AT_MOST = 100
ARMS_AT_MOST = 20
EXPERIMENTS_AT_MOST = 100
CONDITION_LIMIT = 1_000
"""Characters of a rule; one that needs more is two rules."""


def configuration_from_document(
    document: Mapping[str, Any], compiler: ConditionCompiler, *, version: ConfigurationVersion
) -> MerchantConfiguration:
    """The configuration that the document describes. Raises `InvalidDocument` with all problems."""
    root = Section(document, "", [])
    modes = _modes(root)
    configuration = MerchantConfiguration(
        version=version,
        enabled=root.boolean("enabled", True),
        modes=modes,
        currencies=_currencies(root),
        locales=tuple(root.each_text("locales", parse_locale, at_most=500)),
        **_charge(root),
        limits_basis=_choice(root, "limits_basis", LimitsBasis.SUBTOTAL),
        excluded_item_policy=_choice(root, "excluded_item_policy", ExcludedItemPolicy.IGNORE_ITEMS),
        pickup_policy=_choice(root, "pickup_policy", PickupPolicy.DROP_SHIPPING_PROTECTION),
        exclude_b2b=root.boolean("exclude_b2b", False),
        coverage_products=_matchers(root, "coverage_products"),
        exclusions=_matchers(root, "exclusions"),
        limits=_limits(root),
        rules=_rules(root, modes, compiler),
        pricing=_pricing(root, modes, compiler),
        experiments=_experiments(root),
        term_days=_terms(root),
        provider_share_bps=_basis_points(root, "provider_share_bps") or 0,
    )
    root.finish()
    if root.problems:
        raise InvalidDocument(root.problems)
    return configuration


def _choice(section: Section, name: str, default: C) -> C:
    return section.choice(name, type(default), default) or default


def _modes(root: Section) -> tuple[CoverageMode, ...]:
    def parse(text: str) -> CoverageMode:
        if text not in list(CoverageMode):
            raise Malformed(expected_one_of([str(mode) for mode in CoverageMode], text))
        return CoverageMode(text)

    root.require("modes")
    modes = root.each_text("modes", parse, at_most=len(CoverageMode))
    if root.is_empty("modes"):
        root.complain(
            "modes", "expected at least one coverage mode; to stop offering, set enabled = false."
        )
    return in_canonical_order(modes)


def _currencies(root: Section) -> frozenset[Currency]:
    """The currencies in which offers are made. A withdrawn one costs the others nothing."""
    root.require("currencies")
    currencies = root.each_text("currencies", parse_currency, at_most=200)
    if root.is_empty("currencies"):
        root.complain("currencies", 'expected at least one currency, such as ["USD"].')
    return frozenset(filter(is_listed, currencies))


def _charge(root: Section) -> dict[str, Any]:
    method = _choice(root, "charge_method", ChargeMethod.FEE)
    product = None
    if section := root.section("charge_product"):
        section.require("id", "handle")
        id_, handle = section.text("id"), section.text("handle")
        section.finish()
        product = ChargeProduct(id_ or "", handle or "")
    if method is ChargeMethod.PRODUCT_LINE_ITEM and product is None:
        root.complain("charge_product", "is missing; product_line_item needs its id and handle.")
    if method is ChargeMethod.FEE and product is not None:
        root.complain("charge_product", 'is only for charge_method = "product_line_item".')
    return {"charge_method": method, "charge_product": product}


def _matchers(root: Section, name: str) -> LineMatchers:
    found = []
    for section in root.sections(name, at_most=MATCHERS_AT_MOST):
        patterns = [
            LinePattern(field, pattern)
            for field in LINE_FIELDS
            if (pattern := section.parsed(field, _pattern, limit=255))
        ]
        section.finish()
        if not any(section.has(field) for field in LINE_FIELDS):
            section.complain_here(f"expected one of {', '.join(LINE_FIELDS)}.")
        found.append(LineMatcher(tuple(patterns)))
    return LineMatchers(tuple(found))


def _pattern(text: str) -> str:
    if not text.strip("*"):
        raise Malformed("a lone * matches every line; to stop offering, set enabled = false.")
    if text.count("*") > 5:
        raise Malformed(f"expected at most 5 wildcards, found {text.count('*')}.")
    return text


def _limits(root: Section) -> dict[Currency, Limits]:
    found: dict[Currency, Limits] = {}
    table = root.section("limits")
    if table is None:
        return found
    for code, currency in table.by_key(parse_currency):
        section = table.section(code)
        if section is None:
            continue
        minimum, maximum = (
            section.integer(name, minimum=0, maximum=AMOUNT_MAXIMUM, unit=MINOR_UNITS)
            for name in ("subtotal_minimum", "subtotal_maximum")
        )
        section.finish()
        if minimum is not None and maximum is not None and minimum > maximum:
            section.complain("subtotal_maximum", f"is {maximum}, below the minimum of {minimum}.")
        found[currency] = Limits(minimum, maximum)
    return found


def _rules(
    root: Section, modes: tuple[CoverageMode, ...], compiler: ConditionCompiler
) -> tuple[Rule, ...]:
    rules = []
    for section in root.sections("rules", at_most=RULES_AT_MOST):
        section.require("name", "reject_when")
        name = section.text("name", limit=100)
        condition = section.parsed("reject_when", compiler.rule_condition, limit=CONDITION_LIMIT)
        reason = _reason(section)
        drop_mode = section.choice("drop_mode", CoverageMode)
        if drop_mode and modes and drop_mode not in modes:
            section.complain("drop_mode", f"{drop_mode} is not among the configured modes.")
        section.finish()
        if name and condition:
            rules.append(Rule(name, condition, reason, drop_mode))
    _complain_of_repeats(root, "rules", [rule.name for rule in rules])
    return tuple(rules)


def _reason(section: Section) -> EligibilityReason | None:
    reason = section.choice("reason", EligibilityReason)
    if reason and reason not in REASONS_A_RULE_MAY_GIVE:
        allowed = ", ".join(REASONS_A_RULE_MAY_GIVE)
        section.complain("reason", f"a rule cannot claim {reason}; expected one of {allowed}.")
    return reason


def _complain_of_repeats(section: Section, name: str, names: list[str]) -> None:
    # A missing name has been reported as a problem already.
    for repeated in sorted({n for n in names if n and names.count(n) > 1}):
        section.complain(name, f"two entries are called {repeated!r}; names must differ.")


def _pricing(
    root: Section, modes: tuple[CoverageMode, ...], compiler: ConditionCompiler
) -> dict[CoverageMode, tuple[PricePlan, ...]]:
    table = root.section("pricing")
    if table is None:
        if modes:
            root.complain("pricing", f"is missing; expected [[pricing.{modes[0]}]].")
        return {}
    pricing: dict[CoverageMode, tuple[PricePlan, ...]] = {}
    for mode in CoverageMode:
        plans = table.sections(mode, at_most=PLANS_AT_MOST)
        pricing[mode] = tuple(_plan(section, compiler) for section in plans)
        if mode in modes and not plans:
            table.complain(mode, "has no price plan, but is among the modes.")
    table.finish()
    return pricing


def _plan(section: Section, compiler: ConditionCompiler) -> PricePlan:
    condition: Condition | None = section.parsed(
        "when", compiler.plan_condition, limit=CONDITION_LIMIT
    )
    plan = PricePlan(
        when=condition,
        base=_amounts(section, "base"),
        rate_bps=_basis_points(section, "rate_bps"),
        tiers=_tiers(section),
        per_item=_amounts(section, "per_item"),
        minimum=_amounts(section, "minimum"),
        maximum=_amounts(section, "maximum"),
        rounding=_rounding(section),
    )
    section.finish()
    _check_plan(section, plan)
    return plan


def _check_plan(section: Section, plan: PricePlan) -> None:
    shares = [name for name in ("rate_bps", "tiers", "per_item") if section.has(name)]
    if len(shares) > 1:
        section.complain_here(f"has {' and '.join(shares)}; expected only one of them.")
    if all(section.is_empty(name) or not section.has(name) for name in ("base", *shares)):
        section.complain_here("has no price; expected base, rate_bps, tiers or per_item.")
    for currency, minimum in plan.minimum.items():
        if minimum > plan.maximum.get(currency, AMOUNT_MAXIMUM):
            section.complain(
                f"maximum.{currency}",
                f"is {plan.maximum[currency]}, below the minimum of {minimum}.",
            )


def _amounts(section: Section, name: str, *, minimum: int = 0) -> dict[Currency, int]:
    return section.amounts(name, parse_currency, unit=MINOR_UNITS, minimum=minimum)


def _basis_points(section: Section, name: str) -> int | None:
    return section.integer(name, minimum=0, maximum=BASIS_POINTS, unit="basis points")


def _tiers(section: Section) -> dict[Currency, tuple[Tier, ...]]:
    found: dict[Currency, tuple[Tier, ...]] = {}
    table = section.section("tiers")
    if table is None:
        return found
    for code, currency in table.by_key(parse_currency):
        tiers = tuple(_tier(row) for row in table.sections(code, at_most=TIERS_AT_MOST))
        found[currency] = tiers
        _check_order(table, code, tiers)
    return found


def _tier(section: Section) -> Tier:
    tier = Tier(
        up_to=section.integer("up_to", minimum=0, maximum=AMOUNT_MAXIMUM, unit=MINOR_UNITS),
        amount=section.integer("amount", minimum=0, maximum=AMOUNT_MAXIMUM, unit=MINOR_UNITS),
        rate_bps=_basis_points(section, "rate_bps"),
    )
    section.finish()
    if section.has("amount") == section.has("rate_bps"):
        section.complain_here("expected either amount or rate_bps.")
    return tier


def _check_order(table: Section, code: str, tiers: tuple[Tier, ...]) -> None:
    if not tiers or tiers[-1].up_to is not None:
        table.complain(code, "the last tier must have no up_to, so that every cart has a price.")
    bounds = [tier.up_to for tier in tiers[:-1]]
    if None in bounds:
        table.complain(code, "only the last tier may have no up_to.")
    elif bounds != sorted(set(bounds), key=lambda bound: bound or 0):
        table.complain(code, "the tiers must be in ascending order of up_to.")


def _rounding(section: Section) -> RoundingPolicy:
    table = section.section("rounding")
    if table is None:
        return RoundingPolicy()
    policy = RoundingPolicy(
        direction=_choice(table, "direction", Rounding.HALF_UP),
        step=_amounts(table, "step", minimum=1),
        ending=_amounts(table, "ending"),
    )
    table.finish()
    if both := policy.step.keys() & policy.ending.keys():
        table.complain_here(f"has a step and an ending for {min(both)}; expected one of them.")
    return policy


def _experiments(root: Section) -> tuple[Experiment, ...]:
    found = []
    for section in root.sections("experiments", at_most=EXPERIMENTS_AT_MOST):
        section.require("key", "status", "arms")
        key = section.text("key", limit=100)
        status = section.choice("status", ExperimentStatus)
        arms = tuple(_arm(arm) for arm in section.sections("arms", at_most=ARMS_AT_MOST))
        section.finish()
        if section.has("arms") and len(arms) < 2:
            section.complain("arms", f"expected at least two arms to compare, found {len(arms)}.")
        _complain_of_repeats(section, "arms", [arm.name for arm in arms])
        found.append(Experiment(key or "", status or ExperimentStatus.DRAFT, arms))
    _complain_of_repeats(root, "experiments", [experiment.key for experiment in found])
    running = [experiment.key for experiment in found if experiment.is_running]
    if len(running) > 1:
        root.complain("experiments", f"{' and '.join(running)} are running; expected at most one.")
    return tuple(found)


def _terms(root: Section) -> dict[CoverageMode, int]:
    found: dict[CoverageMode, int] = {}
    table = root.section("terms")
    if table is None:
        return found
    for mode in CoverageMode:
        if section := table.section(mode):
            section.require("days")
            days = section.integer("days", minimum=1, maximum=3650, unit="days")
            section.finish()
            found[mode] = days or 1
    table.finish()
    return found


def _arm(section: Section) -> Arm:
    section.require("name", "weight")
    arm = Arm(
        name=section.text("name", limit=64) or "",
        weight=section.integer("weight", minimum=1, maximum=10**6, unit="parts") or 1,
        suppress=section.boolean("suppress", False),
    )
    section.finish()
    return arm
