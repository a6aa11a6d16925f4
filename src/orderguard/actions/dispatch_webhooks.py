"""Send events to webhook endpoints, at least once, and in order per topic.

Everything that must survive is in the database: which events are owed to which endpoint, and which
process is sending them until when. The state in memory only decides which endpoint is served next.
So a process may die at any point: its leases expire, and another process, or its successor, sends
the deliveries it had claimed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from orderguard.actions.keep_time import trusted_time
from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery, EndedAttempt
from orderguard.domain.webhooks.webhook import (
    Attempt,
    Delivered,
    DisabledBecause,
    EndpointGone,
    RetrySchedule,
    TryAgain,
    Verdict,
    WebhookEndpoint,
    WebhookEndpointId,
    judge,
)

log = structlog.get_logger()

LINED_UP_AT_ONCE = 500
"""Events per endpoint and transaction."""

NEVER = datetime.min.replace(tzinfo=UTC)

STOP_WITHIN_SECONDS = 3.0
"""Seconds for attempts under way to end when the server stops. Then their leases are released."""


class SendWebhook(Protocol):
    """Makes one delivery attempt. Never raises for errors of the endpoint."""

    def __call__(self, claimed: ClaimedDelivery) -> Awaitable[Attempt]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchLimits:
    """Limits on the load that the dispatcher puts on this process and on an endpoint.

    Checkouts share the cores, and on SQLite they wait for the transactions of a round:
    `started_at_once`, once per round, bounds both. An endpoint that failed last time gets one
    attempt at a time, so that slow or dead endpoints do not use up the attempts under way.
    """

    under_way: int = 32
    under_way_per_endpoint: int = 8
    started_at_once: int = 4
    look_every: timedelta = timedelta(seconds=0.5)
    """The polling interval while nothing is due."""
    lease: timedelta = timedelta(seconds=25)
    """Must be longer than an attempt can take and be recorded."""


@dataclass(slots=True)
class DispatchWebhooks:
    """Sends due webhooks in rounds, one per call of `dispatch`; attempts outlast a round."""

    database: Database
    send: SendWebhook
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    new_lease: Callable[[], str]
    schedule: RetrySchedule = field(default_factory=RetrySchedule)
    limits: DispatchLimits = field(default_factory=DispatchLimits)
    _under_way: dict[asyncio.Task[Attempt], ClaimedDelivery] = field(default_factory=dict)
    _struggling: set[WebhookEndpointId] = field(default_factory=set)
    _served_at: dict[WebhookEndpointId, datetime] = field(default_factory=dict)
    _idle_until: datetime = NEVER
    _round: asyncio.Future[None] | None = None

    async def dispatch(self) -> None:
        """Record the attempts that ended, and start others. Raises `StorageUnavailable`."""
        idle_for = self._idle_until - self.clock()
        # A wait longer than `look_every` means that the clock was set back.
        is_resting = timedelta(0) < idle_for <= self.limits.look_every
        if is_resting and not any(task.done() for task in self._under_way):
            return
        # Shielded: a round that is cancelled half-way would lose the deliveries it has claimed.
        self._round = asyncio.ensure_future(self._go_round())
        await asyncio.shield(self._round)

    async def _go_round(self) -> None:
        ended = [task for task in self._under_way if task.done()]
        # An attempt stays ours until it is recorded, so that a locked database loses nothing.
        await asyncio.to_thread(self._record, [(self._under_way[t], t.result()) for t in ended])
        for task in ended:
            del self._under_way[task]
        at = self.clock()
        claimed = await asyncio.to_thread(self._claim, at)
        for each in claimed:
            self._under_way[asyncio.create_task(self._attempt(each))] = each
        self._idle_until = NEVER if claimed else at + self.limits.look_every

    async def _attempt(self, claimed: ClaimedDelivery) -> Attempt:
        at = self.clock()
        try:
            return await self.send(claimed)
        except Exception:
            # A bug of ours, but one delivery's error must not end the dispatcher.
            log.exception("webhook.crashed", endpoint=claimed.endpoint.id, webhook=claimed.event.id)
            return Attempt(at=at, duration=self.clock() - at, error="Internal error.")

    async def stop(self) -> None:
        """Wait briefly for attempts to end, and release the others. Raises `StorageUnavailable`."""
        if self._round is not None:
            await asyncio.gather(self._round, return_exceptions=True)
        if not self._under_way:
            return
        _, unfinished = await asyncio.wait(self._under_way, timeout=STOP_WITHIN_SECONDS)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        unknown = [self._under_way.pop(task) for task in unfinished]
        ended = [(claimed, task.result()) for task, claimed in self._under_way.items()]
        self._under_way.clear()
        await asyncio.to_thread(self._hand_back, unknown)
        await asyncio.to_thread(self._record, ended)

    def _record(self, ended: Sequence[tuple[ClaimedDelivery, Attempt]]) -> None:
        if not ended:
            return
        at = self.clock()
        with self.database.begin() as work:
            trusted = trusted_time(work, at=at).at
            judged = [
                EndedAttempt(claimed, attempt, self._judge(claimed, attempt, at, trusted))
                for claimed, attempt in ended
            ]
            kept = work.webhook_deliveries.settle(judged, at=at)
            for each in kept:
                if isinstance(each.verdict, EndpointGone):
                    work.webhook_endpoints.disable(
                        each.claimed.endpoint, DisabledBecause.GONE, at=at
                    )
        for each in judged:
            self._note(each, is_kept=each in kept)

    def _judge(
        self, claimed: ClaimedDelivery, attempt: Attempt, at: datetime, trusted: datetime
    ) -> Verdict:
        return judge(
            attempt,
            claimed.record,
            schedule=self.schedule,
            at=at,
            jitter=self.jitter(),
            trusted=trusted,
        )

    def _note(self, ended: EndedAttempt, *, is_kept: bool) -> None:
        claimed, attempt, verdict = ended.claimed, ended.attempt, ended.verdict
        if attempt.is_success:
            self._struggling.discard(claimed.endpoint.id)
        else:
            self._struggling.add(claimed.endpoint.id)
        # The URL stays out of the log: some carry a token.
        about = {
            "merchant": claimed.endpoint.merchant,
            "endpoint": claimed.endpoint.id,
            "webhook": claimed.event.id,
            "attempt": claimed.attempts + 1,
            "status": attempt.status,
        }
        if not is_kept:
            log.warning("webhook.lease_lost", **about)
        elif isinstance(verdict, Delivered):
            log.info("webhook.delivered", **about)
        elif isinstance(verdict, TryAgain):
            log.info("webhook.failed", **about, why=attempt.error, next_at=verdict.at.isoformat())
        elif isinstance(verdict, EndpointGone):
            log.warning("webhook.endpoint_gone", **about)
        else:
            log.warning("webhook.given_up", **about, why=attempt.error)

    def _claim(self, at: datetime) -> list[ClaimedDelivery]:
        room = min(self.limits.under_way - len(self._under_way), self.limits.started_at_once)
        if room <= 0:
            return []
        # A read takes no lock, so that an idle dispatcher never delays checkouts.
        with self.database.read() as work:
            behind = work.webhook_deliveries.endpoints_behind()
        for endpoint in behind:
            with self.database.begin() as work:
                work.webhook_deliveries.line_up_new(endpoint, limit=LINED_UP_AT_ONCE, at=at)
        with self.database.read() as work:
            due = work.webhook_deliveries.endpoints_with_due(at=at)
        served = [each for each in self._by_turn(due) if self._room_for(each) > 0]
        return self._claim_of(served, room, at=at) if served else []

    def _claim_of(
        self, endpoints: Sequence[WebhookEndpoint], room: int, *, at: datetime
    ) -> list[ClaimedDelivery]:
        """Claim as many deliveries as the limits allow, a fair share for each endpoint."""
        claimed: list[ClaimedDelivery] = []
        share = max(1, room // len(endpoints))
        with self.database.begin() as work:
            for endpoint in endpoints:
                limit = min(share, self._room_for(endpoint), room - len(claimed))
                if limit == 0:
                    break
                claimed += work.webhook_deliveries.claim(
                    endpoint,
                    at=at,
                    limit=limit,
                    lease=self.new_lease(),
                    lease_expires_at=self.clock() + self.limits.lease,
                )
                self._served_at[endpoint.id] = at
        return claimed

    def _by_turn(self, endpoints: Sequence[WebhookEndpoint]) -> list[WebhookEndpoint]:
        """The endpoints, the least recently served first."""
        return sorted(endpoints, key=lambda each: (self._served_at.get(each.id, NEVER), each.id))

    def _room_for(self, endpoint: WebhookEndpoint) -> int:
        busy = sum(1 for each in self._under_way.values() if each.endpoint.id == endpoint.id)
        most = self.limits.under_way_per_endpoint
        return (1 if endpoint.id in self._struggling else most) - busy

    def _hand_back(self, unknown: Sequence[ClaimedDelivery]) -> None:
        if not unknown:
            return
        at = self.clock()
        with self.database.begin() as work:
            for claimed in unknown:
                work.webhook_deliveries.hand_back(claimed, at=at)
