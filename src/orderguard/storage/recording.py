"""The plan that records a batch of analyses: a handful of multi-row steps, for both databases.

A plan is a generator that yields one step after another and receives the rows that each found. It
knows no connection and no dialect: `sqlite_recording` and `postgresql_recording` execute it. All
steps of a plan must run in one transaction.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple, TypeVar

from orderguard.actions.ports.journal import DecidedForAnotherSession
from orderguard.domain.errors import SessionNotFound
from orderguard.domain.ids import MerchantId, SessionId
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.storage.byte_quota import ByteQuota, Spent
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.kept_analyses import QUOTES_KEPT, KeptRows, Row
from orderguard.storage.tables import to_microseconds


class Step(Enum):
    """A multi-row statement: the columns of its input rows, and the rows that it returns."""

    FIND_BOUND = auto()
    """(merchant, cart id) → the bound cart ids: (merchant, cart id, session)."""
    CLAIM = auto()
    """(merchant, cart id, session) → the session that each cart id is bound to now, whether the
    binding is new, and whether the session accepts no more carts by their id, because it has an
    order that stands, is full, or is missing: (merchant, cart id, session, new, over). Cart ids
    that a concurrent transaction is binding may be missing."""
    RENEW = auto()
    """(merchant, cart id, session, new session) → the cart ids that were still bound
    to the session, and are bound to the new one now: (merchant, cart id)."""
    BIND = auto()
    """(merchant, cart id, session); cart ids bound already stay so. Returns nothing."""
    CONTINUE = auto()
    """(merchant, session, at, analyses, any eligible) → the existing sessions, with their
    number of analyses now: (merchant, session, count)."""
    START = auto()
    """(merchant, session, at, analyses, any eligible); returns nothing."""
    COUNT_BYTES = auto()
    """(merchant, day, bytes stored) → the total of the day: (merchant, day, bytes)."""
    FORGET_QUOTES = auto()
    """(merchant, session): drops all but the latest `QUOTES_KEPT` quotes; returns nothing."""
    FORGET_ANALYSES = auto()
    """(merchant, session, ordinal): drops earlier analyses in excess of
    `ANALYSES_KEPT`; returns nothing."""
    WRITE_CARTS = auto()
    """All columns of `session_carts`; existing rows stay. Returns nothing."""
    WRITE_QUOTES = auto()
    """All columns of `session_quotes`; existing rows get the ordinal. Returns nothing."""
    WRITE_ANALYSES = auto()
    """All columns of `analyses` in the table's order; returns nothing. The last step of every plan
    that writes analyses."""


class Request(NamedTuple):
    """A step to be executed for these rows, at least one."""

    step: Step
    rows: Sequence[Row]


T = TypeVar("T")
Plan = Generator[Request, Sequence[Row], T]

Session = tuple[str, str]
"""Merchant and session id."""

CartKey = tuple[str, str]
"""Merchant and cart id."""

_UNDECIDED = ""
"""Stands for a new session that has to begin, when no analysis proposed an id for it."""

_FORGETS_EVERY = QUOTES_KEPT // 2
"""Analyses of a session between two clean-ups of its quotes."""


@dataclass(slots=True)
class _Group:
    """The analyses of one session in this batch, in the order in which they came."""

    session: Session
    rows: list[int] = field(default_factory=list)


def plan_recording(batch: Sequence[Waiting], quota: ByteQuota) -> Plan[list[Outcome]]:
    """The plan that records a batch; its result is one outcome per analysis, in order."""
    return _Recording(batch, quota).plan()


class _Recording:
    """One batch on its way into the tables."""

    def __init__(self, batch: Sequence[Waiting], quota: ByteQuota) -> None:
        self._batch = batch
        self._quota = quota
        self._outcomes: dict[int, Outcome] = {}
        self._started: set[Session] = set()

    def plan(self) -> Plan[list[Outcome]]:
        bound = yield from self._bound(self._named_cart_keys())
        bound |= yield from self._claim()
        groups = self._grouped(bound)
        ordinals = yield from self._continue([g for g in groups if g.session not in self._started])
        ordinals |= yield from self._start([g for g in groups if g.session in self._started])
        yield from self._number(groups, ordinals, bound)
        yield from self._forget_quotes(groups, ordinals)
        yield from self._write()
        return [self._outcomes[row] for row in range(len(self._batch))]

    def _named_cart_keys(self) -> list[CartKey]:
        """The cart ids sent together with a session id, which takes precedence over them."""
        keys = (_cart_key(each) for each in self._batch if each.analysis.session)
        return list(dict.fromkeys(key for key in keys if key))

    def _bound(self, keys: Sequence[CartKey]) -> Plan[dict[CartKey, str]]:
        """The sessions that cart ids are bound to already."""
        if not keys:
            return {}
        found = yield Request(Step.FIND_BOUND, keys)
        return {(merchant, cart_id): session for merchant, cart_id, session in found}

    def _claim(self) -> Plan[dict[CartKey, str]]:
        """The sessions of the cart ids sent without a session id; new cart ids start a session.

        When a concurrent transaction binds the cart id first, its session is used.
        """
        claims: dict[CartKey, list[SessionId]] = {}
        for waiting in self._batch:
            key = _cart_key(waiting)
            if key and waiting.analysis.session is None:
                claims.setdefault(key, []).append(waiting.analysis.new_session)
        if not claims:
            return {}
        found = yield Request(Step.CLAIM, [(*key, new[0]) for key, new in claims.items()])
        bound: dict[CartKey, str] = {}
        over: dict[CartKey, str] = {}
        for merchant, cart_id, session, is_new, is_over in found:
            # `is_new`, not a comparison: in an experiment the claimed session may be the bound one.
            if is_new:
                self._started.add((merchant, session))
            (over if is_over else bound)[merchant, cart_id] = session
        if over:
            bound |= yield from self._renew(over, claims)
        return bound | (yield from self._bound([key for key in claims if key not in bound]))

    def _renew(
        self, over: dict[CartKey, str], claims: dict[CartKey, list[SessionId]]
    ) -> Plan[dict[CartKey, str]]:
        """Start new sessions for cart ids whose sessions accept no more carts.

        Returns the new sessions, without cart ids that a concurrent transaction renewed.
        """
        renewed: dict[CartKey, str] = {}
        for key, old in over.items():
            # Decisions for the old session itself, in an experiment, are no claim to a new one.
            renewed[key] = next((new for new in claims[key] if new != old), _UNDECIDED)
        rows = [(*key, over[key], new) for key, new in renewed.items() if new != _UNDECIDED]
        won: Sequence[Row] = ()
        if rows:
            won = yield Request(Step.RENEW, rows)
        self._started |= {(merchant, renewed[merchant, cart_id]) for merchant, cart_id in won}
        kept = {(merchant, cart_id) for merchant, cart_id in won}
        return {key: new for key, new in renewed.items() if key in kept or new == _UNDECIDED}

    def _grouped(self, bound: dict[CartKey, str]) -> list[_Group]:
        groups: dict[Session, _Group] = {}
        for row, waiting in enumerate(self._batch):
            analysis = waiting.analysis
            key = _cart_key(waiting)
            session = analysis.session or (bound[key] if key else None)
            if session is None:
                session = analysis.new_session
                self._started.add((analysis.merchant, session))
            if analysis.decided_for and session != analysis.decided_for:
                actual = None if session == _UNDECIDED else SessionId(session)
                self._outcomes[row] = DecidedForAnotherSession(actual)
                continue
            name = (analysis.merchant, session)
            groups.setdefault(name, _Group(name)).rows.append(row)
        return list(groups.values())

    def _continue(self, groups: Sequence[_Group]) -> Plan[dict[Session, int]]:
        """The number of the last analysis of each session that exists."""
        if not groups:
            return {}
        found = yield Request(Step.CONTINUE, self._session_rows(groups))
        return {(merchant, session): count for merchant, session, count in found}

    def _start(self, groups: Sequence[_Group]) -> Plan[dict[Session, int]]:
        if not groups:
            return {}
        yield Request(Step.START, self._session_rows(groups))
        return {group.session: len(group.rows) for group in groups}

    def _session_rows(self, groups: Sequence[_Group]) -> list[Row]:
        rows: list[Row] = []
        for group in groups:
            analyses = [self._batch[row].analysis for row in group.rows]
            latest = max(to_microseconds(analysis.at) for analysis in analyses)
            eligible = any(analysis.offer.eligible for analysis in analyses)
            rows.append((*group.session, latest, len(analyses), eligible))
        return rows

    def _number(
        self,
        groups: Sequence[_Group],
        ordinals: dict[Session, int],
        bound: dict[CartKey, str],
    ) -> Plan[None]:
        """Number the analyses of each session; a missing session is handled separately."""
        bindings: dict[CartKey, SessionId] = {}
        for group in groups:
            last = ordinals.get(group.session)
            if last is None:
                yield from self._without_session(group)
                continue
            session = SessionId(group.session[1])
            for number, row in enumerate(group.rows, start=last - len(group.rows) + 1):
                self._outcomes[row] = RecordedAnalysis(session, number)
                key = _cart_key(self._batch[row])
                if key and self._batch[row].analysis.session and key not in bound:
                    bindings.setdefault(key, session)
        if bindings:
            yield Request(Step.BIND, [(*key, session) for key, session in bindings.items()])

    def _without_session(self, group: _Group) -> Plan[None]:
        """Answer `SessionNotFound` for named sessions; start a new session for cart ids."""
        fresh: list[int] = []
        for row in group.rows:
            if self._batch[row].analysis.session:
                self._outcomes[row] = SessionNotFound()
            else:
                fresh.append(row)
        if not fresh:
            return
        first = self._batch[fresh[0]].analysis
        begun = _Group((first.merchant, first.new_session), fresh)
        yield from self._start([begun])
        vanished = group.session[1]
        yield Request(Step.RENEW, [(first.merchant, first.cart_id, vanished, first.new_session)])
        for number, row in enumerate(fresh, start=1):
            self._outcomes[row] = RecordedAnalysis(first.new_session, number)

    def _forget_quotes(self, groups: Sequence[_Group], ordinals: dict[Session, int]) -> Plan[None]:
        """Delete surplus quotes every `_FORGETS_EVERY` analyses of a session, which costs little.

        Runs before the new quotes are written, because writing is the end of a plan.
        """
        passed = [
            group.session
            for group in groups
            if has_surplus_quotes((last := ordinals.get(group.session, 0)) - len(group.rows), last)
        ]
        if passed:
            yield Request(Step.FORGET_QUOTES, passed)

    def _write(self) -> Plan[None]:
        merchants = ((each.analysis.merchant, each.analysis.at) for each in self._batch)
        yield from self._count(self._quota.unknown(merchants))
        kept = KeptRows(self._batch, self._outcomes, self._quota)
        yield from self._count(self._quota.to_write_down())
        for step, rows in (
            (Step.FORGET_ANALYSES, kept.superseded),
            (Step.WRITE_CARTS, kept.carts),
            (Step.WRITE_QUOTES, kept.quotes),
            (Step.WRITE_ANALYSES, kept.analyses),
        ):
            if rows:
                yield Request(step, rows)

    def _count(self, spent: Sequence[Spent]) -> Plan[None]:
        if spent:
            counted = yield Request(Step.COUNT_BYTES, spent)
            self._quota.learn(spent, [(MerchantId(m), day, total) for m, day, total in counted])


def has_surplus_quotes(before: int, last: int) -> bool:
    """Whether quotes are cleaned up now that a session has `last` analyses, and had `before`."""
    return last > QUOTES_KEPT and last // _FORGETS_EVERY > before // _FORGETS_EVERY


def _cart_key(waiting: Waiting) -> CartKey | None:
    analysis = waiting.analysis
    return None if analysis.cart_id is None else (analysis.merchant, analysis.cart_id)
