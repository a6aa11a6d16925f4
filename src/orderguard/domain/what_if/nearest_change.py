"""Find, by trying, the smallest changes to a cart that would show a hidden offer, or hide it.

Nothing here predicts. A change is reported only after `make_offer` gave the other answer for the
changed cart, so a reported change is never wrong; when the tries run out, it may be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm
from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.offers.offer import Offer, make_offer
from orderguard.domain.what_if.cart_change import (
    CartChange,
    line_removals,
    other_currencies,
    other_customers,
    other_deliveries,
    other_locales,
    other_regions,
    with_goods_added,
    with_goods_cheaper,
)

TRIES_AT_MOST = 600
"""Decisions that may be made for one question; a thousand lines take about 1 ms each."""

STEPS_AT_MOST = 3
"""Changes that are combined when no single one is enough."""

_AMOUNTS = [2**power for power in range(31)]
"""Amounts to try in minor units, to find the range in which an answer flips."""

_PRECEDENCE = list(EligibilityReason)

Amend = Callable[[Cart, int], CartChange]
Wanted = Callable[[Offer], bool]


@dataclass(frozen=True, slots=True)
class NearestChange:
    """Changes that together turn eligible to ineligible or back, and the offer after them."""

    changes: tuple[CartChange, ...]
    offer: Offer

    def __str__(self) -> str:
        return ", ".join(change.words for change in self.changes)


def nearest_changes(
    cart: Cart,
    configuration: MerchantConfiguration,
    arm: Arm | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> tuple[NearestChange, ...]:
    """The smallest change of each kind that turns eligible to ineligible or back, easiest first.

    If no single change makes a hidden offer eligible, one combination that does. Empty when nothing
    about the cart would help, as when the offer is switched off. The search stops when `goes_on`,
    which is called before every try, returns False.
    """
    trial = _Trial(configuration, arm, goes_on)
    before = trial.offer(cart)
    if before is None or before.reason in _NOT_OF_THE_CART:
        return ()
    flipping = trial.changes(cart, lambda offer: offer.eligible != before.eligible)
    singly = tuple(NearestChange((change,), offer) for change, offer in flipping)
    if singly or before.eligible:
        return singly
    combined = _climb(trial, cart, before)
    return (combined,) if combined else ()


_NOT_OF_THE_CART = {
    EligibilityReason.ORDER_PROTECTION_DISABLED,
    EligibilityReason.AB_TEST_CONTROL_GROUP,
}


def _climb(trial: _Trial, cart: Cart, before: Offer) -> NearestChange | None:
    """Repair one defect at a time: each step has to get past the reason that stands now."""
    steps: list[CartChange] = []
    offer = before
    for _ in range(STEPS_AT_MOST):
        found = next(trial.changes(cart, _gets_past(offer.reason)), None)
        if found is None:
            return None
        change, offer = found
        cart = change.cart
        steps.append(change)
        if offer.eligible:
            return NearestChange(tuple(steps), offer)
    return None


def _gets_past(reason: EligibilityReason) -> Wanted:
    return lambda offer: _PRECEDENCE.index(offer.reason) > _PRECEDENCE.index(reason)


class _Trial:
    """Decisions for changed carts, up to a maximum number."""

    def __init__(
        self, configuration: MerchantConfiguration, arm: Arm | None, goes_on: Callable[[], bool]
    ) -> None:
        self._configuration = configuration
        self._arm = arm
        self._goes_on = goes_on
        self._left = TRIES_AT_MOST

    def offer(self, cart: Cart) -> Offer | None:
        """The answer of `make_offer` for this cart; None when the tries are used up."""
        if not self._left or not self._goes_on():
            return None
        self._left -= 1
        return make_offer(cart, self._configuration, self._arm)

    def changes(self, cart: Cart, wanted: Wanted) -> Iterator[tuple[CartChange, Offer]]:
        """The first wanted change of each kind."""
        configuration = self._configuration
        yield from self._smallest(cart, with_goods_added, _AMOUNTS[-1], wanted)
        yield from self._smallest(
            cart, with_goods_cheaper, sum(line.total_price for line in cart.lines), wanted
        )
        yield from self._first(line_removals(cart, configuration), wanted)
        yield from self._first(other_deliveries(cart), wanted)
        yield from self._first(other_regions(cart, configuration), wanted)
        yield from self._first(other_locales(cart, configuration), wanted)
        yield from self._first(other_customers(cart), wanted)
        yield from self._first(other_currencies(cart, configuration), wanted)

    def _first(
        self, changes: Iterator[CartChange], wanted: Wanted
    ) -> Iterator[tuple[CartChange, Offer]]:
        for change in changes:
            offer = self.offer(change.cart)
            if offer and wanted(offer):
                yield change, offer
                return

    def _smallest(
        self, cart: Cart, amend: Amend, most: int, wanted: Wanted
    ) -> Iterator[tuple[CartChange, Offer]]:
        """The smallest amount that flips the answer, by bisection between two tries.

        The lower bound is the largest try that failed, the upper the first that did not. If the
        answer flips more than once in between, the result is one of the flips.
        """
        too_little, found = 0, None
        for amount in self._amounts(cart, most):
            if found := self._try(cart, amend, amount, wanted):
                break
            too_little = amount
        while found and amount - too_little > 1:
            middle = (too_little + amount) // 2
            if nearer := self._try(cart, amend, middle, wanted):
                amount, found = middle, nearer
            else:
                too_little = middle
        if found:
            yield found

    def _amounts(self, cart: Cart, most: int) -> list[int]:
        """Amounts to try: powers of two, and both sides of each cart limit."""
        limits = self._configuration.limits_in(cart.currency)
        distances = [
            abs(bound - subtotal) + beyond
            for bound in (limits.subtotal_minimum, limits.subtotal_maximum)
            if bound is not None
            for subtotal in (cart.subtotal_amount, cart.discounted_subtotal_amount)
            for beyond in (0, 1)
        ]
        return sorted({amount for amount in (*_AMOUNTS, *distances) if 0 < amount <= most})

    def _try(
        self, cart: Cart, amend: Amend, amount: int, wanted: Wanted
    ) -> tuple[CartChange, Offer] | None:
        change = amend(cart, amount)
        offer = self.offer(change.cart)
        return (change, offer) if offer and wanted(offer) else None
