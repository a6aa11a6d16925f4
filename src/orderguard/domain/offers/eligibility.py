"""Whether a cart may be offered protection, and in which modes (contract §4).

The checks stand in `CHECKS` in order of precedence; the first that disqualifies gives the reason.
The same list, walked to its end, is the explanation in a debug block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

from orderguard.domain.cart import Cart, CartLine
from orderguard.domain.configuration.configuration import (
    ExcludedItemPolicy,
    LimitsBasis,
    MerchantConfiguration,
    PickupPolicy,
    line_sorter,
    once_per_configuration,
    priced_modes_by_currency,
)
from orderguard.domain.configuration.exclusion import LineKind
from orderguard.domain.configuration.rule import RuleFacts, RuleFailed, RuleVerdict, ask
from orderguard.domain.coverage_mode import SHIPPING_PROTECTION, CoverageMode
from orderguard.domain.eligibility_reason import EligibilityReason

_SUBTOTAL = LimitsBasis.SUBTOTAL
_QUANTITY = itemgetter(CartLine._fields.index("quantity"))
_TOTAL_PRICE = itemgetter(CartLine._fields.index("total_price"))


@dataclass(frozen=True, slots=True)
class Eligible:
    """The offer may be shown, for these modes in canonical order."""

    modes: tuple[CoverageMode, ...]


@dataclass(frozen=True, slots=True)
class Ineligible:
    """The offer must be hidden. `reason` is the first disqualification, in precedence order."""

    reason: EligibilityReason
    rule_failures: tuple[RuleFailed, ...] = field(default=(), compare=False)


def basis(cart: Cart, coverable_lines: Sequence[CartLine]) -> int:
    """The value to be covered, in minor units (contract §5).

    Capped at the discounted subtotal, because an order-level discount is on no line. Never the
    total or the tax: once the fee is accepted the total contains it, and would feed back.
    """
    covered: int = sum(map(_TOTAL_PRICE, coverable_lines))
    return min(covered, cart.discounted_subtotal_amount)


class Inspection:
    """A cart and a configuration, with the values derived from both that the checks compare."""

    def __init__(
        self, cart: Cart, configuration: MerchantConfiguration, *, cohort: str | None = None
    ) -> None:
        self.cart = cart
        self.configuration = configuration
        self.coverage_lines: Sequence[CartLine] = ()
        self.excluded_lines: Sequence[CartLine] = ()
        self.coverable_lines: Sequence[CartLine] = cart.lines
        if kinds := line_sorter(configuration).kinds(cart.lines):
            self._leave_out(kinds)
        self.limits_subtotal = self._limits_subtotal()
        """The subtotal that the limits are compared with, without coverage products."""
        self.basis = basis(cart, self.coverable_lines)
        self.item_count: int = sum(map(_QUANTITY, self.coverable_lines))
        """The pieces on the lines to be covered."""
        self.facts = RuleFacts(cart, self.basis, cohort)
        self.is_shipped = not cart.is_not_shipped_by_carrier
        self.delivered_modes = self._delivered_modes()
        self.priced_modes = self._priced_modes()
        """The delivered modes that have a price in the cart's currency."""

    def _leave_out(self, kinds: Sequence[LineKind]) -> None:
        lines: dict[LineKind, list[CartLine]] = {kind: [] for kind in LineKind}
        for line, kind in zip(self.cart.lines, kinds, strict=True):
            lines[kind].append(line)
        self.coverable_lines = lines[LineKind.COVERABLE]
        self.coverage_lines = lines[LineKind.COVERAGE_PRODUCT]
        self.excluded_lines = lines[LineKind.EXCLUDED]

    def _limits_subtotal(self) -> int:
        if self.configuration.limits_basis is _SUBTOTAL:
            coverage = sum(line.original_total_price for line in self.coverage_lines)
            return max(0, self.cart.subtotal_amount - coverage)
        coverage = sum(line.total_price for line in self.coverage_lines)
        return max(0, self.cart.discounted_subtotal_amount - coverage)

    def _delivered_modes(self) -> tuple[CoverageMode, ...]:
        """The configured modes, less shipping protection for a cart that no carrier ships.

        Return coverage does not depend on how the order reaches the shopper, so it stays.
        """
        if self.is_shipped:
            return self.configuration.modes
        return tuple(mode for mode in self.configuration.modes if mode is not SHIPPING_PROTECTION)

    def _priced_modes(self) -> tuple[CoverageMode, ...]:
        currency, delivered = self.cart.currency, self.delivered_modes
        known = priced_modes_by_currency(self.configuration).get(currency)
        if known is not None and self.is_shipped:
            return known
        can_price = self.configuration.can_price
        return tuple([mode for mode in delivered if can_price(mode, currency)])

    @cached_property
    def rule_verdicts(self) -> tuple[RuleVerdict, ...]:
        """The answers of all merchant rules; all are evaluated, as a failure takes precedence."""
        return tuple(ask(rule, self.facts) for rule in self.configuration.rules)

    @property
    def rule_failures(self) -> tuple[RuleFailed, ...]:
        return tuple(verdict.failure for verdict in self.rule_verdicts if verdict.failure)

    @property
    def modes(self) -> tuple[CoverageMode, ...]:
        """The coverage modes that remain after delivery, currency and rules."""
        if not self.configuration.rules:
            return self.priced_modes
        dropped = [verdict.rule.drop_mode for verdict in self.rule_verdicts if verdict.holds]
        return tuple([mode for mode in self.priced_modes if mode not in dropped])

    @property
    def refusing_rule(self) -> RuleVerdict | None:
        """The rule that hides the offer: the first that rejects, or that drops the last mode."""
        said_yes = [verdict for verdict in self.rule_verdicts if verdict.holds]
        rejecting = next((verdict for verdict in said_yes if verdict.rule.drop_mode is None), None)
        if rejecting or self.modes:
            return rejecting
        left = set(self.priced_modes)
        for verdict in said_yes:
            # A rule that drops what delivery or currency had dropped already is not the cause.
            if left == {verdict.rule.drop_mode}:
                return verdict
            left -= {verdict.rule.drop_mode}
        return None


def _is_excluded_by_pickup(seen: Inspection) -> bool:
    if seen.is_shipped:
        return False
    rejects = (
        seen.configuration.pickup_policy is PickupPolicy.REJECT_CART
        and SHIPPING_PROTECTION in seen.configuration.modes
    )
    return rejects or not seen.delivered_modes


def _is_currency_unsupported(seen: Inspection) -> bool:
    return seen.cart.currency not in seen.configuration.currencies or not seen.priced_modes


def _is_below_minimum(seen: Inspection) -> bool:
    minimum = seen.configuration.limits_in(seen.cart.currency).subtotal_minimum
    return minimum is not None and seen.limits_subtotal < minimum


def _is_above_maximum(seen: Inspection) -> bool:
    maximum = seen.configuration.limits_in(seen.cart.currency).subtotal_maximum
    return maximum is not None and seen.limits_subtotal > maximum


def _is_always_needed(_configuration: MerchantConfiguration) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Check:
    """A check that can disqualify a cart, and the values that explain its result.

    `is_needed` is False for configurations with which the check disqualifies no cart.
    """

    reason: EligibilityReason
    applies: Callable[[Inspection], bool]
    compared: Callable[[Inspection], Mapping[str, object]]
    is_needed: Callable[[MerchantConfiguration], bool] = _is_always_needed


def _limits_compared(seen: Inspection) -> Mapping[str, object]:
    limits = seen.configuration.limits_in(seen.cart.currency)
    return {
        "subtotal": seen.limits_subtotal,
        "subtotal_minimum": limits.subtotal_minimum,
        "subtotal_maximum": limits.subtotal_maximum,
        "currency": seen.cart.currency,
    }


def _lines_compared(seen: Inspection) -> Mapping[str, object]:
    return {
        "lines": len(seen.cart.lines),
        "coverage_lines": len(seen.coverage_lines),
        "excluded_lines": len(seen.excluded_lines),
        "excluded_item_policy": seen.configuration.excluded_item_policy,
    }


def _delivery_compared(seen: Inspection) -> Mapping[str, object]:
    return {
        "delivery_methods": list(seen.cart.delivery_methods),
        "pickup_policy": seen.configuration.pickup_policy,
        "configured_modes": list(seen.configuration.modes),
        "remaining_modes": list(seen.delivered_modes),
    }


def _rules_compared(seen: Inspection) -> Mapping[str, object]:
    return {
        "rules": [
            {
                "name": verdict.rule.name,
                "holds": verdict.holds,
                "failed": verdict.failure.why if verdict.failure else None,
            }
            for verdict in seen.rule_verdicts
        ]
    }


CHECKS: tuple[Check, ...] = (
    Check(
        EligibilityReason.ORDER_PROTECTION_DISABLED,
        lambda seen: not seen.configuration.enabled,
        lambda seen: {"enabled": seen.configuration.enabled},
        lambda configuration: not configuration.enabled,
    ),
    Check(
        EligibilityReason.EMPTY_CART,
        lambda seen: not seen.cart.lines,
        lambda seen: {"lines": len(seen.cart.lines)},
    ),
    Check(
        EligibilityReason.CART_ONLY_HAS_COVERAGE_PRODUCTS,
        lambda seen: not seen.coverable_lines and not seen.excluded_lines,
        _lines_compared,
    ),
    Check(
        EligibilityReason.CART_ONLY_HAS_EXCLUDED_PRODUCTS,
        lambda seen: not seen.coverable_lines,
        _lines_compared,
    ),
    Check(
        EligibilityReason.CART_HAS_EXCLUDED_PRODUCT,
        lambda seen: (
            bool(seen.excluded_lines)
            and seen.configuration.excluded_item_policy is ExcludedItemPolicy.REJECT_CART
        ),
        _lines_compared,
        lambda configuration: configuration.excluded_item_policy is ExcludedItemPolicy.REJECT_CART,
    ),
    Check(
        EligibilityReason.B2B_CUSTOMER_EXCLUDED,
        lambda seen: seen.cart.customer.is_b2b and seen.configuration.exclude_b2b,
        lambda seen: {
            "is_b2b": seen.cart.customer.is_b2b,
            "exclude_b2b": seen.configuration.exclude_b2b,
        },
        lambda configuration: configuration.exclude_b2b,
    ),
    Check(
        EligibilityReason.PICKUP_DELIVERY_SELECTED,
        _is_excluded_by_pickup,
        _delivery_compared,
    ),
    Check(
        EligibilityReason.CURRENCY_NOT_SUPPORTED,
        _is_currency_unsupported,
        lambda seen: {
            "currency": seen.cart.currency,
            "currencies": sorted(seen.configuration.currencies),
            "priced_modes": list(seen.priced_modes),
        },
    ),
    Check(
        EligibilityReason.CART_TOTAL_TOO_LOW,
        _is_below_minimum,
        _limits_compared,
        lambda configuration: bool(configuration.limits),
    ),
    Check(
        EligibilityReason.CART_TOO_VALUABLE,
        _is_above_maximum,
        _limits_compared,
        lambda configuration: bool(configuration.limits),
    ),
    Check(
        EligibilityReason.LOCALE_NOT_SUPPORTED,
        lambda seen: not seen.configuration.supports_locale(seen.cart.locale),
        lambda seen: {"locale": seen.cart.locale, "locales": list(seen.configuration.locales)},
        lambda configuration: bool(configuration.locales),
    ),
    Check(
        EligibilityReason.RULE_EVALUATION_ERROR,
        lambda seen: bool(seen.rule_failures),
        _rules_compared,
        lambda configuration: bool(configuration.rules),
    ),
    Check(
        EligibilityReason.ELIGIBILITY_RULE_NOT_MET,
        lambda seen: seen.refusing_rule is not None,
        _rules_compared,
        lambda configuration: bool(configuration.rules),
    ),
)
"""Every check that looks at cart and configuration, in order of precedence.

`configuration_missing` comes before them and the experiment after them; `offer` adds those two.
"""


def decide_eligibility(
    cart: Cart, configuration: MerchantConfiguration | None
) -> Eligible | Ineligible:
    """Decide whether this cart may be offered protection, and in which modes.

    Looks only at the cart and the configuration; experiment suppression is applied later, in
    `make_offer`, so that a control group is comparable with the cohort that sees the offer.
    A cart exactly on a limit is within it.
    """
    if configuration is None:
        return Ineligible(EligibilityReason.CONFIGURATION_MISSING)
    return decide(Inspection(cart, configuration))


@once_per_configuration
def _needed_checks(configuration: MerchantConfiguration) -> tuple[Check, ...]:
    return tuple(check for check in CHECKS if check.is_needed(configuration))


def decide(seen: Inspection) -> Eligible | Ineligible:
    """The reason of the first check that disqualifies the cart, or the modes that remain."""
    for check in _needed_checks(seen.configuration):
        if check.applies(seen):
            return _disqualified(check.reason, seen)
    return Eligible(seen.modes)


def _disqualified(reason: EligibilityReason, seen: Inspection) -> Ineligible:
    if reason is EligibilityReason.RULE_EVALUATION_ERROR:
        return Ineligible(reason, seen.rule_failures)
    if reason is EligibilityReason.ELIGIBILITY_RULE_NOT_MET and seen.refusing_rule:
        return Ineligible(seen.refusing_rule.rule.reason or reason)
    return Ineligible(reason)
