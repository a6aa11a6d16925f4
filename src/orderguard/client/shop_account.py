"""Shared by both clients: server address, keys, time budget, and the answer after a failure."""

from __future__ import annotations

import logging

from orderguard.client import analysis
from orderguard.client.breaker import Breaker
from orderguard.client.offer import Hidden

log = logging.getLogger("orderguard.client")


class ShopAccount:
    """Base of both clients: everything that does not depend on the HTTP library."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        orders_key: str | None,
        budget_ms: int,
        breaker: Breaker | None,
    ) -> None:
        self._base_url = analysis.checked_base(base_url)
        self._key = key
        self._orders_key = orders_key or key
        self._budget_seconds = budget_ms / 1000
        self._breaker = breaker or Breaker()

    def _give_up(self, error: Exception) -> Hidden:
        """Hide the offer after any error. Only missing answers count for the breaker."""
        reason = analysis.reason_of(error)
        if reason in analysis.SILENCE:
            self._breaker.note_silence()
        level = logging.DEBUG if reason == analysis.RESTING else logging.WARNING
        log.log(level, "Offer hidden: %s (%s)", reason, type(error).__name__)
        return Hidden(reason)
