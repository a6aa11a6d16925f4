"""Explain a session: its analyses over time, and one of them in full.

Nothing is stored for this beyond the analyses themselves. An analysis names its configuration
version, and a version never changes, so the explanation can be computed at any later time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.settle_order import FindConfiguration
from orderguard.actions.time_limit import time_limit
from orderguard.domain.analytics.funnel import SessionOutcome
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.errors import NotFound, SessionNotFound
from orderguard.domain.ids import MerchantId, OrderId, SessionId
from orderguard.domain.offers.analysis import Analysis
from orderguard.domain.offers.session_summary import SessionSummary, TimelineEntry
from orderguard.domain.what_if.analysis_difference import Difference, differences
from orderguard.domain.what_if.explanation import Explanation, explain_offer
from orderguard.domain.what_if.nearest_change import NearestChange, nearest_changes

log = structlog.get_logger()

DIFFERENCES_AT_MOST = 500
"""The most changes between two carts that are reported; a cart can have thousands of lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedSession:
    """A session with all its analyses, and the analysis number `ordinal` explained in full.

    `explanation` is None when its configuration version can no longer be read, or the lines of its
    cart were not kept. `differences` are those from the analysis number `against`, None for the
    first analysis and when the one before was deleted. `more_differences` counts those left out for
    length.
    """

    session: SessionSummary
    outcome: SessionOutcome
    order: OrderId | None
    timeline: Sequence[TimelineEntry]
    ordinal: int
    analysis: Analysis
    explanation: Explanation | None
    nearest: tuple[NearestChange, ...]
    against: int | None
    differences: tuple[Difference, ...]
    more_differences: int


def explain_session(
    work: UnitOfWork,
    find_configuration: FindConfiguration,
    merchant: MerchantId,
    session: SessionId,
    *,
    ordinal: int | None = None,
    against: int | None = None,
    clock: Callable[[], datetime],
) -> ExplainedSession:
    """The session with its analysis `ordinal` explained; without one, its last analysis.

    It is compared with the analysis `against`, by default the one before. Raises `SessionNotFound`,
    and `NotFound` when an analysis does not exist.
    """
    found = work.session_search.find(merchant, session)
    if found is None:
        raise SessionNotFound
    ordinal = found.analysis_count if ordinal is None else ordinal
    analysis = _analysis(work, merchant, session, ordinal)
    if against is None:
        compared = work.session_search.analysis(merchant, session, ordinal - 1)
        against = ordinal - 1 if compared else None
    else:
        compared = _analysis(work, merchant, session, against)
    explanation, nearest = _explained(
        analysis, _configuration(work, find_configuration, analysis), time_limit(clock)
    )
    has_lines = analysis.cart_has_lines and compared is not None and compared.cart_has_lines
    changed = differences(compared, analysis) if compared and has_lines else ()
    return ExplainedSession(
        session=found,
        outcome=work.funnel.outcome_of(
            merchant, session, at=clock() + work.merchants.ahead(merchant)
        ),
        order=work.orders.find_linked_to(merchant, session),
        timeline=work.session_search.timeline(merchant, session),
        ordinal=ordinal,
        analysis=analysis,
        explanation=explanation,
        nearest=nearest,
        against=against,
        differences=changed[:DIFFERENCES_AT_MOST],
        more_differences=max(0, len(changed) - DIFFERENCES_AT_MOST),
    )


def _analysis(work: UnitOfWork, merchant: MerchantId, session: SessionId, ordinal: int) -> Analysis:
    found = work.session_search.analysis(merchant, session, ordinal)
    if found is None:
        raise NotFound(f"This session has no analysis number {ordinal}.")
    return found


class _Unreadable:
    """The configuration version of the analysis does not exist any more, or is unreadable."""


_UNREADABLE = _Unreadable()


def _configuration(
    work: UnitOfWork, find_configuration: FindConfiguration, analysis: Analysis
) -> MerchantConfiguration | _Unreadable | None:
    """The configuration that decided; None if there was none."""
    version = analysis.configuration_version
    if version is None:
        return None
    return find_configuration(work, analysis.merchant, version) or _UNREADABLE


def _explained(
    analysis: Analysis,
    configuration: MerchantConfiguration | _Unreadable | None,
    goes_on: Callable[[], bool],
) -> tuple[Explanation | None, tuple[NearestChange, ...]]:
    if isinstance(configuration, _Unreadable) or not analysis.cart_has_lines:
        return None, ()
    cart, cohort = analysis.cart, analysis.offer.cohort
    try:
        nearest = (
            nearest_changes(cart, configuration, configuration.arm_named(cohort), goes_on)
            if configuration
            else ()
        )
        return explain_offer(cart, configuration, cohort=cohort), nearest
    except Exception:
        # The error behind a `system_error` breaks the explanation as well.
        log.exception("explanation.failed", request_id=analysis.request_id)
        return None, ()
