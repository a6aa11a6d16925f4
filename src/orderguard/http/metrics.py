"""Prometheus metrics, in a registry of their own."""

from __future__ import annotations

import os
from functools import lru_cache
from math import inf

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.offers.offer import Offer
from orderguard.domain.orders.acceptance import Acceptance

_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD")
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """Metrics of this process: requests, offers by reason, and durations of disk writes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "orderguard_requests_total",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "orderguard_request_seconds",
            "Time from the request's head to the end of the answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._offers = Counter(
            "orderguard_offers_total",
            "Analyses by their reason.",
            ("reason",),
            registry=self.registry,
        )
        self._orders = Counter(
            "orderguard_orders_total",
            "Order revisions by what they say of the offer, and how the fee compares.",
            ("outcome", "verdict"),
            registry=self.registry,
        )
        self._limits = Counter(
            "orderguard_limits_reached_total",
            "Requests and connections refused or ended by a limit, and malformed ones.",
            ("limit",),
            registry=self.registry,
        )
        self._commit_seconds = Histogram(
            "orderguard_commit_seconds",
            "Time of one group commit of analyses.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._committed = Counter(
            "orderguard_analyses_committed_total",
            "Analyses made durable.",
            registry=self.registry,
        )

    def observe_request(self, route: str, method: str, status: int, seconds: float) -> None:
        counted, timed = self._of_request(route, method, status)
        counted.inc()
        timed.observe(seconds)

    @lru_cache(maxsize=512)  # noqa: B019  # there is one of these objects per process
    def _of_request(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        # Clients can send any method; a label for each would be unbounded cardinality.
        known = method if method in _METHODS else "other"
        counted = self._requests.labels(route, known, str(status))
        return counted, self._request_seconds.labels(route)

    def observe_limit(self, limit: str) -> None:
        self._limits.labels(limit).inc()

    def observe_acceptance(self, acceptance: Acceptance) -> None:
        self._orders.labels(acceptance.outcome, acceptance.verdict or "none").inc()

    def observe_offer(self, offer: Offer) -> None:
        self._of_reason(offer.reason).inc()

    @lru_cache(maxsize=64)  # noqa: B019  # as above
    def _of_reason(self, reason: EligibilityReason) -> Counter:
        return self._offers.labels(reason)

    def observe_commit(self, seconds: float, analyses: int) -> None:
        self._commit_seconds.observe(seconds)
        self._committed.inc(analyses)

    def analyze_durations(self) -> dict[int, int]:
        """Histogram of this process's analyses: their number by bucket bound in microseconds.

        0 stands for the bucket above the last bound.
        """
        found: dict[int, int] = {}
        below = 0
        for metric in self._request_seconds.collect():
            for sample in metric.samples:
                if sample.labels.get("route") == "analyze" and "le" in sample.labels:
                    bound, number = float(sample.labels["le"]), int(sample.value)
                    found[0 if bound == inf else round(bound * 1_000_000)] = number - below
                    below = number
        return found

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        # With several workers, the worker that is asked reports the metrics of all.
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
