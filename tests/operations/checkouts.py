"""Shops that go on selling whatever happens to us, and keep a ledger of what they were answered."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count, pairwise
from typing import Any
from urllib.parse import urlsplit

from tests.operations.fleet import Fleet
from tests.operations.machines import wait_for
from tests.support.order_desk import OrderShop, accepted_order, wire_order
from tests.support.wire import wire_request

SHOPPERS = 6
BACKENDS = 2
CARTS = 250
"""Carts come back, so that new and old sessions are at risk."""

PAUSE_SECONDS = 0.1
"""How long a caller waits after a refusal."""

BETWEEN_CARTS_SECONDS = 0.02

GIVES_UP_SECONDS = 30
UNAVAILABLE = (502, 503, 504)
REACHED_NOBODY = 0
"""In a status's place: the connection was refused or ended without an answer."""


@dataclass
class Ledger:
    """What the shops were answered; the only judge of "nothing is lost"."""

    sessions: dict[str, list[int]] = field(default_factory=dict)
    """By the id of the session the counts of analyses that were answered."""

    sessions_of_carts: dict[str, set[str]] = field(default_factory=dict)
    answered_at: list[float] = field(default_factory=list)
    refused: int = 0
    slowest_refusal: float = 0.0
    orders: dict[int, str] = field(default_factory=dict)
    """By their number the id that was answered."""

    covered: set[int] = field(default_factory=set)
    """Orders whose shopper saw an offer and paid its fee."""

    repeated: int = 0
    """Pushes that had to be sent again."""

    def offers_away(self, since: float) -> float:
        """The longest time without an answered analysis, in seconds, after a moment."""
        moments = [since, *sorted(each for each in self.answered_at if each > since)]
        return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)


class Checkouts:
    """Analyses and orders without a pause, until enough of them have been answered."""

    def __init__(self, fleet: Fleet, *, analyses: int, orders: int) -> None:
        self.ledger = Ledger()
        self.shop = OrderShop(fleet.servers[1].a_shop())
        self.analyses, self.orders = analyses, orders
        self._address = urlsplit(fleet.url).netloc
        self._headers = {"X-Authorization": self.shop.key, "Content-Type": "application/json"}
        self._analysis, self._order = count(), count()
        self._lock = threading.Lock()
        self._of_thread = threading.local()
        self._connections: list[HTTPConnection] = []
        self._over = False
        self._pool = ThreadPoolExecutor(SHOPPERS + BACKENDS)
        self._working: list[Future[None]] = []

    def __enter__(self) -> Checkouts:
        self._working = [self._pool.submit(self._shop) for _ in range(SHOPPERS)]
        self._working += [self._pool.submit(self._buy) for _ in range(BACKENDS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._pool.shutdown()
        for each in self._connections:
            each.close()

    def wait_for_share(self, share: float) -> None:
        """Until this share of the analyses, and of the orders, has been answered."""
        self._wait(
            lambda: (
                len(self.ledger.answered_at) >= share * self.analyses
                and len(self.ledger.orders) >= share * self.orders
            ),
            f"{share:.0%} of the answers",
        )

    def wait_for_offers(self, since: float) -> float:
        """Until an analysis that began after a moment is answered; when it was."""
        with self._lock:
            before = len(self.ledger.answered_at)
        # The first ones may have been under way.
        self._wait(lambda: len(self.ledger.answered_at) > before + SHOPPERS + BACKENDS, "offers")
        return time.monotonic() - since

    def finish(self) -> Ledger:
        self.wait_for_share(1)
        self._over = True
        for each in self._working:
            each.result()
        return self.ledger

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the answer; `REACHED_NOBODY` when the connection ended before."""
        connection: HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = HTTPConnection(self._address, timeout=GIVES_UP_SECONDS)
            self._of_thread.connection = connection
            self._connections.append(connection)
        try:
            connection.request(method, path, body and json.dumps(body), self._headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException):
            connection.close()
            return REACHED_NOBODY, None
        if response.status in UNAVAILABLE:
            return response.status, None
        return response.status, json.loads(answer)

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        def is_so() -> bool:
            for each in self._working:
                if each.done():
                    each.result()
            return holds()

        wait_for(what, is_so, lambda: repr(self.ledger)[:2_000])

    def _shop(self) -> None:
        while not self._over:
            self._analyze(f"cart {next(self._analysis) % CARTS}")
            time.sleep(BETWEEN_CARTS_SECONDS)

    def _analyze(self, cart: str) -> str | None:
        """The session of the answer; None when the checkout goes on without an offer."""
        asked_at = time.monotonic()
        status, answer = self.send("POST", "/v1/analyze", wire_request(cartId=cart))
        if status in (REACHED_NOBODY, *UNAVAILABLE):
            with self._lock:
                self.ledger.refused += 1
                waited = time.monotonic() - asked_at
                self.ledger.slowest_refusal = max(self.ledger.slowest_refusal, waited)
            time.sleep(PAUSE_SECONDS)
            return None
        assert 200 == status, (status, answer)
        assert answer["mode"], answer
        session: str = answer["sessionId"]
        with self._lock:
            counts = self.ledger.sessions.setdefault(session, [])
            counts.append(answer["metadata"]["analysisCount"])
            self.ledger.sessions_of_carts.setdefault(cart, set()).add(session)
            self.ledger.answered_at.append(time.monotonic())
        return session

    def _buy(self) -> None:
        while not self._over and (number := next(self._order)) < self.orders:
            session = self._analyze(f"order {number}")
            self._push(number, order_of(number, session))
            if session:
                with self._lock:
                    self.ledger.covered.add(number)

    def _push(self, number: int, order: Any) -> None:
        """As a backend does: again and again until there is an answer."""
        while not self._over:
            status, answer = self.send("PUT", "/api/v1/orders", order)
            if status not in (REACHED_NOBODY, *UNAVAILABLE):
                assert status in (200, 201), (status, answer)
                with self._lock:
                    self.ledger.orders[number] = answer["order"]["id"]
                return
            with self._lock:
                self.ledger.repeated += 1
            time.sleep(PAUSE_SECONDS)


def order_of(number: int, session: str | None) -> dict[str, Any]:
    """Without an offer nobody pays a fee."""
    name = str(number)
    return accepted_order(session, external_id=name) if session else wire_order(name)
