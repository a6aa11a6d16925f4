"""Records a batch of analyses in PostgreSQL by one statement, which is one round trip.

The plan of the batch is made on a guess: every cart id is new, and every session that is named has
no analyses yet. The statement replaces the guess by the facts: a known cart id's session, and the
number of analyses a session had. A session that accepts no more carts, or is missing, is left out;
`postgresql_recording` records its analyses in a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import asyncpg

from orderguard.domain.ids import SessionId
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.storage.byte_quota import ByteQuota, Taken
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.kept_analyses import ANALYSES_KEPT, WITHOUT_LINES, Row, size_of
from orderguard.storage.postgresql_recording import STATEMENTS, columns, run_plan
from orderguard.storage.recording import Request, Session, Step, has_surplus_quotes

# Cart ids are locked before sessions, and both in the order of their keys, as in a transaction of
# several statements. `wanted` are the sessions of the batch: of a cart id, named, or, without
# either, beginning in any case. Rows of the batch name their session by its place among `wanted`,
# and are numbered from 1. `outcome` holds two arrays by that place: the session, and the number of
# its analyses before; both NULL where nothing is written. Arrays, because a join of so many rows
# would compare each with each.
_WRITE = f"""
WITH wanted AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::bool[], $6::text[],
      $7::bool[], $8::bool[]) WITH ORDINALITY
    AS w (merchant_id, proposed, at, analyses, eligible, cart_id, is_named, is_fixed, place)
), found AS (
  SELECT w.*, CASE WHEN w.is_named THEN w.proposed ELSE b.session_id END AS id
  FROM wanted w LEFT JOIN LATERAL (
    SELECT session_id FROM cart_bindings b
    WHERE b.merchant_id = w.merchant_id AND b.cart_id = w.cart_id LIMIT 1
  ) AS b ON true
), claimed AS (
  INSERT INTO cart_bindings (merchant_id, cart_id, session_id)
  SELECT * FROM (
    SELECT merchant_id, cart_id, proposed FROM found WHERE cart_id IS NOT NULL AND id IS NULL
    UNION ALL
    SELECT * FROM unnest($9::text[], $10::text[], $11::text[]) AS n (merchant_id, cart_id, id)
    WHERE EXISTS (
      SELECT FROM offer_sessions s WHERE s.merchant_id = n.merchant_id AND s.id = n.id
    )
  ) AS new ORDER BY merchant_id, cart_id
  ON CONFLICT (merchant_id, cart_id) DO NOTHING RETURNING session_id
), new AS (
  SELECT place, merchant_id, proposed AS id, 0 AS base, at, analyses, eligible FROM found
  WHERE id IS NULL AND (cart_id IS NULL OR proposed IN (SELECT session_id FROM claimed))
), existing AS (
  SELECT *, count(*) OVER (PARTITION BY merchant_id, id) AS times FROM found WHERE id IS NOT NULL
), continued AS (
  UPDATE offer_sessions s SET
    updated_at = greatest(s.updated_at, e.at),
    analysis_count = s.analysis_count + e.analyses,
    ever_eligible = s.ever_eligible OR e.eligible
  FROM existing e
  WHERE s.merchant_id = e.merchant_id AND s.id = e.id
    AND e.times = 1 AND (e.id = e.proposed OR NOT e.is_fixed)
    AND s.analysis_count + e.analyses <= {ANALYSES_KEPT}
    AND (e.is_named OR NOT coalesce(s.has_order, s.is_kept))
    AND (SELECT count(*) FROM claimed) >= 0
  RETURNING e.place, s.id, s.analysis_count - e.analyses AS base
), outcome AS (
  SELECT array_agg(id ORDER BY place) AS ids, array_agg(base ORDER BY place) AS bases FROM (
    SELECT place, id, base FROM new UNION ALL SELECT place, id, base FROM continued UNION ALL
    SELECT place, NULL, NULL FROM wanted
    WHERE place NOT IN (SELECT place FROM new UNION ALL SELECT place FROM continued)
  ) AS each
), started AS (
  INSERT INTO offer_sessions
    (merchant_id, id, created_at, updated_at, analysis_count, ever_eligible, is_kept, has_order,
     has_quotes)
  SELECT merchant_id, id, at, at, analyses, eligible, false, false, true FROM new
), carts AS (
  INSERT INTO session_carts (merchant_id, session_id, digest, cart)
  SELECT ($1::text[])[place], (SELECT ids FROM outcome)[place], digest, cart
  FROM unnest($12::int[], $13::bytea[], $14::bytea[]) AS kept (place, digest, cart)
  WHERE (SELECT bases FROM outcome)[place] IS NOT NULL
  ON CONFLICT (merchant_id, session_id, digest) DO NOTHING
), quotes AS (
  INSERT INTO session_quotes (merchant_id, session_id, digest, ordinal, quote)
  SELECT ($1::text[])[place], (SELECT ids FROM outcome)[place], digest,
    (SELECT bases FROM outcome)[place] + number, quote
  FROM unnest($15::int[], $16::bytea[], $17::int[], $18::bytea[])
    AS kept (place, digest, number, quote)
  WHERE (SELECT bases FROM outcome)[place] IS NOT NULL
  ON CONFLICT (merchant_id, session_id, digest) DO UPDATE SET ordinal = excluded.ordinal
), written AS (
  INSERT INTO analyses (merchant_id, session_id, ordinal, analysed_at, configuration_version,
    request_id, reason, cart, offer, cart_digest)
  SELECT ($1::text[])[place], (SELECT ids FROM outcome)[place],
    (SELECT bases FROM outcome)[place] + number, at, version, request_id, reason, cart, offer,
    digest
  FROM unnest($19::int[], $20::int[], $21::bigint[], $22::int[], $23::text[], $24::text[],
      $25::bytea[], $26::bytea[], $27::bytea[])
    AS kept (place, number, at, version, request_id, reason, cart, offer, digest)
  WHERE (SELECT bases FROM outcome)[place] IS NOT NULL
)
SELECT ids, bases FROM outcome
"""  # noqa: S608
_WANTED_COLUMNS, _NAMED_COLUMNS = 8, 3
_KEPT = {Step.WRITE_CARTS: 3, Step.WRITE_QUOTES: 4, Step.WRITE_ANALYSES: 9}
"""The steps whose rows the statement keeps, in their order, and how many columns each has."""


class AtOnce(NamedTuple):
    """The outcome of each analysis in a batch; None for analyses that the statement left out.

    `surplus` are rows for `Step.FORGET_QUOTES`, which may follow after the answers.
    """

    outcomes: Sequence[Outcome | None]
    surplus: Sequence[Row]

    def left_out(self, batch: Sequence[Waiting]) -> list[Waiting]:
        """The analyses of the batch that the statement did not record, so that the caller must."""
        return [each for each, found in zip(batch, self.outcomes, strict=True) if found is None]


async def record_at_once(
    connection: asyncpg.Connection[Any], batch: Sequence[Waiting], quota: ByteQuota
) -> AtOnce:
    """Record the batch outside of a transaction, in one round trip, as far as it is as guessed."""
    carrier = _Carrier(connection, batch)
    try:
        guessed = await run_plan(carrier, batch, quota)
    except _Entangled:
        return AtOnce([None] * len(batch), ())
    outcomes: list[Outcome | None] = [None] * len(batch)
    try:
        await carrier.write()
        outcomes = [carrier.found(*each) for each in zip(batch, guessed, strict=True)]
    finally:
        quota.give_back(carrier.kept_in_vain(guessed, outcomes))
    return AtOnce(outcomes, list(carrier.surplus()))


class _Entangled(Exception):
    """Two cart ids claim the same session; nothing was recorded."""


class _Carrier:
    """Answers the steps of a plan with the guess, and then writes everything at once."""

    def __init__(self, connection: asyncpg.Connection[Any], batch: Sequence[Waiting]) -> None:
        self._connection = connection
        self._batch = batch
        decided = (each.analysis for each in batch if each.analysis.decided_for)
        self._fixed = {(each.merchant, each.decided_for) for each in decided}
        """Sessions for which analyses were decided, and which no other session may replace."""
        self._claims: dict[Session, str] = {}
        self._places: dict[Session, int] = {}
        self._wanted: list[Row] = []
        self._named: list[Row] = []
        self._kept: dict[Step, list[Row]] = {step: [] for step in _KEPT}
        self._ids: Sequence[str | None] = ()
        self._bases: Sequence[int | None] = ()

    async def carry_out(self, request: Request) -> Sequence[Row]:
        rows = request.rows
        match request.step:
            case Step.CLAIM:
                self._claims = {(merchant, session): cart for merchant, cart, session in rows}
                if len(self._claims) < len(rows):
                    raise _Entangled
                return [(*row, True, False) for row in rows]
            case Step.CONTINUE:
                self._want(rows, is_named=True)
                return [(merchant, session, analyses) for merchant, session, _, analyses, _ in rows]
            case Step.START:
                self._want(rows, is_named=False)
            case Step.BIND:
                self._named += rows
            case Step.COUNT_BYTES:
                found: Sequence[Row] = await self._connection.fetch(
                    STATEMENTS[Step.COUNT_BYTES], *columns(rows, len(rows[0]))
                )
                return found
            case step if step in _KEPT:
                places = self._places
                self._kept[step] = [(places[row[:2]], *row[2:]) for row in rows]
        # Which cart ids are bound, and which rows are surplus, only the statement will find.
        return ()

    def _want(self, rows: Sequence[Row], *, is_named: bool) -> None:
        for row in rows:
            session = row[:2]
            self._wanted.append((*row, self._claims.get(session), is_named, session in self._fixed))
            self._places[session] = len(self._wanted)

    async def write(self) -> None:
        """Send what the plan has collected, unless that is nothing."""
        if not self._kept[Step.WRITE_ANALYSES]:
            self._ids, self._bases = [None] * len(self._wanted), [None] * len(self._wanted)
            return
        values = [*columns(self._wanted, _WANTED_COLUMNS), *columns(self._named, _NAMED_COLUMNS)]
        for step, width in _KEPT.items():
            values += columns(self._kept[step], width)
        ((self._ids, self._bases),) = await self._connection.fetch(_WRITE, *values)

    def found(self, waiting: Waiting, guess: Outcome) -> Outcome | None:
        """The outcome of this analysis, of which the plan guessed another."""
        if not isinstance(guess, RecordedAnalysis):
            return None
        place = self._places[waiting.analysis.merchant, guess.session] - 1
        id_, base = self._ids[place], self._bases[place]
        if id_ is None or base is None:
            return None
        return RecordedAnalysis(SessionId(id_), base + guess.ordinal)

    def surplus(self) -> Iterator[Row]:
        """The sessions whose quotes are to be cleaned up."""
        for row, id_, base in zip(self._wanted, self._ids, self._bases, strict=True):
            merchant, _, _, analyses, *_ = row
            if base and has_surplus_quotes(base, base + analyses):
                yield merchant, id_

    def kept_in_vain(
        self, guessed: Sequence[Outcome], outcomes: Sequence[Outcome | None]
    ) -> Iterator[Taken]:
        """The bytes taken from the quota for analyses that were not recorded after all."""
        if self._ids and None not in self._ids:
            return
        rows = iter(self._kept[Step.WRITE_ANALYSES])
        for waiting, guess, outcome in zip(self._batch, guessed, outcomes, strict=True):
            if isinstance(guess, RecordedAnalysis):
                *_, digest = next(rows)
                if outcome is None and digest != WITHOUT_LINES:
                    analysis = waiting.analysis
                    yield analysis.merchant, analysis.at, size_of(waiting, waiting.cart)
