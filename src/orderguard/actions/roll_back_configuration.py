"""Publish an old version again, as a new one: history is never rewritten."""

from __future__ import annotations

from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.publish_configuration import (
    PublishedMeanwhile,
    get_version,
    prepare_and_publish,
    publish_next_version,
    read_with_stops,
)
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import AlreadyExists
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import Change


def roll_back_configuration(
    database: Database,
    compiler: ConditionCompiler,
    merchant: MerchantId,
    version: ConfigurationVersion,
    *,
    on_top_of: ConfigurationVersion | None = None,
    change: Change,
) -> PublishedConfiguration:
    """Publish the text of an old version as the next version, effective at once.

    Experiments that were stopped since stay stopped (docs/decisions/0035). `on_top_of` is the
    published version that the caller has seen; None accepts any version. Raises `NotFound`,
    `AlreadyExists` for the version that is published now, `PublishedMeanwhile`, and
    `InvalidDocument` for an old text that this release does not accept any more.
    """

    def text(work: UnitOfWork) -> str:
        old = get_version(work, merchant, version)
        return read_with_stops(work, compiler, merchant, old.source)

    def publish(
        work: UnitOfWork, latest: PublishedConfiguration | None, source: str
    ) -> PublishedConfiguration:
        if latest and latest.version == version:
            raise AlreadyExists(f"Version {version} is what is published.")
        if latest and on_top_of is not None and latest.version != on_top_of:
            raise PublishedMeanwhile(latest)
        return publish_next_version(
            work,
            merchant,
            source,
            change=change,
            action="configuration.rolled_back",
            details={"text_of_version": version},
        )

    return prepare_and_publish(database, merchant, text, publish)
