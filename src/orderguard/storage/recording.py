"""What it takes to record a batch of analyses: a handful of multi-row steps, for both databases.

A plan asks for one step after another and is told what each found. It knows no connection: whoever
carries it out, and in which dialect, is the business of `sqlite_recording` and
`postgresql_recording`. All steps of a plan belong into one transaction.
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
    """A multi-row statement: the columns of its rows, and what it finds."""

    FIND_BOUND = auto()
    """(merchant, cart id) → those that are bound: (merchant, cart id, session)."""
    CLAIM = auto()
    """(merchant, cart id, session) → to which session each is bound now, whether it was not before,
    and whether that session takes no more carts by their id, because it has an order that stands,
    is full, or is not there: (merchant, cart id, session, new, over). Those that somebody else
    binds just now may lack."""
    RENEW = auto()
    """(merchant, cart id, session, new session) → those whose cart id was still bound to the
    session and is bound to the new one now: (merchant, cart id)."""
    BIND = auto()
    """(merchant, cart id, session), unless they are bound already; finds nothing."""
    CONTINUE = auto()
    """(merchant, session, at, analyses, any eligible) → those that exist, with the number of
    analyses that they have now: (merchant, session, count)."""
    START = auto()
    """(merchant, session, at, analyses, any eligible); finds nothing."""
    COUNT_BYTES = auto()
    """(merchant, day, bytes stored) → what that makes: (merchant, day, bytes)."""
    FORGET_QUOTES = auto()
    """(merchant, session): drops all but the latest `QUOTES_KEPT` quotes; finds nothing."""
    FORGET_ANALYSES = auto()
    """(merchant, session, ordinal): drops the analyses before this one that are beyond
    `ANALYSES_KEPT`; finds nothing."""
    WRITE_CARTS = auto()
    """All columns of `session_carts`, unless they are there; finds nothing."""
    WRITE_QUOTES = auto()
    """All columns of `session_quotes`; those that are there get the ordinal. Finds nothing."""
    WRITE_ANALYSES = auto()
    """All columns of `analyses` in the table's order; finds nothing. The end of every plan that
    writes any."""


class Request(NamedTuple):
    """A step to be carried out for these rows, of which there is at least one."""

    step: Step
    rows: Sequence[Row]


T = TypeVar("T")
Plan = Generator[Request, Sequence[Row], T]

Session = tuple[str, str]
"""Merchant and session id."""

CartKey = tuple[str, str]
"""Merchant and cart id."""

_UNDECIDED = ""
"""The session of a cart id for which a new one has to begin, and none is on offer."""

_FORGETS_EVERY = QUOTES_KEPT // 2
"""Analyses of a session between two looks at whether it has too many quotes."""


@dataclass(slots=True)
class _Group:
    """The analyses of one session in this batch, in the order in which they came."""

    session: Session
    rows: list[int] = field(default_factory=list)


def plan_recording(batch: Sequence[Waiting], quota: ByteQuota) -> Plan[list[Outcome]]:
    """Record everything; one outcome per analysis, in order."""
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
        """The cart ids that came along with a session, which wins over them."""
        keys = (_cart_key(each) for each in self._batch if each.analysis.session)
        return list(dict.fromkeys(key for key in keys if key))

    def _bound(self, keys: Sequence[CartKey]) -> Plan[dict[CartKey, str]]:
        """The sessions that cart ids are bound to already."""
        if not keys:
            return {}
        found = yield Request(Step.FIND_BOUND, keys)
        return {(merchant, cart_id): session for merchant, cart_id, session in found}

    def _claim(self) -> Plan[dict[CartKey, str]]:
        """The sessions of the other cart ids; those that are new begin one now.

        Another transaction may be faster just now; then its session it is.
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
            # Not by comparing: in an experiment, the session claimed may be the one it is bound to.
            if is_new:
                self._started.add((merchant, session))
            (over if is_over else bound)[merchant, cart_id] = session
        if over:
            bound |= yield from self._renew(over, claims)
        return bound | (yield from self._bound([key for key in claims if key not in bound]))

    def _renew(
        self, over: dict[CartKey, str], claims: dict[CartKey, list[SessionId]]
    ) -> Plan[dict[CartKey, str]]:
        """Begin new sessions for cart ids whose sessions take no more.

        The sessions they are bound to now; those lack for which another transaction did the same.
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
        """Give every analysis its number; those whose session is not there end here."""
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
        """Named sessions are not found. A cart id whose session has vanished begins anew."""
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
        """Now and then, so that quotes stay few; which is often enough, and costs next to nothing.

        Before the new ones are written, because writing is the end of a plan.
        """
        passed = [
            group.session
            for group in groups
            if (last := ordinals.get(group.session, 0)) > QUOTES_KEPT
            and last // _FORGETS_EVERY > (last - len(group.rows)) // _FORGETS_EVERY
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


def _cart_key(waiting: Waiting) -> CartKey | None:
    analysis = waiting.analysis
    return None if analysis.cart_id is None else (analysis.merchant, analysis.cart_id)
