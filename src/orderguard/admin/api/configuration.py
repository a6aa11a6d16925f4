"""`/admin/v1/configuration`: what is published, its history, differences, and going back."""

from __future__ import annotations

from typing import Any

import falcon
from falcon.asgi import Request, Response

from orderguard.actions.check_configuration import check_configuration
from orderguard.actions.compare_configurations import compare_configurations
from orderguard.actions.manage_drafts import get_draft
from orderguard.actions.ports import UnitOfWork
from orderguard.actions.publish_configuration import (
    get_published,
    get_version,
    publish_configuration,
)
from orderguard.actions.roll_back_configuration import roll_back_configuration
from orderguard.admin.api.desk import AdminDesk, read_struct
from orderguard.domain.draft import DraftId
from orderguard.domain.errors import InvalidDocument, NotFound, Problem
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.rule import ConditionCompiler
from orderguard.http.orders import write_json
from orderguard.http.paging import page_limit
from orderguard.http.wire.admin_configuration import (
    CheckResponse,
    PublicationRequest,
    RollBackRequest,
    SourceRequest,
    VersionsResponse,
    comparison_to_wire,
    problem_to_wire,
    required_source,
    version_summary_to_wire,
    version_to_wire,
)

PUBLISHED = "published"
"""In the place of a version: the one that counts."""

VERSION_DIGITS = 9


class ConfigurationResource:
    """`GET`: what is published; `POST`: publish another one at once."""

    def __init__(self, desk: AdminDesk, compiler: ConditionCompiler) -> None:
        self._desk = desk
        self._compiler = compiler

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "configuration")
        published = await self._desk.look(lambda work: get_published(work, caller.merchant))
        await self._desk.write(response, version_to_wire, published)

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "configuration")
        wanted = await read_struct(request, PublicationRequest)
        source = required_source(wanted.source, wanted.document)
        published = await self._desk.run(
            lambda: publish_configuration(
                self._desk.database,
                self._compiler,
                caller.merchant,
                source,
                on_top_of=as_version(wanted.on_top_of),
                published_by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_201
        await self._desk.write(response, version_to_wire, published)


class ConfigurationCheckResource:
    """`POST`: what stands in the way of publishing this. Nothing is stored."""

    def __init__(self, desk: AdminDesk, compiler: ConditionCompiler) -> None:
        self._desk = desk
        self._compiler = compiler

    async def on_post(self, request: Request, response: Response) -> None:
        await self._desk.admit(request, "configuration_check")
        wanted = await read_struct(request, SourceRequest)
        source = required_source(wanted.source, wanted.document)
        await answer_check(self._desk, self._compiler, source, response)


async def answer_check(
    desk: AdminDesk, compiler: ConditionCompiler, source: str, response: Response
) -> None:
    """Answer with the problems of a text."""
    found = await desk.run(lambda: check_configuration(source, compiler))
    problems = [problem_to_wire(each) for each in found]
    write_json(response, CheckResponse(ok=not problems, problems=problems))


class ConfigurationVersionsResource:
    """`GET`: the history, newest first."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "configuration_versions")
        limit, cursor = page_limit(request), request.get_param("cursor")
        before = None if cursor is None else _version_in(cursor, "cursor")
        found = await self._desk.look(
            lambda work: work.configurations.history(
                caller.merchant, before=before, limit=limit + 1
            )
        )
        page, more = found[:limit], found[limit:]
        versions = [version_summary_to_wire(each) for each in page]
        write_json(response, VersionsResponse(versions, str(page[-1].version) if more else None))


class ConfigurationVersionResource:
    """`GET`: one version."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response, version: str) -> None:
        caller = await self._desk.admit(request, "configuration_version")
        wanted = parse_version(version)
        found = await self._desk.look(lambda work: get_version(work, caller.merchant, wanted))
        await self._desk.write(response, version_to_wire, found)


class ConfigurationRollBackResource:
    """`POST`: publish an old version again, as a new one."""

    def __init__(self, desk: AdminDesk, compiler: ConditionCompiler) -> None:
        self._desk = desk
        self._compiler = compiler

    async def on_post(self, request: Request, response: Response, version: str) -> None:
        caller = await self._desk.admit(request, "configuration_roll_back")
        wanted = await read_struct(request, RollBackRequest)
        old = parse_version(version)
        published = await self._desk.run(
            lambda: roll_back_configuration(
                self._desk.database,
                self._compiler,
                caller.merchant,
                old,
                on_top_of=as_version(wanted.on_top_of),
                by=caller.actor,
                at=self._desk.clock(),
            )
        )
        response.status = falcon.HTTP_201
        await self._desk.write(response, version_to_wire, published)


class ConfigurationDiffResource:
    """`GET ?from=&to=`: what is different between two versions or drafts."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "configuration_diff")
        names = [request.get_param(name) or PUBLISHED for name in ("from", "to")]
        before, after = await self._desk.look(
            lambda work: [_source_called(work, caller.merchant, name) for name in names]
        )
        compared = await self._desk.run(lambda: compare_configurations(before, after))
        await self._desk.write(response, comparison_to_wire, compared)


def _source_called(work: UnitOfWork, merchant: MerchantId, name: str) -> str:
    """The text of `published`, of a version by its number, or of a draft by its id."""
    if name == PUBLISHED:
        return get_published(work, merchant).source
    if name.startswith("drf_"):
        return get_draft(work, merchant, DraftId(name)).source
    return get_version(work, merchant, parse_version(name)).source


def parse_version(text: str) -> ConfigurationVersion:
    """The number of a version in a path. Raises `NotFound`: nothing else has a name like this."""
    if not _is_number(text):
        raise NotFound("There is no such version of this merchant's configuration.")
    return ConfigurationVersion(int(text))


def _version_in(text: str, name: str) -> ConfigurationVersion:
    if not _is_number(text):
        raise InvalidDocument([Problem(name, "expected a cursor from an answer.")])
    return ConfigurationVersion(int(text))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS


def as_version(number: int | None) -> ConfigurationVersion | None:
    """The version of this number, if there is a number."""
    return None if number is None else ConfigurationVersion(number)


def configuration_resources(desk: AdminDesk, compiler: ConditionCompiler) -> dict[str, Any]:
    """Resources by path."""
    base = "/configuration"
    return {
        base: ConfigurationResource(desk, compiler),
        f"{base}/check": ConfigurationCheckResource(desk, compiler),
        f"{base}/diff": ConfigurationDiffResource(desk),
        f"{base}/versions": ConfigurationVersionsResource(desk),
        f"{base}/versions/{{version}}": ConfigurationVersionResource(desk),
        f"{base}/versions/{{version}}/roll-back": ConfigurationRollBackResource(desk, compiler),
    }
