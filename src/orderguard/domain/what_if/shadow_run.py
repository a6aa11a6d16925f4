"""A shadow run, the replay of past sessions against a draft: its request, progress and result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from orderguard.domain.cart import Cart
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.experiment import Arm, assign_arm
from orderguard.domain.ids import ConfigurationVersion, MerchantId, SessionId
from orderguard.domain.offers.offer import SYSTEM_ERROR, Offer, make_offer
from orderguard.domain.what_if.shadow_report import ShadowReport, ShadowTally

ShadowRunId = NewType("ShadowRunId", str)
"""`shr_` and 16 letters or digits."""

LAST_DEFAULT = 5_000
LAST_MAXIMUM = 100_000
"""Sessions of one run: at 5,000 a second, 20 seconds of one core."""

SILENT_AFTER = timedelta(seconds=60)
"""A run that reports no progress for so long has died with its process."""


class ShadowRunStatus(StrEnum):
    """The status of a run. The last three are final."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRun:
    """A stored run. `report` is set when it is done, `failure` when it failed.

    The latest `last` sessions are replayed; `replayed` counts them so far. `source` is the text of
    the configuration, kept because the draft named `draft` may change during the run.
    """

    merchant: MerchantId
    id: ShadowRunId
    draft: str | None
    source: str
    last: int
    status: ShadowRunStatus
    replayed: int
    started_at: datetime
    progressed_at: datetime
    started_by: str
    report: ShadowReport | None = None
    failure: str | None = None

    def status_at(self, at: datetime) -> ShadowRunStatus:
        """The status at `at`: a run without progress for `SILENT_AFTER` counts as failed."""
        silent = at - self.progressed_at >= SILENT_AFTER
        if self.status is ShadowRunStatus.RUNNING and silent:
            return ShadowRunStatus.FAILED
        return self.status


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A session's latest analysis, with the fields that a replay needs.

    `cohort` is the session's arm of the experiment at that time. `cart` is None when the stored
    cart cannot be read.
    """

    session: SessionId
    updated_at: datetime
    cart: Cart | None
    offer: Offer
    configuration_version: ConfigurationVersion | None
    is_accepted: bool = False


@dataclass(frozen=True, slots=True)
class Replay:
    """Compares the published configuration with a draft, session by session.

    An answer given by an older version does not show the effect of publishing the draft, so such
    carts are decided again under both configurations.
    """

    published: MerchantConfiguration | None
    draft: MerchantConfiguration

    def add(self, answer: StoredAnswer, tally: ShadowTally) -> None:
        """Count one session."""
        cart = answer.cart
        if cart is None:
            tally.add_unreadable()
            return
        tally.add(
            answer.session,
            cart.currency,
            self._before(answer, cart),
            decide_again(answer, cart, self.draft),
            is_accepted=answer.is_accepted,
        )

    def _before(self, answer: StoredAnswer, cart: Cart) -> Offer:
        current = self.published.version if self.published else None
        if answer.configuration_version == current:
            return answer.offer
        return decide_again(answer, cart, self.published)


def decide_again(
    answer: StoredAnswer, cart: Cart, configuration: MerchantConfiguration | None
) -> Offer:
    """The answer of this configuration to a stored cart.

    A session takes part in the configuration's experiment if it took part in one before: consent is
    not stored otherwise.
    """
    try:
        return make_offer(cart, configuration, _arm(answer, configuration))
    except Exception:  # as at checkout: one bad cart must not end the run
        return SYSTEM_ERROR


def _arm(answer: StoredAnswer, configuration: MerchantConfiguration | None) -> Arm | None:
    experiment = configuration.running_experiment if configuration else None
    if experiment is None or answer.offer.cohort is None:
        return None
    return assign_arm(experiment, answer.session)
