"""Read the request log as it grows."""

from __future__ import annotations

from collections.abc import Sequence

from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.ids import MerchantId
from orderguard.domain.integration.logged_request import KEPT, LoggedRequest

FOLLOW_EVERY_SECONDS = 0.5


def new_requests(
    database: Database, merchant: MerchantId, *, after: int
) -> Sequence[LoggedRequest]:
    """The requests above a place, oldest first.

    A process that writes late may add a request below the place of another one; that is in the log
    and not among these.
    """
    with database.read() as work:
        return work.request_log.after(merchant, after, limit=KEPT)
