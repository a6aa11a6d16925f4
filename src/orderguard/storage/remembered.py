"""Keys and configurations kept in memory, and forgotten when the database says they changed.

Every process looks at one counter, at most every millisecond. So a change made anywhere takes
effect everywhere before its author could try it, and the hot path asks the database nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from time import monotonic

import structlog

from orderguard.actions.ports import UnitOfWork
from orderguard.domain.api_key import ApiKey
from orderguard.domain.configuration import MerchantConfiguration
from orderguard.domain.errors import InvalidDocument, StorageUnavailable
from orderguard.domain.ids import ApiKeyId, ConfigurationVersion, MerchantId
from orderguard.storage.database import SqlDatabase, SteadySqlite, sqlite_path

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 0.001
KEYS_AT_MOST = 100_000
VERSIONS_AT_MOST = 1_000

_VALUE = "SELECT value FROM change_counter"

ReadConfiguration = Callable[[str, ConfigurationVersion], MerchantConfiguration]


class SqliteChangeWatch:
    """The change counter, read through a connection of its own."""

    def __init__(self, database: SqlDatabase) -> None:
        self._file = SteadySqlite(sqlite_path(database.url), busy_timeout_ms=50)
        self._looked_at = float("-inf")
        self._generation = -1

    def generation(self) -> int:
        """A number that grows with every change to keys or configurations.

        While the database cannot be read the last number stands: what is remembered is better than
        a checkout without an answer.
        """
        now = monotonic()
        if now - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = now
            self._look()
        return self._generation

    def _look(self) -> None:
        try:
            (value,) = self._file.connection().execute(_VALUE).fetchone()
        except sqlite3.Error as error:
            log.warning("changes.unreadable", why=str(error))
            self.close()
            return
        self._generation = value

    def close(self) -> None:
        self._file.close()


class RememberedKeys:
    """Issued keys by hash."""

    def __init__(self, database: SqlDatabase, watch: SqliteChangeWatch) -> None:
        self._database = database
        self._watch = watch
        self._generation = -1
        self._keys: dict[bytes, ApiKey] = {}
        self._uses: dict[ApiKeyId, datetime] = {}

    def find(self, key_hash: bytes) -> ApiKey | None:
        generation = self._watch.generation()
        if generation != self._generation or len(self._keys) > KEYS_AT_MOST:
            self._keys.clear()
            self._generation = generation
        known = self._keys.get(key_hash)
        if known is None:
            with self._database.read() as work:
                known = work.api_keys.find_by_hash(key_hash)
            if known is not None:
                self._keys[key_hash] = known
        return known

    def note_use(self, key: ApiKey, *, at: datetime) -> None:
        self._uses[key.id] = at

    def write_down_uses(self) -> None:
        """Store when keys were last used. Raises `StorageUnavailable`; then it is tried again."""
        if not self._uses:
            return
        uses = dict(self._uses)
        with self._database.begin() as work:
            work.api_keys.record_uses(uses)
        for key, at in uses.items():
            if self._uses.get(key) == at:
                del self._uses[key]


class RememberedConfigurations:
    """Each merchant's published configuration, compiled.

    A version is compiled once however often other merchants publish, because compiling rules is
    the expensive part.
    """

    def __init__(
        self, database: SqlDatabase, watch: SqliteChangeWatch, read: ReadConfiguration
    ) -> None:
        self._database = database
        self._watch = watch
        self._read = read
        self._generation = -1
        self._current: dict[MerchantId, MerchantConfiguration | None] = {}
        self._superseded: dict[MerchantId, MerchantConfiguration | None] = {}

    def find(self, merchant: MerchantId) -> MerchantConfiguration | None:
        generation = self._watch.generation()
        if generation != self._generation:
            self._superseded |= self._current
            self._current = {}
            self._generation = generation
        if merchant not in self._current:
            self._current[merchant] = self._load(merchant)
        return self._current[merchant]

    def _load(self, merchant: MerchantId) -> MerchantConfiguration | None:
        known = self._superseded.pop(merchant, None)
        try:
            with self._database.read() as work:
                latest = work.configurations.latest(merchant)
        except StorageUnavailable:
            if known is None:
                raise
            return known
        if latest is None:
            return None
        if known is not None and known.version == latest.version:
            return known
        return self._read(latest.source, latest.version)


class PublishedVersions:
    """Old versions of configurations, compiled when an order needs one.

    An order is settled by the version under which it first came, however long ago that was.
    """

    def __init__(self, read: ReadConfiguration) -> None:
        self._read = read
        self._versions: dict[tuple[MerchantId, ConfigurationVersion], MerchantConfiguration] = {}

    def __call__(
        self, work: UnitOfWork, merchant: MerchantId, version: ConfigurationVersion
    ) -> MerchantConfiguration | None:
        """The version, or None when it can no longer be read: the order matters more."""
        known = self._versions.get((merchant, version))
        if known is not None:
            return known
        published = work.configurations.find(merchant, version)
        if published is None:
            return None
        try:
            configuration = self._read(published.source, version)
        except InvalidDocument as error:
            log.error(
                "configuration.unreadable", merchant=merchant, version=version, why=str(error)
            )
            return None
        if len(self._versions) >= VERSIONS_AT_MOST:
            self._versions.clear()
        self._versions[merchant, version] = configuration
        return configuration
