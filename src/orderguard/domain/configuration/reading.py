"""Read a merchant's document, as published in TOML or JSON, into a configuration (contract §10).

Every problem is reported with its path, the value found and the values accepted. No value is
corrected silently: a document with any problem is not published.

Single settings are read as their fields declare them (`setting.py`); the checks here are about
several settings together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from orderguard.domain.configuration.configuration import (
    ChargeMethod,
    Limits,
    MerchantConfiguration,
)
from orderguard.domain.configuration.exclusion import LINE_FIELDS, LineConditions
from orderguard.domain.configuration.experiment import Arm, Experiment
from orderguard.domain.configuration.pricing import PricePlan, RoundingPolicy, Tier
from orderguard.domain.configuration.rule import ConditionCompiler, Rule
from orderguard.domain.configuration.section import Section, expected_one_of
from orderguard.domain.configuration.setting import AMOUNT_MAXIMUM, Kind, Member, members_of
from orderguard.domain.coverage_mode import CoverageMode
from orderguard.domain.eligibility_reason import REASONS_A_RULE_MAY_GIVE
from orderguard.domain.errors import InvalidDocument, Malformed
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.money import Currency, parse_currency


def configuration_from_document(
    document: Mapping[str, Any], compiler: ConditionCompiler, *, version: ConfigurationVersion
) -> MerchantConfiguration:
    """The configuration that the document describes. Raises `InvalidDocument` with all problems."""
    root = Section(document, "", [])
    configuration: MerchantConfiguration = _Reader(compiler).table(
        root, MerchantConfiguration, version=version
    )
    if root.problems:
        raise InvalidDocument(root.problems)
    return configuration


class _Reader:
    """Reads tables as their fields are declared.

    A value with a problem is replaced by the default, or by None, so that reading can go on.
    """

    def __init__(self, compiler: ConditionCompiler) -> None:
        self._compiler = compiler

    def table(self, section: Section, table: type, **further: Any) -> Any:
        """An instance of the dataclass `table`, with the members of the section.

        `further` are fields that the section does not have. Problems are added to the section's,
        also problems that the check of this dataclass finds.
        """
        members = members_of(table)
        section.require(*[each.name for each in members.values() if each.is_required])
        make: Callable[..., Any] = table
        values = {name: self._member(section, each) for name, each in members.items()}
        value = make(**values, **further)
        section.finish()
        if check := _CHECKS.get(table):
            check(section, value)
        return value

    def _member(self, section: Section, member: Member) -> Any:
        if not member.by:
            value = self._value(section, member.name, member)
            return member.default if value is None else value
        if member.of is int:
            return section.amounts(
                member.name,
                parse_currency,
                unit=member.setting.unit,
                minimum=member.setting.minimum,
                maximum=member.setting.maximum,
            )
        table = section.section(member.name)
        return {} if table is None else self._by_key(table, member)

    def _by_key(self, table: Section, member: Member) -> dict[Any, Any]:
        by_currency = member.by is Currency
        keys = table.by_key(parse_currency) if by_currency else ((m, m) for m in CoverageMode)
        values = {key: self._value(table, name, member) for name, key in keys}
        table.finish()
        return {key: value for key, value in values.items() if value is not None}

    def _value(self, section: Section, name: str, member: Member) -> Any:
        """One value, one table or one list; None when it is absent or wrong."""
        if member.is_list:
            return member.setting.into(tuple(self._entries(section, name, member)))
        if member.table:
            inner = section.section(name)
            return inner and self.table(inner, member.table)
        return self._single(section, name, member)

    def _entries(self, section: Section, name: str, member: Member) -> list[Any]:
        if table := member.table:
            found = section.sections(name, at_most=member.at_most)
            entries = [self.table(each, table) for each in found]
            # A key of a table without a list is an empty list; a member that is not there, is none.
            if (member.by or section.has(name)) and (check := _LIST_CHECKS.get(table)):
                check(section, name, entries)
            return entries
        parse = member.setting.parse or _choice_of(member.choices)
        return section.each_text(name, parse, at_most=member.at_most)

    def _single(self, section: Section, name: str, member: Member) -> Any:
        setting = member.setting
        match member.kind:
            case Kind.TOGGLE:
                return section.boolean(name, member.default)
            case Kind.CHOICE:
                return section.choice(name, member.of, member.default)
            case Kind.CONDITION:
                return section.parsed(name, self._compile(member), limit=member.length)
            case Kind.TEXT if setting.parse:
                return section.parsed(name, setting.parse, limit=member.length)
            case Kind.TEXT:
                return section.text(name, limit=member.length)
            case _:
                return section.integer(
                    name, minimum=setting.minimum, maximum=setting.maximum, unit=setting.unit
                )

    def _compile(self, member: Member) -> Callable[[str], Any]:
        of_rule, of_plan = self._compiler.rule_condition, self._compiler.plan_condition
        return of_plan if member.setting.condition == "plan" else of_rule


def _choice_of(choices: tuple[StrEnum, ...]) -> Callable[[str], StrEnum]:
    def parse(text: str) -> StrEnum:
        for each in choices:
            if each == text:
                return each
        raise Malformed(expected_one_of([str(each) for each in choices], text))

    return parse


def _check_configuration(root: Section, configuration: MerchantConfiguration) -> None:
    if root.is_empty("modes"):
        root.complain(
            "modes", "expected at least one coverage mode; to stop offering, set enabled = false."
        )
    if root.is_empty("currencies"):
        root.complain("currencies", 'expected at least one currency, such as ["USD"].')
    _check_charge(root, configuration)
    _check_rules(root, configuration)
    _check_pricing(root, configuration)


def _check_charge(root: Section, configuration: MerchantConfiguration) -> None:
    method, product = configuration.charge_method, configuration.charge_product
    if method is ChargeMethod.PRODUCT_LINE_ITEM and product is None:
        root.complain("charge_product", "is missing; product_line_item needs its id and handle.")
    if method is ChargeMethod.FEE and product is not None:
        root.complain("charge_product", 'is only for charge_method = "product_line_item".')


def _check_rules(root: Section, configuration: MerchantConfiguration) -> None:
    rules, modes = configuration.rules, configuration.modes
    for index, rule in enumerate(rules):
        if rule.drop_mode and modes and rule.drop_mode not in modes:
            message = f"{rule.drop_mode} is not among the configured modes."
            root.complain(f"rules[{index}].drop_mode", message)


def _check_pricing(root: Section, configuration: MerchantConfiguration) -> None:
    for mode in configuration.modes:
        if not configuration.pricing:
            root.complain("pricing", f"is missing; expected [[pricing.{mode}]].")
            return
        if not configuration.pricing[mode]:
            root.complain(f"pricing.{mode}", "has no price plan, but is among the modes.")


def _complain_of_repeats(section: Section, name: str, names: list[str]) -> None:
    # A missing name has been reported as a problem already.
    for repeated in sorted({n for n in names if n and names.count(n) > 1}):
        section.complain(name, f"two entries are called {repeated!r}; names must differ.")


def _check_limits(section: Section, limits: Limits) -> None:
    minimum, maximum = limits.subtotal_minimum, limits.subtotal_maximum
    if minimum is not None and maximum is not None and minimum > maximum:
        section.complain("subtotal_maximum", f"is {maximum}, below the minimum of {minimum}.")


def _check_conditions(section: Section, _: LineConditions) -> None:
    if not any(section.has(field) for field in LINE_FIELDS):
        section.complain_here(f"expected one of {', '.join(LINE_FIELDS)}.")


def _check_rule(section: Section, rule: Rule) -> None:
    if rule.reason and rule.reason not in REASONS_A_RULE_MAY_GIVE:
        allowed = ", ".join(REASONS_A_RULE_MAY_GIVE)
        section.complain("reason", f"a rule cannot claim {rule.reason}; expected one of {allowed}.")


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


def _check_tiers(section: Section, name: str, tiers: Sequence[Tier]) -> None:
    if not tiers or tiers[-1].up_to is not None:
        section.complain(name, "the last tier must have no up_to, so that every cart has a price.")
    bounds = [tier.up_to for tier in tiers[:-1]]
    if None in bounds:
        section.complain(name, "only the last tier may have no up_to.")
    elif bounds != sorted(set(bounds), key=lambda bound: bound or 0):
        section.complain(name, "the tiers must be in ascending order of up_to.")


def _check_tier(section: Section, _: Tier) -> None:
    if section.has("amount") == section.has("rate_bps"):
        section.complain_here("expected either amount or rate_bps.")


def _check_rounding(section: Section, policy: RoundingPolicy) -> None:
    if both := policy.step.keys() & policy.ending.keys():
        section.complain_here(f"has a step and an ending for {min(both)}; expected one of them.")


def _check_experiments(root: Section, name: str, experiments: Sequence[Experiment]) -> None:
    _complain_of_repeats(root, name, [each.key for each in experiments])
    running = [str(each.key) for each in experiments if each.is_running]
    if len(running) > 1:
        root.complain(name, f"{' and '.join(running)} are running; expected at most one.")


def _check_arms(section: Section, name: str, arms: Sequence[Arm]) -> None:
    if len(arms) < 2:
        section.complain(name, f"expected at least two arms to compare, found {len(arms)}.")
    _complain_of_repeats(section, name, [arm.name for arm in arms])


_CHECKS: Mapping[type, Callable[[Section, Any], None]] = {
    MerchantConfiguration: _check_configuration,
    Limits: _check_limits,
    LineConditions: _check_conditions,
    Rule: _check_rule,
    PricePlan: _check_plan,
    RoundingPolicy: _check_rounding,
    Tier: _check_tier,
}
"""What is wrong with settings of one table together, each of which may be right."""

_LIST_CHECKS: Mapping[type, Callable[[Section, str, Any], None]] = {
    Rule: lambda section, name, rules: _complain_of_repeats(section, name, [r.name for r in rules]),
    Tier: _check_tiers,
    Experiment: _check_experiments,
    Arm: _check_arms,
}
"""What is wrong with the entries of a list together."""
