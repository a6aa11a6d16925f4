"""The rows that a batch of analyses writes, and the limits of the rows kept per session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.rows import (
    cart_without_lines_to_row,
    digest_of,
    fewer_left_out,
    quote_from_row,
    quote_to_row,
)
from orderguard.storage.tables import to_microseconds

ANALYSES_KEPT = 1_000
"""Analyses of a session that are kept in full. A cart id begins a new session then; a session that
is named goes on, and of its further analyses only the latest is kept, without the cart's lines."""

QUOTES_KEPT = 50
"""Distinct quotes of a session that orders are compared with, the latest ones."""

BYTES_PER_ANALYSIS = 512
"""What the rows of an analysis take besides the cart, the offer and the quote; roughly."""

LEFT_OUT_PAST_QUOTA = 2_048
"""Bytes of the lines that a quote left out, past the quota of bytes (ADR 0053)."""

WITHOUT_LINES = b""
"""The digest of a cart of which only the head is kept, with the analysis itself."""

Row = tuple[Any, ...]
Recorded = tuple[Waiting, RecordedAnalysis]


class KeptRows:
    """The rows of a batch of analyses, per table.

    A cart is written once per session and content, and a quote too; the analyses refer to them.
    """

    def __init__(
        self, batch: Sequence[Waiting], outcomes: Mapping[int, Outcome], quota: ByteQuota
    ) -> None:
        self._quota = quota
        # Past the quota nothing is kept whose size follows from the request.
        self._carts: dict[Row, bytes] = {}
        self._quotes: dict[Row, tuple[int, bytes]] = {}
        self.analyses: list[Row] = []
        self.superseded: list[Row] = []
        """(merchant, session, ordinal): beyond the limit, analyses before this one may go."""
        late: dict[Row, Recorded] = {}
        for waiting, recorded in _recorded(batch, outcomes):
            if recorded.ordinal > ANALYSES_KEPT:
                self._keep_quote(waiting, recorded, self._may_keep(waiting, b""))
                late[waiting.analysis.merchant, recorded.session] = (waiting, recorded)
            else:
                self._keep(waiting, recorded)
        for session, (waiting, recorded) in late.items():
            self._keep_head(waiting, recorded)
            self.superseded.append((*session, recorded.ordinal))

    @property
    def carts(self) -> list[Row]:
        """The new carts, as rows (merchant, session, digest, cart)."""
        return [(*key, cart) for key, cart in self._carts.items()]

    @property
    def quotes(self) -> list[Row]:
        """The new quotes, as rows (merchant, session, digest, ordinal, quote)."""
        return [(*key, *quote) for key, quote in self._quotes.items()]

    def _keep_quote(self, waiting: Waiting, recorded: RecordedAnalysis, in_full: bool) -> None:
        row = waiting.quote
        if row is None:
            return
        if not in_full and len(row) > LEFT_OUT_PAST_QUOTA:
            quote = quote_from_row(row, recorded.ordinal)
            row = quote_to_row(fewer_left_out(quote, size=LEFT_OUT_PAST_QUOTA))
        key = (waiting.analysis.merchant, recorded.session, digest_of(row))
        self._quotes[key] = (recorded.ordinal, row)

    def _may_keep(self, waiting: Waiting, cart: bytes) -> bool:
        analysis = waiting.analysis
        return self._quota.take(analysis.merchant, analysis.at, size_of(waiting, cart))

    def _keep(self, waiting: Waiting, recorded: RecordedAnalysis) -> None:
        in_full = self._may_keep(waiting, waiting.cart)
        self._keep_quote(waiting, recorded, in_full)
        if in_full:
            merchant = waiting.analysis.merchant
            self._carts[merchant, recorded.session, waiting.cart_digest] = waiting.cart
            self._write(waiting, recorded, b"", waiting.cart_digest)
        else:
            self._keep_head(waiting, recorded)

    def _keep_head(self, waiting: Waiting, recorded: RecordedAnalysis) -> None:
        head = cart_without_lines_to_row(waiting.analysis.cart)
        self._write(waiting, recorded, head, WITHOUT_LINES)

    def _write(
        self, waiting: Waiting, recorded: RecordedAnalysis, cart: bytes, digest: bytes
    ) -> None:
        analysis = waiting.analysis
        self.analyses.append(
            (
                analysis.merchant,
                recorded.session,
                recorded.ordinal,
                to_microseconds(analysis.at),
                analysis.configuration_version,
                analysis.request_id,
                analysis.offer.reason,
                cart,
                waiting.offer,
                digest,
            )
        )


def size_of(waiting: Waiting, cart: bytes) -> int:
    """The bytes that an analysis takes from the quota when it is kept with this cart."""
    return len(cart) + len(waiting.offer) + len(waiting.quote or b"") + BYTES_PER_ANALYSIS


def _recorded(batch: Sequence[Waiting], outcomes: Mapping[int, Outcome]) -> Iterator[Recorded]:
    for row, waiting in enumerate(batch):
        outcome = outcomes[row]
        if isinstance(outcome, RecordedAnalysis):
            yield waiting, outcome
