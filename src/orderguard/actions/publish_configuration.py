"""Check a configuration, and publish it as the merchant's next version (contract §10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from orderguard.actions.configuration_source.reading import (
    SOURCE_LIMIT,
    check_source,
    read_document,
)
from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.stopped_experiments import refuse_restarts, with_stops
from orderguard.domain.configuration.configuration import MerchantConfiguration
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.reading import configuration_from_document
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import AlreadyExists, NotFound, StorageUnavailable
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import Change

VERSIONS_BELOW = 2**31
"""An upper bound of versions: the databases' integers end there."""

ATTEMPTS = 5
"""How often a publication is prepared again because another one came first."""

Prepared = TypeVar("Prepared")
Done = TypeVar("Done")

UNPUBLISHED = ConfigurationVersion(0)


class PublishedMeanwhile(AlreadyExists):
    """A newer version was published than the one the caller compared with."""

    def __init__(self, latest: PublishedConfiguration) -> None:
        super().__init__(
            f"{latest.published_by} published version {latest.version} meanwhile. "
            "Look at what it changed, then publish on top of it if it is still right."
        )
        self.latest = latest


def read_configuration(
    source: str, compiler: ConditionCompiler, *, version: ConfigurationVersion = UNPUBLISHED
) -> MerchantConfiguration:
    """The configuration in a TOML or JSON text. Raises `InvalidDocument` with every problem."""
    return configuration_from_document(read_document(source), compiler, version=version)


def reader(
    compiler: ConditionCompiler,
) -> Callable[[str, ConfigurationVersion], MerchantConfiguration]:
    """A function that parses published versions. It raises `InvalidDocument`."""
    return lambda source, version: read_configuration(source, compiler, version=version)


def publish_configuration(
    database: Database,
    compiler: ConditionCompiler,
    merchant: str,
    source: str,
    *,
    on_top_of: ConfigurationVersion | None = None,
    change: Change,
    source_limit: int = SOURCE_LIMIT,
) -> PublishedConfiguration:
    """Store the next version, effective at once in every process.

    `on_top_of` is the published version that the caller has seen; None accepts any version. Raises
    `InvalidDocument` and then stores nothing, `PublishedMeanwhile`, or `NotFound` for the merchant.
    """
    check_source(source, limit=source_limit)
    read_configuration(source, compiler)
    with database.read() as work:
        owner = get_merchant(work, merchant).id

    def publish(
        work: UnitOfWork, latest: PublishedConfiguration | None, _: None
    ) -> PublishedConfiguration:
        if latest and on_top_of is not None and latest.version != on_top_of:
            raise PublishedMeanwhile(latest)
        return publish_next_version(work, owner, source, change=change)

    return prepare_and_publish(
        database, owner, lambda work: refuse_restarts(work, owner, source), publish
    )


def prepare_and_publish(
    database: Database,
    merchant: MerchantId,
    prepare: Callable[[UnitOfWork], Prepared],
    publish: Callable[[UnitOfWork, PublishedConfiguration | None, Prepared], Done],
) -> Done:
    """Prepare without a lock, then publish under the merchant's lock.

    Reading long texts takes a second, and on SQLite checkouts wait for the holder of the lock. When
    a version was published meanwhile, the preparation is repeated. Raises `StorageUnavailable`
    after `ATTEMPTS` attempts.
    """
    for _ in range(ATTEMPTS):
        with database.read() as work:
            seen = work.configurations.latest(merchant)
            prepared = prepare(work)
        with database.begin() as work:
            work.merchants.lock(merchant)
            latest = work.configurations.latest(merchant)
            if latest is None or (seen and seen.version == latest.version):
                return publish(work, latest, prepared)
    raise StorageUnavailable("Others keep publishing for this merchant.")


def read_with_stops(
    work: UnitOfWork, compiler: ConditionCompiler, merchant: MerchantId, source: str
) -> str:
    """The text of an old or scheduled version, with all experiments stopped that were since.

    Raises `InvalidDocument` when the text is invalid, before or after that change.
    """
    read_configuration(source, compiler)
    kept = with_stops(work, merchant, source)
    if kept != source:
        read_configuration(kept, compiler)
    return kept


def publish_next_version(
    work: UnitOfWork,
    merchant: MerchantId,
    source: str,
    *,
    change: Change,
    action: str = "configuration.published",
    details: Mapping[str, Any] = MappingProxyType({}),
) -> PublishedConfiguration:
    """Store the validated source as the next version of the merchant, whose row is locked.

    `action` and `details` go into the audit trail, beside the versions before and after.
    """
    latest = work.configurations.latest(merchant)
    published = PublishedConfiguration(
        merchant=merchant,
        version=ConfigurationVersion(latest.version + 1 if latest else 1),
        source=source,
        published_at=change.at,
        published_by=change.by,
    )
    work.configurations.add(published)
    work.audit.record(
        merchant,
        change=change,
        action=action,
        subject=f"version {published.version}",
        before={"version": latest.version} if latest else None,
        after={"version": published.version, **details},
    )
    return published


def get_version(
    work: UnitOfWork, merchant: MerchantId, version: ConfigurationVersion
) -> PublishedConfiguration:
    """A published version of this merchant. Raises `NotFound`."""
    found = work.configurations.find(merchant, version) if 0 < version < VERSIONS_BELOW else None
    if found is None:
        raise NotFound(f"There is no version {version} of this merchant's configuration.")
    return found


def get_published(work: UnitOfWork, merchant: MerchantId) -> PublishedConfiguration:
    """The published version. Raises `NotFound` when none is published."""
    latest = work.configurations.latest(merchant)
    if latest is None:
        raise NotFound("Nothing is published for this merchant yet.")
    return latest
