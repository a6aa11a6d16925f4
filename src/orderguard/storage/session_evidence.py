"""Read the sessions that orders name, and the quotes that their fees are compared with.

The work does not grow with the number of analyses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from orderguard.domain.eligibility_reason import EligibilityReason
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.orders.acceptance import SessionEvidence
from orderguard.domain.orders.fee_verdict import Quote, quote_of
from orderguard.storage.kept_analyses import QUOTES_KEPT
from orderguard.storage.round_trip import Query, Row, send_together
from orderguard.storage.rows import offer_from_row, quote_from_row
from orderguard.storage.tables import analyses

LATEST_FOR_QUOTES = 200
"""Analyses in which quotes are looked for when a session began before quotes were kept."""

_SESSIONS = """
SELECT s.id, s.analysis_count, s.has_quotes, a.reason, q.ordinal, q.quote
FROM offer_sessions s
JOIN analyses a
  ON a.merchant_id = s.merchant_id AND a.session_id = s.id AND a.ordinal = s.analysis_count
LEFT JOIN session_quotes q ON q.merchant_id = s.merchant_id AND q.session_id = s.id
WHERE s.merchant_id = :merchant AND s.id IN :sessions
"""


@dataclass(slots=True)
class _Session:
    """The rows about one session: its last analysis, and its quotes by their ordinals."""

    analysis_count: int
    has_quotes: bool
    is_eligible: bool
    quotes: dict[int, Quote] = field(default_factory=dict)

    @property
    def lacks_quotes(self) -> bool:
        """Whether another release of Orderguard began the session, or went on with it."""
        is_missing = self.is_eligible and self.analysis_count not in self.quotes
        return not self.has_quotes or is_missing


def find_evidence(
    connection: Connection, merchant: MerchantId, sessions: Collection[SessionId]
) -> dict[SessionId, SessionEvidence]:
    """The evidence of these sessions; sessions of other merchants are left out."""
    if not sessions:
        return {}
    [rows] = send_together(connection, [evidence_query(merchant, sessions)])
    return evidence_from_rows(connection, merchant, rows)


def evidence_query(merchant: MerchantId, sessions: Iterable[SessionId]) -> Query:
    """The query whose rows `evidence_from_rows` reads."""
    return Query(_SESSIONS, {"merchant": merchant, "sessions": [str(each) for each in sessions]})


def evidence_from_rows(
    connection: Connection, merchant: MerchantId, rows: Sequence[Row]
) -> dict[SessionId, SessionEvidence]:
    """The evidence by session. Runs further queries only for sessions older than migration 0011."""
    found: dict[SessionId, _Session] = {}
    for id_, count, has_quotes, reason, ordinal, quote in rows:
        session = found.get(id_)
        if session is None:
            is_eligible = reason == EligibilityReason.ELIGIBLE
            session = found[SessionId(id_)] = _Session(count, bool(has_quotes), is_eligible)
        if ordinal is not None:
            session.quotes[ordinal] = quote_from_row(quote, ordinal)
    return {id_: _evidence(connection, merchant, id_, each) for id_, each in found.items()}


def _evidence(
    connection: Connection, merchant: MerchantId, id_: SessionId, session: _Session
) -> SessionEvidence:
    # The clean-up of quotes leaves a few more than are compared with.
    kept = sorted(session.quotes)[-QUOTES_KEPT:]
    quotes = {ordinal: session.quotes[ordinal] for ordinal in kept}
    if session.lacks_quotes:
        quotes = _quotes_of_latest(connection, merchant, id_, session.analysis_count) | quotes
    return SessionEvidence(
        id=id_,
        analysis_count=session.analysis_count,
        quotes=[quotes[ordinal] for ordinal in sorted(quotes)],
    )


def _quotes_of_latest(
    connection: Connection, merchant: MerchantId, session: SessionId, last: int
) -> dict[int, Quote]:
    """The quotes in the latest analyses, for sessions whose quotes were not kept (ADR 0051)."""
    query = select(analyses.c.ordinal, analyses.c.offer).where(
        analyses.c.merchant_id == merchant,
        analyses.c.session_id == session,
        analyses.c.ordinal > last - LATEST_FOR_QUOTES,
        analyses.c.reason == EligibilityReason.ELIGIBLE,
    )
    found = {
        row.ordinal: quote_of(offer_from_row(row.offer), row.ordinal)
        for row in connection.execute(query)
    }
    return {ordinal: quote for ordinal, quote in found.items() if quote}
