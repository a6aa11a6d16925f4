"""Account sessions, one-time sign-in links, and failed sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from orderguard.domain.people.account import (
    IDLE_LIFETIME,
    WHOLE_LIFETIME,
    AccountId,
    AccountSession,
    AccountSessionId,
)
from orderguard.domain.people.sign_in_throttle import FORGOTTEN_AFTER, Failures
from orderguard.storage.tables import account_sessions, failed_sign_ins, sign_in_links


class SqlAccountSessions:
    """All account sessions, by the hashes of their tokens."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: AccountSession, token_hash: bytes) -> None:
        self._connection.execute(
            insert(account_sessions).values(
                token_hash=token_hash,
                id=session.id,
                account_id=session.account,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                address=session.address,
                browser=session.browser,
            )
        )

    def find(self, token_hash: bytes) -> AccountSession | None:
        query = select(account_sessions).where(account_sessions.c.token_hash == token_hash)
        row = self._connection.execute(query).first()
        return _session_from_row(row) if row else None

    def of_account(self, account: AccountId) -> Sequence[AccountSession]:
        query = (
            select(account_sessions)
            .where(account_sessions.c.account_id == account)
            .order_by(account_sessions.c.last_seen_at.desc(), account_sessions.c.id)
        )
        return [_session_from_row(row) for row in self._connection.execute(query)]

    def note_use(self, session: AccountSession, *, at: datetime) -> None:
        self._connection.execute(
            update(account_sessions)
            .where(account_sessions.c.id == session.id)
            .values(last_seen_at=at)
        )

    def remove(self, session: AccountSession) -> None:
        table = account_sessions
        self._connection.execute(delete(table).where(table.c.id == session.id))

    def remove_expired(self, *, at: datetime) -> None:
        table = account_sessions
        is_over = (table.c.last_seen_at <= at - IDLE_LIFETIME) | (
            table.c.created_at <= at - WHOLE_LIFETIME
        )
        self._connection.execute(delete(table).where(is_over))


class SqlSignInLinks:
    """One-time sign-in links, by the hashes of their tokens."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token_hash: bytes, account: AccountId | None, *, expires_at: datetime) -> None:
        self._connection.execute(
            insert(sign_in_links).values(
                token_hash=token_hash, account_id=account, expires_at=expires_at
            )
        )

    def find(self, token_hash: bytes, *, at: datetime) -> tuple[AccountId | None] | None:
        query = select(sign_in_links.c.account_id).where(
            sign_in_links.c.token_hash == token_hash, sign_in_links.c.expires_at > at
        )
        row = self._connection.execute(query).first()
        return (None if row.account_id is None else AccountId(row.account_id),) if row else None

    def spend(self, token_hash: bytes) -> bool:
        done = self._connection.execute(
            delete(sign_in_links).where(sign_in_links.c.token_hash == token_hash)
        )
        return done.rowcount == 1

    def remove_of(self, account: AccountId) -> None:
        table = sign_in_links
        self._connection.execute(delete(table).where(table.c.account_id == account))

    def remove_expired(self, *, at: datetime) -> None:
        self._connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= at))


class SqlFailedSignIns:
    """Recent failed sign-ins; e-mail and network addresses are stored only as hashes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._insert: Any = (
            postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        )

    def lock(self, subject: str, *, at: datetime) -> Failures:
        # An upsert creates or locks the row: a missing row cannot be locked.
        begun = self._insert(failed_sign_ins).values(
            subject=_hashed(subject), failures=0, last_at=at
        )
        held = begun.on_conflict_do_update(
            index_elements=["subject"], set_={"failures": failed_sign_ins.c.failures}
        ).returning(failed_sign_ins.c.failures, failed_sign_ins.c.last_at)
        row = self._connection.execute(held).one()
        return Failures(row.failures, row.last_at)

    def save(self, subject: str, failures: Failures) -> None:
        table = failed_sign_ins
        self._connection.execute(
            update(table)
            .where(table.c.subject == _hashed(subject))
            .values(failures=failures.count, last_at=failures.last_at)
        )

    def forget(self, subject: str) -> None:
        table = failed_sign_ins
        self._connection.execute(delete(table).where(table.c.subject == _hashed(subject)))

    def remove_old(self, *, at: datetime) -> None:
        # SKIP LOCKED: a locked row is either in use, or will be deleted by the next clean-up.
        table = failed_sign_ins
        old = select(table.c.subject).where(table.c.last_at <= at - FORGOTTEN_AFTER)
        unheld = old.with_for_update(skip_locked=True)
        self._connection.execute(delete(table).where(table.c.subject.in_(unheld)))


def _hashed(subject: str) -> bytes:
    return sha256(subject.encode()).digest()


def _session_from_row(row: Row[Any]) -> AccountSession:
    return AccountSession(
        id=AccountSessionId(row.id),
        account=AccountId(row.account_id),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        address=row.address,
        browser=row.browser,
    )
