"""Try a cart on an unpublished configuration, beside the published one."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.preview_prices import published_now
from orderguard.actions.publish_configuration import read_configuration
from orderguard.actions.settle_order import FindConfiguration
from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import InvalidDocument, NotFound, Problem, SessionNotFound
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.offer import SYSTEM_ERROR, Offer, make_offer
from orderguard.domain.what_if.explanation import Explanation, explain_offer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TriedAnswer:
    """The answer of a configuration to a cart. `explanation` is None when deciding failed."""

    offer: Offer
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class TriedCart:
    """Both configurations' answers to a cart. `draft` is None when the draft has `problems`."""

    cart: Cart
    draft: TriedAnswer | None
    published: TriedAnswer
    problems: tuple[Problem, ...] = ()


def try_cart(
    work: UnitOfWork,
    compiler: ConditionCompiler,
    find_configuration: FindConfiguration,
    merchant: MerchantId,
    source: str,
    cart: Cart,
    *,
    arm: str | None = None,
) -> TriedCart:
    """Decide a cart under both configurations, for a shopper in this arm if one is given.

    Nothing is recorded.
    """
    published = _tried(cart, published_now(work, find_configuration, merchant), arm)
    try:
        draft = read_configuration(source, compiler)
    except InvalidDocument as error:
        return TriedCart(cart, None, published, tuple(error.problems))
    return TriedCart(cart, _tried(cart, draft, arm), published)


def _tried(
    cart: Cart, configuration: MerchantConfiguration | None, arm_name: str | None
) -> TriedAnswer:
    arm = configuration.arm_named(arm_name) if configuration else None
    try:
        offer = make_offer(cart, configuration, arm)
        cohort = arm.name if arm else None
        return TriedAnswer(offer, explain_offer(cart, configuration, cohort=cohort))
    except Exception:
        # As at checkout: any error hides the offer, with the reason `system_error`.
        log.exception("try_cart.failed")
        return TriedAnswer(SYSTEM_ERROR, None)


def latest_analysis(work: UnitOfWork, merchant: MerchantId, session: SessionId) -> Analysis:
    """A session's latest analysis. Raises `SessionNotFound`, `NotFound` if its lines are gone."""
    found = work.session_search.find(merchant, session)
    latest = (
        work.session_search.analysis(merchant, session, found.analysis_count) if found else None
    )
    if latest is None:
        raise SessionNotFound
    if not latest.cart_has_lines:
        raise NotFound("The lines of this session's latest cart were not kept.")
    return latest
