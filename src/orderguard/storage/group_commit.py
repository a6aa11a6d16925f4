"""Group commit, shared by both journals: queued analyses, and the results for their callers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from orderguard.domain.errors import StorageUnavailable
from orderguard.domain.offers.analysis import Analysis, RecordedAnalysis
from orderguard.domain.orders.fee_verdict import quote_of
from orderguard.storage.rows import cart_to_row, digest_of, offer_to_row, quote_to_row

QUEUE_LIMIT = 4_096
"""Analyses that may wait. Past it the answer is 503 at once: better than a slow checkout."""

BATCH_LIMIT = 512
"""Analyses that share one commit at most."""

Outcome = RecordedAnalysis | Exception


@dataclass(slots=True)
class Waiting:
    """A queued analysis, and the future that its caller awaits."""

    analysis: Analysis
    cart: bytes
    cart_digest: bytes
    offer: bytes
    quote: bytes | None
    answer: asyncio.Future[RecordedAnalysis]


def waiting_for(analysis: Analysis) -> Waiting:
    """Encode an analysis for storage, and create the future that its caller awaits."""
    answer: asyncio.Future[RecordedAnalysis] = asyncio.get_running_loop().create_future()
    cart = cart_to_row(analysis.cart)
    quote = quote_of(analysis.offer, 0)
    return Waiting(
        analysis,
        cart,
        digest_of(cart),
        offer_to_row(analysis.offer),
        quote_to_row(quote) if quote else None,
        answer,
    )


def settle(batch: Sequence[Waiting], outcomes: Sequence[Outcome | None]) -> None:
    """Set the result of each analysis that has an outcome. Call it on the callers' event loop."""
    for waiting, outcome in zip(batch, outcomes, strict=True):
        # A caller may have gone; the analysis stays recorded.
        if outcome is None or waiting.answer.done():
            continue
        if isinstance(outcome, Exception):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)


def unavailable(error: Exception) -> StorageUnavailable:
    """The error for the caller when the database fails."""
    answer = StorageUnavailable(f"The database cannot be used: {error}")
    answer.__cause__ = error
    return answer


def too_many_waiting() -> StorageUnavailable:
    """The error for the caller when the queue is full."""
    return StorageUnavailable("Too many analyses are waiting for the database.")
