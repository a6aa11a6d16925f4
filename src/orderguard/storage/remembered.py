"""In-memory caches of keys and configurations, invalidated by the change counter of the database.

A cache hit answers at once. A miss is looked up in a thread, so that a slow database delays only
the requests that need it. Concurrent misses for the same entry share one look-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, ParamSpec, TypeVar

import structlog

from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.errors import InvalidDocument, StorageUnavailable
from orderguard.domain.ids import ApiKeyId, ConfigurationVersion, MerchantId
from orderguard.domain.people.api_key import ApiKey
from orderguard.storage.change_watch import ChangeWatch
from orderguard.storage.database import SqlDatabase

log = structlog.get_logger()

KEYS_AT_MOST = 100_000
VERSIONS_AT_MOST = 1_000

LOOK_UP_WITHIN_SECONDS = 2.0
"""How long a checkout waits for a look-up."""

LOOK_UPS_AT_ONCE = 2
"""Threads for keys, and as many for configurations."""

KEYS_PER_LOOK_UP = 500
"""Keys that one statement looks for."""

UNKNOWN_AT_MOST = 10_000
"""Unknown keys that are cached as not issued, until the change counter changes."""

Found = TypeVar("Found")
Arguments = ParamSpec("Arguments")

ReadConfiguration = Callable[[str, ConfigurationVersion], MerchantConfiguration]


class RememberedKeys:
    """Cache of issued keys by hash, and of the hashes of unknown keys.

    Cache misses are looked up in batches: all waiting keys are one statement, so that a client that
    sends many unknown keys does not queue up in front of other clients.
    """

    def __init__(self, database: SqlDatabase, watch: ChangeWatch) -> None:
        self._database = database
        self._watch = watch
        self._generation = -1
        self._look_ups = _SharedLookUps(self._look_up)
        self._keys: dict[bytes, ApiKey] = {}
        self._unknown: set[bytes] = set()
        self._uses: dict[ApiKeyId, datetime] = {}
        self._exposures: dict[ApiKeyId, datetime] = {}

    def remembered(self, key_hash: bytes) -> ApiKey | None:
        generation = self._watch.generation()
        if generation != self._generation or len(self._keys) > KEYS_AT_MOST:
            self._keys.clear()
            self._unknown.clear()
            self._generation = generation
        return self._keys.get(key_hash)

    async def find(self, key_hash: bytes) -> ApiKey | None:
        known = self.remembered(key_hash)
        if known is None and key_hash not in self._unknown:
            generation = self._generation
            known = await self._look_ups.of(generation, key_hash)
            if self._generation == generation:
                self._remember(key_hash, known)
        return known

    def _remember(self, key_hash: bytes, found: ApiKey | None) -> None:
        if found is not None:
            self._keys[key_hash] = found
            return
        if len(self._unknown) >= UNKNOWN_AT_MOST:
            self._unknown.clear()
        self._unknown.add(key_hash)

    def _look_up(self, hashes: Collection[bytes]) -> dict[bytes, ApiKey]:
        with self._database.read() as work:
            return work.api_keys.find_by_hashes(hashes)

    async def stop(self) -> None:
        """Wait for look-ups in progress, so that none of them holds a connection at shutdown."""
        await self._look_ups.finish()

    def note_use(self, key: ApiKey, *, at: datetime, is_exposed: bool = False) -> None:
        self._uses[key.id] = at
        if is_exposed:
            self._exposures[key.id] = at

    def write_down_uses(self) -> None:
        """Store when keys were last used. After `StorageUnavailable` the next call retries."""
        if not self._uses:
            return
        uses, exposures = dict(self._uses), dict(self._exposures)
        with self._database.begin() as work:
            work.api_keys.record_uses(uses, exposures)
        for noted, stored in ((self._uses, uses), (self._exposures, exposures)):
            for key, at in stored.items():
                if noted.get(key) == at:
                    del noted[key]


class RememberedConfigurations:
    """Cache of each merchant's published configuration, compiled.

    A version is compiled once however often other merchants publish, because compiling rules is the
    expensive part.
    """

    def __init__(self, database: SqlDatabase, watch: ChangeWatch, read: ReadConfiguration) -> None:
        self._database = database
        self._watch = watch
        self._read = read
        self._generation = -1
        self._look_ups = _LookUps()
        self._current: dict[MerchantId, MerchantConfiguration | None] = {}
        self._superseded: dict[MerchantId, MerchantConfiguration | None] = {}

    async def find(self, merchant: MerchantId) -> MerchantConfiguration | None:
        generation = self._watch.generation()
        if generation != self._generation:
            self._superseded |= self._current
            self._current = {}
            self._generation = generation
        if merchant in self._current:
            return self._current[merchant]
        known = self._superseded.get(merchant)
        try:
            found = await self._look_ups.of((generation, merchant), self._load, merchant, known)
        except StorageUnavailable:
            if known is None:
                raise
            return known
        if self._generation == generation:
            self._current[merchant] = found
            self._superseded.pop(merchant, None)
        return found

    async def stop(self) -> None:
        """Wait for look-ups in progress, so that none of them holds a connection at shutdown."""
        await self._look_ups.finish()

    def _load(
        self, merchant: MerchantId, known: MerchantConfiguration | None
    ) -> MerchantConfiguration | None:
        with self._database.read() as work:
            latest = work.configurations.latest(merchant)
        if latest is None:
            return None
        if known is not None and known.version == latest.version:
            return known
        return self._read(latest.source, latest.version)


class PublishedVersions:
    """Cache of old configuration versions, compiled when an order needs one.

    An order is settled by the version under which it was first pushed, however long ago that was.
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


class _SharedLookUps:
    """Look-ups of keys in progress; all waiting keys are looked up in one statement."""

    def __init__(self, look_up: Callable[[Collection[bytes]], dict[bytes, ApiKey]]) -> None:
        self._look_up = look_up
        # By generation, so that a caller never shares a look-up from before a change it knows of.
        self._waiting: dict[tuple[int, bytes], asyncio.Future[ApiKey | None]] = {}
        self._under_way: dict[tuple[int, bytes], asyncio.Future[ApiKey | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="look-up")

    async def finish(self) -> None:
        """Wait for the look-ups in progress; later look-ups fail."""
        await asyncio.to_thread(self._threads.shutdown)

    async def of(self, generation: int, key_hash: bytes) -> ApiKey | None:
        """The key of this hash. Raises `StorageUnavailable` when it takes too long."""
        name = generation, key_hash
        answer = self._under_way.get(name) or self._waiting.get(name)
        if answer is None:
            answer = self._waiting[name] = asyncio.get_running_loop().create_future()
            self._begin()
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_SECONDS):
                return await asyncio.shield(answer)
        except TimeoutError as error:
            raise StorageUnavailable("The database does not answer.") from error

    def _begin(self) -> None:
        if self._waiting and len(self._tasks) < LOOK_UPS_AT_ONCE:
            names = list(islice(self._waiting, KEYS_PER_LOOK_UP))
            batch = {name: self._waiting.pop(name) for name in names}
            self._under_way |= batch
            task = asyncio.get_running_loop().create_task(self._answer(batch))
            self._tasks.add(task)

    async def _answer(self, batch: dict[tuple[int, bytes], asyncio.Future[ApiKey | None]]) -> None:
        loop = asyncio.get_running_loop()
        found: dict[bytes, ApiKey] = {}
        failure: Exception | None = None
        try:
            hashes = {key_hash for _, key_hash in batch}
            found = await loop.run_in_executor(self._threads, self._look_up, hashes)
        except Exception as error:
            failure = error
        finally:
            if task := asyncio.current_task():
                self._tasks.discard(task)
        for name, answer in batch.items():
            del self._under_way[name]
            if failure is None:
                answer.set_result(found.get(name[1]))
            else:
                answer.set_exception(failure)
                answer.exception()  # mark as retrieved, or asyncio logs it
        self._begin()


class _LookUps:
    """Look-ups in progress, in a thread pool of their own."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="look-up")

    async def finish(self) -> None:
        """Wait for the look-ups in progress; later look-ups fail."""
        await asyncio.to_thread(self._threads.shutdown)

    async def of(
        self,
        name: Hashable,
        look_up: Callable[Arguments, Found],
        *arguments: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Found:
        """The result of `look_up`; concurrent calls with the same `name` share one look-up.

        The name includes the generation, so that a result from before a change is not shared
        afterwards. Raises `StorageUnavailable` when the look-up takes too long.
        """
        under_way = self._under_way.get(name)
        if under_way is None:
            call = partial(look_up, *arguments, **options)
            under_way = asyncio.get_running_loop().run_in_executor(self._threads, call)
            self._under_way[name] = under_way
            under_way.add_done_callback(partial(self._is_done, name))
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_SECONDS):
                found: Found = await asyncio.shield(under_way)
        except TimeoutError as error:
            raise StorageUnavailable("The database does not answer.") from error
        return found

    def _is_done(self, name: Hashable, done: asyncio.Future[Any]) -> None:
        self._under_way.pop(name, None)
        if not done.cancelled():
            done.exception()  # mark as retrieved, or asyncio logs it when all callers are gone
