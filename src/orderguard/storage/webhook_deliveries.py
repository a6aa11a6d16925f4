"""Webhook deliveries: which event is due at which endpoint, when, and the attempts so far.

Each change of an endpoint's deliveries locks the endpoint's row first, so that two processes never
reorder the same queue. On SQLite only one transaction writes at a time, so the lock costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)

from orderguard.domain.orders.event import EventType
from orderguard.domain.webhooks.claimed_delivery import ClaimedDelivery, EndedAttempt
from orderguard.domain.webhooks.webhook import (
    DUE_WITHIN,
    CommittedEvent,
    Delivery,
    DeliveryState,
    Place,
    WebhookEndpoint,
    WebhookEndpointId,
    WebhookSecret,
    first_in_line,
)
from orderguard.storage.tables import (
    outbox,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)
from orderguard.storage.webhook_endpoints import COLUMNS, endpoint_from_row
from orderguard.storage.webhook_rows import (
    attempt_from_row,
    attempt_values,
    claimed_from_row,
    delivery_from_row,
    event_from_row,
    settled_values,
)

_TABLE = webhook_deliveries
_UNSETTLED = (DeliveryState.WAITING, DeliveryState.PENDING)


class SqlWebhookDeliveries:
    """Webhook deliveries to the endpoints of all merchants."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: set[WebhookEndpointId] = set()

    def endpoints_behind(self) -> Sequence[WebhookEndpoint]:
        return self._enabled_endpoints(
            exists().where(
                outbox.c.merchant_id == webhook_endpoints.c.merchant_id,
                outbox.c.sequence > webhook_endpoints.c.lined_up_through,
            )
        )

    def endpoints_with_due(self, *, at: datetime) -> Sequence[WebhookEndpoint]:
        return self._enabled_endpoints(
            exists().where(
                _TABLE.c.merchant_id == webhook_endpoints.c.merchant_id,
                _TABLE.c.endpoint_id == webhook_endpoints.c.id,
                _is_due(at),
            )
        )

    def _enabled_endpoints(self, condition: ColumnElement[bool]) -> Sequence[WebhookEndpoint]:
        query = select(*COLUMNS).where(webhook_endpoints.c.disabled_at.is_(None), condition)
        return [endpoint_from_row(row) for row in self._connection.execute(query)]

    def line_up_new(self, endpoint: WebhookEndpoint, *, limit: int, at: datetime) -> None:
        locked = self._locked(endpoint)
        if locked is None:
            return
        query = (
            select(outbox.c.sequence, outbox.c.topic, outbox.c.type)
            .where(
                outbox.c.merchant_id == endpoint.merchant,
                outbox.c.sequence > locked.lined_up_through,
            )
            .order_by(outbox.c.sequence)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        if not rows:
            return
        table = webhook_endpoints
        self._connection.execute(
            update(table)
            .where(table.c.merchant_id == endpoint.merchant, table.c.id == endpoint.id)
            .values(lined_up_through=rows[-1].sequence)
        )
        wanted = [row for row in rows if endpoint.wants(EventType(row.type))]
        self._append(endpoint, wanted, at=at)

    def claim(
        self,
        endpoint: WebhookEndpoint,
        *,
        at: datetime,
        limit: int,
        lease: str,
        lease_expires_at: datetime,
    ) -> Sequence[ClaimedDelivery]:
        locked = self._locked(endpoint)
        if locked is None or locked.disabled_at is not None:
            return []
        query = (
            select(_TABLE, outbox.c.event_id, outbox.c.type, outbox.c.happened_at, outbox.c.body)
            .join(outbox, _same_event(_TABLE))
            .where(*_of(_TABLE, endpoint), _is_due(at))
            .order_by(_TABLE.c.due_at, _TABLE.c.sequence)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        if rows:
            self._connection.execute(
                update(_TABLE)
                .where(*_of(_TABLE, endpoint), _among(rows))
                .values(lease=lease, due_at=lease_expires_at)
            )
        secret = WebhookSecret(locked.secret)
        return [claimed_from_row(row, endpoint_from_row(locked), secret, lease) for row in rows]

    def settle(self, ended: Sequence[EndedAttempt], *, at: datetime) -> Sequence[EndedAttempt]:
        settled: list[EndedAttempt] = []
        for _, group in groupby(sorted(ended, key=_endpoint_id), key=_endpoint_id):
            of_endpoint = list(group)
            endpoint = of_endpoint[0].claimed.endpoint
            leased = self._leased(endpoint, [each.claimed for each in of_endpoint])
            mine = [each for each in of_endpoint if each.claimed.sequence in leased]
            if mine:
                self._connection.execute(_SETTLE, [settled_values(each, at) for each in mine])
                self._connection.execute(
                    insert(webhook_attempts), [attempt_values(each) for each in mine]
                )
                self._line_up(endpoint, {each.claimed.topic for each in mine}, at=at)
            settled += mine
        return settled

    def hand_back(self, claimed: ClaimedDelivery, *, at: datetime) -> None:
        endpoint = claimed.endpoint
        if self._leased(endpoint, [claimed]):
            self._connection.execute(
                update(_TABLE)
                .where(*_of(_TABLE, endpoint), _TABLE.c.sequence == claimed.sequence)
                .values(lease=None, due_at=at)
            )
            self._line_up(endpoint, {claimed.topic}, at=at)

    def ask_again(
        self, endpoint: WebhookEndpoint, sequences: Collection[int], *, at: datetime
    ) -> None:
        """Queue these events for delivery again, also delivered and failed ones.

        An event whose attempt is in progress is left alone.
        """
        if self._locked(endpoint) is None:
            return
        self._connection.execute(
            update(_TABLE)
            .where(*_of(_TABLE, endpoint), _TABLE.c.sequence.in_(sequences))
            .where(_TABLE.c.lease.is_(None))
            .values(
                state=DeliveryState.WAITING,
                due_at=None,
                failures=0,
                failing_since=None,
                settled_at=None,
            )
        )
        known = select(_TABLE.c.sequence).where(*_of(_TABLE, endpoint))
        present = set(
            self._connection.execute(known.where(_TABLE.c.sequence.in_(sequences))).scalars()
        )
        query = select(outbox.c.sequence, outbox.c.topic).where(
            outbox.c.merchant_id == endpoint.merchant, outbox.c.sequence.in_(sequences)
        )
        rows = self._connection.execute(query).all()
        self._append(endpoint, [row for row in rows if row.sequence not in present], at=at)
        self._line_up(endpoint, {row.topic for row in rows}, at=at)

    def past_events(
        self,
        endpoint: WebhookEndpoint,
        *,
        since: datetime | None = None,
        event_ids: Collection[str] = (),
        after: int = 0,
        limit: int,
    ) -> Sequence[tuple[int, CommittedEvent]]:
        """Events that were queued for the endpoint or skipped, in their order."""
        query = (
            select(outbox)
            .join(
                webhook_endpoints,
                (webhook_endpoints.c.merchant_id == outbox.c.merchant_id)
                & (webhook_endpoints.c.id == endpoint.id),
            )
            .where(
                outbox.c.merchant_id == endpoint.merchant,
                outbox.c.sequence > after,
                outbox.c.sequence <= webhook_endpoints.c.lined_up_through,
            )
            .order_by(outbox.c.sequence)
            .limit(limit)
        )
        if since is not None:
            query = query.where(outbox.c.happened_at >= since)
        if event_ids:
            query = query.where(outbox.c.event_id.in_(event_ids))
        return [(row.sequence, event_from_row(row)) for row in self._connection.execute(query)]

    def of_endpoint(self, endpoint: WebhookEndpoint, *, limit: int) -> Sequence[Delivery]:
        query = (
            select(_TABLE, outbox.c.event_id, outbox.c.type, outbox.c.happened_at, outbox.c.body)
            .join(outbox, _same_event(_TABLE))
            .where(*_of(_TABLE, endpoint))
            .order_by(_TABLE.c.sequence.desc())
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        table = webhook_attempts
        attempts = (
            select(table)
            .where(*_of(table, endpoint), table.c.sequence.in_([row.sequence for row in rows]))
            .order_by(table.c.sequence, table.c.number)
        )
        grouped = {
            sequence: tuple(attempt_from_row(row) for row in group)
            for sequence, group in groupby(
                self._connection.execute(attempts), key=lambda row: row.sequence
            )
        }
        return [delivery_from_row(row, grouped.get(row.sequence, ())) for row in rows]

    def _locked(self, endpoint: WebhookEndpoint) -> Row[Any] | None:
        """Lock the endpoint until the transaction ends; its current row, None if it is removed."""
        table = webhook_endpoints
        query = (
            select(table)
            .where(table.c.merchant_id == endpoint.merchant, table.c.id == endpoint.id)
            .with_for_update()
        )
        row = self._connection.execute(query).first()
        if row is not None:
            self._held.add(endpoint.id)
        return row

    def _holds(self, endpoint: WebhookEndpoint) -> bool:
        """Lock the endpoint unless it is locked already; False if it is removed."""
        return endpoint.id in self._held or self._locked(endpoint) is not None

    def _append(self, endpoint: WebhookEndpoint, events: Sequence[Any], *, at: datetime) -> None:
        if not events:
            return
        self._connection.execute(
            insert(_TABLE),
            [
                {
                    "merchant_id": endpoint.merchant,
                    "endpoint_id": endpoint.id,
                    "sequence": event.sequence,
                    "topic": event.topic,
                    "state": DeliveryState.WAITING,
                    "attempts": 0,
                    "failures": 0,
                }
                for event in events
            ],
        )
        self._line_up(endpoint, {event.topic for event in events}, at=at)

    def _leased(self, endpoint: WebhookEndpoint, claimed: Sequence[ClaimedDelivery]) -> set[int]:
        """The sequences whose leases are held still; none if the endpoint was removed."""
        if not self._holds(endpoint):
            return set()
        leases = {each.sequence: each.lease for each in claimed}
        query = select(_TABLE.c.sequence, _TABLE.c.lease).where(
            *_of(_TABLE, endpoint), _TABLE.c.sequence.in_(leases)
        )
        rows = self._connection.execute(query)
        return {row.sequence for row in rows if row.lease == leases[row.sequence]}

    def _line_up(self, endpoint: WebhookEndpoint, topics: set[str], *, at: datetime) -> None:
        """Make exactly the first delivery of each topic's queue pending."""
        query = (
            select(_TABLE.c.topic, _TABLE.c.sequence, _TABLE.c.state, _TABLE.c.lease)
            .where(
                *_of(_TABLE, endpoint), _TABLE.c.topic.in_(topics), _TABLE.c.state.in_(_UNSETTLED)
            )
            .order_by(_TABLE.c.topic, _TABLE.c.sequence)
        )
        rows = self._connection.execute(query).all()
        promoted: list[int] = []
        demoted: list[int] = []
        for _topic, group in groupby(rows, key=lambda row: row.topic):
            line = list(group)
            first = first_in_line(
                [Place(sequence=row.sequence, is_under_way=row.lease is not None) for row in line]
            )
            for row in line:
                is_pending = row.state == DeliveryState.PENDING
                if row.sequence == first and not is_pending:
                    promoted.append(row.sequence)
                if row.sequence != first and is_pending:
                    demoted.append(row.sequence)
        self._move(endpoint, demoted, DeliveryState.WAITING, due_at=None)
        self._move(endpoint, promoted, DeliveryState.PENDING, due_at=at)

    def _move(
        self,
        endpoint: WebhookEndpoint,
        sequences: list[int],
        state: DeliveryState,
        *,
        due_at: datetime | None,
    ) -> None:
        if sequences:
            self._connection.execute(
                update(_TABLE)
                .where(*_of(_TABLE, endpoint), _TABLE.c.sequence.in_(sequences))
                .values(state=state, due_at=due_at)
            )


def _endpoint_id(ended: EndedAttempt) -> WebhookEndpointId:
    return ended.claimed.endpoint.id


def _of(table: Any, endpoint: WebhookEndpoint) -> list[ColumnElement[bool]]:
    return [table.c.merchant_id == endpoint.merchant, table.c.endpoint_id == endpoint.id]


def _is_due(at: datetime) -> ColumnElement[bool]:
    """Due now, or so far in the future that only a clock that was ahead can have set it."""
    return or_(_TABLE.c.due_at <= at, _TABLE.c.due_at > at + DUE_WITHIN)


def _same_event(table: Any) -> ColumnElement[bool]:
    return and_(outbox.c.merchant_id == table.c.merchant_id, outbox.c.sequence == table.c.sequence)


def _among(rows: Sequence[Row[Any]]) -> ColumnElement[bool]:
    return _TABLE.c.sequence.in_([row.sequence for row in rows])


_SETTLE = (
    update(_TABLE)
    .where(
        _TABLE.c.merchant_id == bindparam("of_merchant"),
        _TABLE.c.endpoint_id == bindparam("of_endpoint"),
        _TABLE.c.sequence == bindparam("of_sequence"),
    )
    .values(
        {
            name: bindparam(name)
            for name in ("state", "due_at", "settled_at", "attempts", "failures", "failing_since")
        }
        | {"lease": None}
    )
)
"""Ends a lease; its parameters are `settled_values`."""
