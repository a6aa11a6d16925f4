"""Record requests in the request log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.integration.logged_request import LoggedRequest


@dataclass(frozen=True, slots=True)
class RecordRequests:
    """Adds requests that have ended to the log of their merchants."""

    database: Database

    def __call__(self, requests: Sequence[LoggedRequest]) -> None:
        """Add them in one transaction. Raises `StorageUnavailable`."""
        with self.database.begin() as work:
            work.request_log.add(requests)
