"""Send past events to an endpoint again, whether it received or missed them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from orderguard.actions.ports.unit_of_work import Database
from orderguard.actions.register_webhook_endpoint import get_webhook_endpoint
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.ids import MerchantId
from orderguard.domain.people.audit import Change
from orderguard.domain.webhooks.webhook import CommittedEvent, WebhookEndpoint

BATCH = 500
"""Events per transaction, so that other transactions do not wait long."""


def replay_webhook_events(
    database: Database,
    id_: str,
    *,
    event_ids: Collection[str] = (),
    since: datetime | None = None,
    within: MerchantId | None = None,
    change: Change,
) -> int:
    """Queue past events for an endpoint again; returns their number.

    Selects events by their ids, whether or not the endpoint subscribed to their types, or all it
    subscribed to since `since`. Events of one topic arrive in order, as always. Raises `NotFound`
    for the endpoint or an event, `Malformed` without a selection, or when nothing can be sent.
    """
    if (since is None) == (not event_ids):
        raise Malformed("Say which events to send again: either --event-id or --since.")
    with database.read() as work:
        endpoint = get_webhook_endpoint(work, id_, within=within)
    if not endpoint.is_enabled:
        raise Malformed(
            f"{endpoint.id} is disabled. Enable it first: orderguard webhooks enable {endpoint.id}"
        )
    count = (
        _replay_named(database, endpoint, set(event_ids), at=change.at)
        if event_ids
        else _replay_since(database, endpoint, since, at=change.at)
    )
    asked = {"event_ids": sorted(event_ids), "since": since.isoformat() if since else None}
    with database.begin() as work:
        work.audit.record(
            endpoint.merchant,
            change=change,
            action="webhook_events.replayed",
            subject=endpoint.id,
            after=asked | {"events": count},
        )
    return count


def _replay_named(
    database: Database, endpoint: WebhookEndpoint, event_ids: set[str], *, at: datetime
) -> int:
    with database.begin() as work:
        found = work.webhook_deliveries.past_events(
            endpoint, event_ids=event_ids, limit=len(event_ids)
        )
        missing = event_ids - {event.id for _, event in found}
        if missing:
            raise NotFound(
                f"No past event of this merchant has the id {', '.join(sorted(missing))}; "
                "nothing was done."
            )
        work.webhook_deliveries.ask_again(endpoint, [sequence for sequence, _ in found], at=at)
    return len(found)


def _replay_since(
    database: Database, endpoint: WebhookEndpoint, since: datetime | None, *, at: datetime
) -> int:
    count, after = 0, 0
    batch: list[tuple[int, CommittedEvent]] | None = None
    while batch is None or len(batch) == BATCH:
        with database.begin() as work:
            batch = list(
                work.webhook_deliveries.past_events(endpoint, since=since, after=after, limit=BATCH)
            )
            wanted = [sequence for sequence, event in batch if endpoint.wants(event.type)]
            if wanted:
                work.webhook_deliveries.ask_again(endpoint, wanted, at=at)
        count += len(wanted)
        after = batch[-1][0] if batch else after
    return count
