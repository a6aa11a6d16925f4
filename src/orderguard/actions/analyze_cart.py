"""Analyse a cart: decide, price, and record it in its offer session (contract §2-§6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from orderguard.actions.ports.journal import DecidedForAnotherSession, OfferSessionJournal
from orderguard.actions.ports.known import CurrentConfigurations
from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm, Experiment, assign_arm
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.offers.magic_lines import MagicLines
from orderguard.domain.offers.offer import SYSTEM_ERROR, Offer, make_offer
from orderguard.domain.what_if.explanation import Explanation, explain_offer

log = structlog.get_logger()

FAILURES_LOGGED_AT_MOST = 10
"""Rules of one analysis; when the first has used up the budget, all that follow fail with it."""

RACES_AT_MOST = 3
"""How often a decision is repeated because another call bound the same cart id first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRequest:
    """A decoded request to analyse a cart. `session` wins over `cart_id` (contract §6)."""

    cart: Cart
    request_id: str
    session: SessionId | None = None
    cart_id: str | None = None
    experimentation_consent: bool = False
    debug: bool = False
    magic_lines: MagicLines | None = None
    """Only ever set for a sandbox merchant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """The offer, where it was recorded, the configuration that decided, and the explanation if the
    caller asked for it."""

    offer: Offer
    recorded: RecordedAnalysis
    configuration: MerchantConfiguration | None = None
    explanation: Explanation | None = None
    decision: Mapping[str, object] = field(default_factory=dict)
    """The decision in brief, for the one log line of its request."""


@dataclass(frozen=True, slots=True)
class AnalyzeCart:
    """The action behind `POST analyze`."""

    configurations: CurrentConfigurations
    journal: OfferSessionJournal
    new_session_id: Callable[[datetime], SessionId]
    observe_offer: Callable[[Offer], None] = lambda _offer: None

    async def __call__(
        self, merchant: MerchantId, request: AnalysisRequest, *, at: datetime
    ) -> AnalysisResult:
        """Decide about the cart, and answer once the analysis is durable.

        Raises `SessionNotFound` for a session that this merchant does not have, and
        `StorageUnavailable`. Any other error while deciding becomes `system_error`.
        """
        try:
            configuration = await self.configurations.find(merchant)
        except StorageUnavailable:
            raise
        except Exception:
            # Such as a configuration that a newer release published, with settings unknown here.
            log.exception(
                "configuration.unreadable", merchant=merchant, request_id=request.request_id
            )
            return await self._give_up(merchant, request, at=at)
        experiment = _experiment_for(request, configuration)
        if experiment is None:
            analysis = self._decide(merchant, request, configuration, at=at)
            recorded = await self.journal.record(analysis)
        else:
            analysis, recorded = await self._take_part(
                merchant, request, configuration, experiment, at=at
            )
        return self._answer(
            analysis,
            recorded,
            configuration,
            _explain(request, configuration, analysis) if request.debug else None,
        )

    async def _give_up(
        self, merchant: MerchantId, request: AnalysisRequest, *, at: datetime
    ) -> AnalysisResult:
        """Record a `system_error`, so that the session continues."""
        analysis = self._analysis(merchant, request, SYSTEM_ERROR, None, None, at=at)
        recorded = await self.journal.record(analysis)
        return self._answer(analysis, recorded)

    async def _take_part(
        self,
        merchant: MerchantId,
        request: AnalysisRequest,
        configuration: MerchantConfiguration | None,
        experiment: Experiment,
        *,
        at: datetime,
    ) -> tuple[Analysis, RecordedAnalysis]:
        """Decide for the session's arm, which requires finding the session before the decision."""
        session = await self._session_of(merchant, request, at=at)
        for _ in range(RACES_AT_MOST):
            arm = assign_arm(experiment, session)
            analysis = self._decide(merchant, request, configuration, arm, session, at=at)
            try:
                return analysis, await self.journal.record(analysis)
            except DecidedForAnotherSession as race:
                session = race.actual or self.new_session_id(at)
        raise StorageUnavailable("The offer session of this cart keeps changing.")

    async def _session_of(
        self, merchant: MerchantId, request: AnalysisRequest, *, at: datetime
    ) -> SessionId:
        if request.session:
            return request.session
        if request.cart_id:
            bound = await self.journal.find_session_of_cart(merchant, request.cart_id)
            if bound:
                return bound
        return self.new_session_id(at)

    def _decide(
        self,
        merchant: MerchantId,
        request: AnalysisRequest,
        configuration: MerchantConfiguration | None,
        arm: Arm | None = None,
        session: SessionId | None = None,
        *,
        at: datetime,
    ) -> Analysis:
        offer = _offer_or_system_error(request, configuration, arm)
        version = configuration.version if configuration else None
        return self._analysis(merchant, request, offer, version, session, at=at)

    def _analysis(
        self,
        merchant: MerchantId,
        request: AnalysisRequest,
        offer: Offer,
        version: ConfigurationVersion | None,
        session: SessionId | None,
        *,
        at: datetime,
    ) -> Analysis:
        return Analysis(
            merchant=merchant,
            session=request.session,
            cart_id=request.cart_id,
            new_session=session or self.new_session_id(at),
            decided_for=session,
            cart=request.cart,
            offer=offer,
            configuration_version=version,
            request_id=request.request_id,
            at=at,
        )

    def _answer(
        self,
        analysis: Analysis,
        recorded: RecordedAnalysis,
        configuration: MerchantConfiguration | None = None,
        explanation: Explanation | None = None,
    ) -> AnalysisResult:
        offer = analysis.offer
        self.observe_offer(offer)
        for failure in offer.rule_failures[:FAILURES_LOGGED_AT_MOST]:
            log.warning(
                "rule.failed",
                rule=failure.rule,
                why=failure.why,
                session=recorded.session,
                request_id=analysis.request_id,
            )
        return AnalysisResult(
            offer=offer,
            recorded=recorded,
            configuration=configuration,
            explanation=explanation,
            decision={
                "reason": offer.reason,
                "session": recorded.session,
                "analysis": recorded.ordinal,
                "subtotal_minor": analysis.cart.subtotal_amount,
                "amount_minor": offer.charge.amount.amount if offer.charge else None,
                "currency": analysis.cart.currency,
                "cohort": offer.cohort,
                "configuration": analysis.configuration_version,
            },
        )


def _experiment_for(
    request: AnalysisRequest, configuration: MerchantConfiguration | None
) -> Experiment | None:
    """The experiment the session takes part in; none without consent (contract §10)."""
    if configuration is None or not request.experimentation_consent:
        return None
    return configuration.running_experiment


def _offer_or_system_error(
    request: AnalysisRequest, configuration: MerchantConfiguration | None, arm: Arm | None
) -> Offer:
    try:
        offer = make_offer(request.cart, configuration, arm)
        if request.magic_lines is not None:
            offer = request.magic_lines.change(offer, request.cart, configuration)
        return offer
    except Exception:
        # The blanket except of the contract: the shopper loses the offer, never the checkout.
        log.exception("analysis.failed", request_id=request.request_id)
        return SYSTEM_ERROR


def _explain(
    request: AnalysisRequest, configuration: MerchantConfiguration | None, analysis: Analysis
) -> Explanation | None:
    try:
        return explain_offer(request.cart, configuration, cohort=analysis.offer.cohort)
    except Exception:
        # An error in the explanation must not cost the shopper the offer.
        log.exception("explanation.failed", request_id=request.request_id)
        return None
