"""Give way to shoppers: work that can wait rests between its steps while carts are analysed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.ids import MerchantId

LOOK_EVERY_SECONDS = 0.5

RESTS = 3
"""How many times as long as it worked such work rests: it takes a quarter of a core at most."""

REST_SECONDS_AT_MOST = 1.0


@dataclass(slots=True)
class GiveWay:
    """Knows whether carts are analysed at the moment, by any server of the installation.

    The last analyses in the database are compared with those of the look before, so clocks that
    differ do not matter. Until the second look nobody shops.
    """

    database: Database
    elapsed_seconds: Callable[[], float]
    wait: Callable[[float], None]
    somebody_shops: bool = False
    _seen: Mapping[MerchantId, datetime] | None = None
    _look_at: float = float("-inf")

    def after_working(self, *, since: float) -> None:
        """Rest in proportion to the work since this instant of `elapsed_seconds`, if anybody shops.

        A database that cannot be used just now is no reason to stop: the work notices by itself.
        """
        at = self.elapsed_seconds()
        if at >= self._look_at:
            self._look_at = at + LOOK_EVERY_SECONDS
            with suppress(StorageUnavailable):
                self._look()
        if self.somebody_shops:
            self.wait(min(RESTS * (at - since), REST_SECONDS_AT_MOST))

    def _look(self) -> None:
        with self.database.read() as work:
            found = work.offer_sessions.last_analyses()
        self.somebody_shops = self._seen is not None and found != self._seen
        self._seen = found
