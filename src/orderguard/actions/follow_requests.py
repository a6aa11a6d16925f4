"""Read the request log as it grows."""

from __future__ import annotations

from collections.abc import Sequence

from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.ids import MerchantId
from orderguard.domain.integration.logged_request import KEPT, LoggedRequest, RequestFilter

FOLLOW_EVERY_SECONDS = 0.5


class FollowRequests:
    """Follows the log of one merchant.

    Several processes write it, some of them late. So a request is new when it was not there at the
    last look; its place tells only when it was made.
    """

    def __init__(self, database: Database, merchant: MerchantId) -> None:
        self._database = database
        self._merchant = merchant
        self._seen: frozenset[int] = frozenset()

    def latest(self) -> Sequence[LoggedRequest]:
        """All requests in the log, latest first."""
        with self._database.read() as work:
            found = work.request_log.page(self._merchant, RequestFilter(), limit=KEPT)
        self._seen = frozenset(each.place for each in found)
        return found

    def new(self) -> Sequence[LoggedRequest]:
        """The requests that were added since the last look, ordered by when they were made."""
        with self._database.read() as work:
            places = work.request_log.places(self._merchant)
            found = work.request_log.at(self._merchant, places - self._seen)
        self._seen = places
        return found
