"""What it takes to record a batch of analyses: a handful of multi-row steps, for both databases.

A plan asks for one step after another and is told what each found. It knows no connection: whoever
carries it out, and in which dialect, is the business of `sqlite_recording` and
`postgresql_recording`. All steps of a plan belong into one transaction.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple, TypeVar

from orderguard.actions.ports import DecidedForAnotherSession
from orderguard.domain.analysis import RecordedAnalysis
from orderguard.domain.errors import SessionNotFound
from orderguard.domain.ids import SessionId
from orderguard.storage.group_commit import Outcome, Waiting
from orderguard.storage.tables import to_microseconds


class Step(Enum):
    """A multi-row statement: the columns of its rows, and what it finds."""

    FIND_BOUND = auto()
    """(merchant, cart id) → those that are bound: (merchant, cart id, session)."""
    CLAIM = auto()
    """(merchant, cart id, session) → to which session each is bound now, and whether it was not
    before: (merchant, cart id, session, new). Those that somebody else binds just now may lack."""
    BIND = auto()
    """(merchant, cart id, session), unless they are bound already; finds nothing."""
    REBIND = auto()
    """(merchant, cart id, session), bound already; finds nothing."""
    CONTINUE = auto()
    """(merchant, session, at, analyses, any eligible) → those that exist, with the number of
    analyses that they have now: (merchant, session, count)."""
    START = auto()
    """(merchant, session, at, analyses, any eligible); finds nothing."""
    WRITE_ANALYSES = auto()
    """All columns of `analyses` in the table's order; finds nothing."""


Row = tuple[Any, ...]


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


@dataclass(slots=True)
class _Group:
    """The analyses of one session in this batch, in the order in which they came."""

    session: Session
    rows: list[int] = field(default_factory=list)


def plan_recording(batch: Sequence[Waiting]) -> Plan[list[Outcome]]:
    """Record everything; one outcome per analysis, in order."""
    return _Recording(batch).plan()


class _Recording:
    """One batch on its way into the tables."""

    def __init__(self, batch: Sequence[Waiting]) -> None:
        self._batch = batch
        self._outcomes: dict[int, Outcome] = {}
        self._started: set[Session] = set()

    def plan(self) -> Plan[list[Outcome]]:
        bound = yield from self._bound(self._named_cart_keys())
        bound |= yield from self._claim()
        groups = self._grouped(bound)
        ordinals = yield from self._continue([g for g in groups if g.session not in self._started])
        ordinals |= yield from self._start([g for g in groups if g.session in self._started])
        yield from self._number(groups, ordinals, bound)
        yield from self._write_analyses()
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
        claims: dict[CartKey, str] = {}
        for waiting in self._batch:
            key = _cart_key(waiting)
            if key and waiting.analysis.session is None:
                claims.setdefault(key, waiting.analysis.new_session)
        if not claims:
            return {}
        found = yield Request(Step.CLAIM, [(*key, session) for key, session in claims.items()])
        bound = {(merchant, cart_id): session for merchant, cart_id, session, _ in found}
        # Not by comparing: in an experiment, the session claimed may be the one it is bound to.
        self._started |= {(merchant, session) for merchant, _, session, is_new in found if is_new}
        return bound | (yield from self._bound([key for key in claims if key not in bound]))

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
                self._outcomes[row] = DecidedForAnotherSession(SessionId(session))
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
        yield Request(Step.REBIND, [(first.merchant, first.cart_id, first.new_session)])
        for number, row in enumerate(fresh, start=1):
            self._outcomes[row] = RecordedAnalysis(first.new_session, number)

    def _write_analyses(self) -> Plan[None]:
        rows: list[Row] = []
        for row, waiting in enumerate(self._batch):
            outcome = self._outcomes[row]
            if isinstance(outcome, RecordedAnalysis):
                analysis = waiting.analysis
                rows.append(
                    (
                        analysis.merchant,
                        outcome.session,
                        outcome.ordinal,
                        to_microseconds(analysis.at),
                        analysis.configuration_version,
                        analysis.request_id,
                        analysis.offer.reason,
                        waiting.cart,
                        waiting.offer,
                    )
                )
        if rows:
            yield Request(Step.WRITE_ANALYSES, rows)


def _cart_key(waiting: Waiting) -> CartKey | None:
    analysis = waiting.analysis
    return None if analysis.cart_id is None else (analysis.merchant, analysis.cart_id)
