"""The interface to the request log; storage implements it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from orderguard.domain.ids import MerchantId
from orderguard.domain.integration.logged_request import LoggedRequest, RequestFilter


class RequestLog(Protocol):
    """The latest requests of each merchant that failed, and a sandbox's requests."""

    def add(self, requests: Sequence[LoggedRequest]) -> None:
        """Add requests of any merchants, and delete all but the latest of each of them."""

    def page(
        self,
        merchant: MerchantId,
        wanted: RequestFilter,
        *,
        before: int | None = None,
        limit: int,
    ) -> Sequence[LoggedRequest]:
        """Requests that match the filter, latest first, from below the place `before`."""

    def places(self, merchant: MerchantId) -> frozenset[int]:
        """The places of all requests of a merchant."""

    def at(self, merchant: MerchantId, places: Collection[int]) -> Sequence[LoggedRequest]:
        """The requests at these places, in the order in which they were made."""
