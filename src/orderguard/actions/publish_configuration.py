"""Check a configuration, and publish it as the merchant's next version (contract §10)."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from typing import Any

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports import Database, PublishedConfiguration
from orderguard.domain.audit import Actor
from orderguard.domain.configuration import MerchantConfiguration
from orderguard.domain.configuration_document import configuration_from_document
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.rule import ConditionCompiler

SOURCE_LIMIT = 512 * 1024
"""Characters of a configuration."""

_UNPUBLISHED = ConfigurationVersion(0)


def read_configuration(
    source: str, compiler: ConditionCompiler, *, version: ConfigurationVersion = _UNPUBLISHED
) -> MerchantConfiguration:
    """The configuration in a TOML or JSON text. Raises `InvalidDocument` with every problem."""
    return configuration_from_document(_parsed(source), compiler, version=version)


def _parsed(source: str) -> dict[str, Any]:
    if len(source) > SOURCE_LIMIT:
        raise InvalidDocument(
            [Problem("", f"This has {len(source)} characters; the limit is {SOURCE_LIMIT}.")]
        )
    # No TOML document begins with a brace, and every JSON object does.
    language, loads = (
        ("JSON", json.loads) if source.lstrip()[:1] == "{" else ("TOML", tomllib.loads)
    )
    try:
        document: dict[str, Any] = loads(source)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument([Problem("", f"This is not {language}: {error}.")]) from error
    return document


def publish_configuration(
    database: Database,
    compiler: ConditionCompiler,
    merchant: str,
    source: str,
    *,
    published_by: Actor,
    at: datetime,
) -> PublishedConfiguration:
    """Store the next version, effective at once in every process.

    Raises `InvalidDocument` and then stores nothing, or `NotFound` for the merchant.
    """
    read_configuration(source, compiler)
    with database.begin() as work:
        owner = get_merchant(work, merchant).id
        work.merchants.lock(owner)
        latest = work.configurations.latest(owner)
        published = PublishedConfiguration(
            merchant=owner,
            version=ConfigurationVersion(latest.version + 1 if latest else 1),
            source=source,
            published_at=at,
            published_by=published_by,
        )
        work.configurations.add(published)
        work.audit.record(
            owner,
            at=at,
            actor=published_by,
            action="configuration.published",
            subject=f"version {published.version}",
            before={"version": latest.version} if latest else None,
            after={"version": published.version},
        )
    return published
