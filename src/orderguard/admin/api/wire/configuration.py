"""Configurations in the JSON of the admin API: versions, drafts, differences, schedules."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from orderguard.actions.check_configuration import ProblemAtLine
from orderguard.actions.compare_configurations import Comparison
from orderguard.actions.configuration_source.reading import check_document, read_document
from orderguard.domain.configuration.draft import DRAFT_NAME_LIMIT, Draft
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.scheduled_publication import ScheduledPublication
from orderguard.domain.errors import InvalidDocument, Problem

Source = Annotated[
    str | None, Meta(description="The configuration as TOML, or as the text of a JSON object.")
]
Document = Annotated[
    dict[str, Any] | None,
    Meta(description="The configuration as JSON, in the place of `source`."),
]
Name = Annotated[str, Meta(description="What it is about.", max_length=DRAFT_NAME_LIMIT)]
OnTopOf = Annotated[
    int | None,
    Meta(description="Refuse unless this version is what is published; null takes any."),
]
Revision = Annotated[int, Meta(description="The revision that this was decided on.")]
DueAt = Annotated[
    str,
    Meta(description="When, as `2026-11-27T08:00Z`: in the future, and at most a year ahead."),
]


class SourceRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A configuration, as a text or as JSON."""

    source: Source = None
    document: Document = None


class PublicationRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A configuration to be published at once."""

    source: Source = None
    document: Document = None
    on_top_of: OnTopOf = None


class RollBackRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The published version that the caller wants to roll back from."""

    on_top_of: OnTopOf = None


class NewDraftRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A draft. Without a text, document or version it starts from the published configuration."""

    name: Name
    source: Source = None
    document: Document = None
    version: Annotated[int | None, Meta(description="The version that it begins with.")] = None


class DraftChangeRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Another text or another name for a draft."""

    revision: Revision
    source: Source = None
    document: Document = None
    name: Annotated[str | None, Meta(description="Its new name.")] = None


class DraftPublicationRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Which revision to publish, and the published version it was reviewed against."""

    revision: Revision
    on_top_of: Annotated[
        int | None,
        Meta(description="The version that it was compared with; null when none was published."),
    ]


class NewScheduledRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A publication to schedule: a text or a document with a name, or a draft."""

    due_at: DueAt
    name: Annotated[str | None, Meta(description="What it is about; a draft brings its own.")] = (
        None
    )
    source: Source = None
    document: Document = None
    draft_id: Annotated[str | None, Meta(description="The draft to publish then.")] = None
    revision: Annotated[int | None, Meta(description="The draft's revision, with `draftId`.")] = (
        None
    )


class PutOffRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The new time of a scheduled publication."""

    due_at: DueAt


class ConfigurationProblem(msgspec.Struct, rename="camel"):
    """An error that prevents publishing."""

    path: Annotated[str, Meta(description="Where; empty for the text as a whole.")]
    message: Annotated[str, Meta(description="What was found and what would do.")]
    line: Annotated[int | None, Meta(description="The line of the text, from 1, if it is known.")]


class CheckResponse(msgspec.Struct, rename="camel"):
    """Whether a configuration can be published."""

    ok: Annotated[bool, Meta(description="Whether there is no problem.")]
    problems: Annotated[list[ConfigurationProblem], Meta(description="In the order of the text.")]
    warnings: Annotated[
        list[ConfigurationProblem],
        Meta(description="What may be published, and costs offers or fees all the same."),
    ]


class VersionSummary(msgspec.Struct, rename="camel"):
    """A version, without its text."""

    version: Annotated[int, Meta(description="Counts the publications of the merchant, from 1.")]
    published_at: Annotated[str, Meta(description="When it began to count.")]
    published_by: Annotated[str, Meta(description="Who published it.")]


class VersionBody(VersionSummary, rename="camel"):
    """A version, with its text and as JSON."""

    source: Annotated[str, Meta(description="The text as it was published, with its comments.")]
    document: Annotated[dict[str, Any] | None, Meta(description="The same as JSON.")]


class ConfigurationResponse(msgspec.Struct, rename="camel"):
    """One version."""

    configuration: Annotated[VersionBody, Meta(description="The version.")]


class PublishedResponse(msgspec.Struct, rename="camel"):
    """The version that was published."""

    configuration: Annotated[VersionBody, Meta(description="The version.")]
    warnings: Annotated[
        list[ConfigurationProblem],
        Meta(description="What was published, and costs offers or fees all the same."),
    ]


class VersionsResponse(msgspec.Struct, rename="camel"):
    """A page of the history."""

    versions: Annotated[list[VersionSummary], Meta(description="Newest first.")]
    next_cursor: Annotated[str | None, Meta(description="For the next page; null on the last.")]


class SettingChangeBody(msgspec.Struct, rename="camel"):
    """A setting that differs."""

    path: Annotated[str, Meta(description="Where it is in the document.")]
    subject: Annotated[str, Meta(description="What it is about, in words.")]
    before: Annotated[str | None, Meta(description="In words; null where it is not there.")]
    after: Annotated[str | None, Meta(description="In words; null where it is not there.")]


class DiffLineBody(msgspec.Struct, rename="camel"):
    """A line of a difference."""

    mark: Annotated[str, Meta(description="`-` went, `+` came, a space stayed.")]
    text: Annotated[str, Meta(description="The line.")]
    before: Annotated[int | None, Meta(description="Its number before.")]
    after: Annotated[int | None, Meta(description="Its number after.")]


class DifferenceResponse(msgspec.Struct, rename="camel"):
    """The differences between two configurations."""

    settings: Annotated[
        list[SettingChangeBody] | None,
        Meta(description="Setting by setting; null when one of the texts is no document."),
    ]
    lines: Annotated[
        list[list[DiffLineBody]], Meta(description="Line by line, in groups with what is around.")
    ]


class DraftSummary(msgspec.Struct, rename="camel"):
    """A draft, without its text."""

    id: Annotated[str, Meta(description="The draft.")]
    name: Annotated[str, Meta(description="What it is about.")]
    revision: Annotated[int, Meta(description="Every change raises it by one.")]
    based_on: Annotated[
        int | None, Meta(description="The version that was published when it began.")
    ]
    created_at: Annotated[str, Meta(description="When it began.")]
    created_by: Annotated[str, Meta(description="Who began it.")]
    changed_at: Annotated[str, Meta(description="When it was last changed.")]
    changed_by: Annotated[str, Meta(description="Who changed it last.")]


class DraftBody(DraftSummary, rename="camel"):
    """A draft. It may have problems."""

    source: Annotated[str, Meta(description="Its text.")]
    document: Annotated[
        dict[str, Any] | None, Meta(description="The same as JSON; null when it is no document.")
    ]


class DraftResponse(msgspec.Struct, rename="camel"):
    """One draft."""

    draft: Annotated[DraftBody, Meta(description="The draft as it is now.")]


class DraftsResponse(msgspec.Struct, rename="camel"):
    """All drafts."""

    drafts: Annotated[list[DraftSummary], Meta(description="The last changed first.")]


class ScheduledSummary(msgspec.Struct, rename="camel"):
    """A scheduled publication, without its text."""

    id: Annotated[str, Meta(description="The publication.")]
    name: Annotated[str, Meta(description="What it is about.")]
    status: Annotated[str, Meta(description="`waiting`, `published`, `failed` or `cancelled`.")]
    due_at: Annotated[str, Meta(description="When it is to be published.")]
    scheduled_at: Annotated[str, Meta(description="When that was decided.")]
    scheduled_by: Annotated[str, Meta(description="By whom.")]
    settled_at: Annotated[str | None, Meta(description="When it stopped waiting.")]
    based_on: Annotated[
        int | None, Meta(description="The version that was published when it was scheduled.")
    ]
    draft_id: Annotated[str | None, Meta(description="The draft that its text came from.")]
    version: Annotated[int | None, Meta(description="The version that it became.")]
    failure: Annotated[str | None, Meta(description="Why nothing was published.")]


class ScheduledBody(ScheduledSummary, rename="camel"):
    """A scheduled publication."""

    source: Annotated[str, Meta(description="The text, as it was when this was scheduled.")]


class ScheduledResponse(msgspec.Struct, rename="camel"):
    """One scheduled publication."""

    scheduled_publication: Annotated[ScheduledBody, Meta(description="As it is now.")]


class ScheduledListResponse(msgspec.Struct, rename="camel"):
    """Scheduled publications."""

    scheduled_publications: Annotated[
        list[ScheduledSummary],
        Meta(description="Those that wait, the next one first, then the last that do not."),
    ]


def source_from_wire(source: str | None, document: dict[str, Any] | None) -> str | None:
    """The text of a request, or its document as a JSON text; None without either.

    Raises `InvalidDocument` for both.
    """
    if source is not None and document is not None:
        raise InvalidDocument([Problem("document", "expected source or document, found both.")])
    if document is None:
        return source
    try:
        check_document(document)  # before indenting, which multiplies depth
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    except RecursionError as error:
        raise InvalidDocument([Problem("document", "is nested too deeply.")]) from error


def required_source(source: str | None, document: dict[str, Any] | None) -> str:
    """As `source_from_wire`, but one is required. Raises `InvalidDocument`."""
    found = source_from_wire(source, document)
    if found is None:
        raise InvalidDocument([Problem("source", "expected source or document, found neither.")])
    return found


def _document(source: str) -> dict[str, Any] | None:
    """The document of a text; None if it is invalid or cannot be written as JSON."""
    try:
        document = read_document(source)
        msgspec.json.encode(document)
    except (InvalidDocument, RecursionError, msgspec.MsgspecError):
        return None
    return document


def problem_to_wire(placed: ProblemAtLine) -> ConfigurationProblem:
    """Convert a problem with its line."""
    return ConfigurationProblem(placed.problem.path, placed.problem.message, placed.line)


def version_summary_to_wire(published: PublishedConfiguration) -> VersionSummary:
    """Convert a version for a list, without its text."""
    return VersionSummary(
        published.version, published.published_at.isoformat(), published.published_by
    )


def version_to_wire(published: PublishedConfiguration) -> ConfigurationResponse:
    """Convert a version with its text."""
    return ConfigurationResponse(_version_body(published))


def published_to_wire(
    published: PublishedConfiguration, warnings: list[ProblemAtLine]
) -> PublishedResponse:
    """Convert a new version and its warnings to the response to a publication."""
    return PublishedResponse(_version_body(published), [problem_to_wire(each) for each in warnings])


def _version_body(published: PublishedConfiguration) -> VersionBody:
    return VersionBody(
        published.version,
        published.published_at.isoformat(),
        published.published_by,
        published.source,
        _document(published.source),
    )


def comparison_to_wire(comparison: Comparison) -> DifferenceResponse:
    """Convert the differences between two configurations."""
    settings = comparison.settings
    return DifferenceResponse(
        None
        if settings is None
        else [SettingChangeBody(e.path, e.subject, e.before, e.after) for e in settings],
        [
            [DiffLineBody(line.mark, line.text, line.before, line.after) for line in hunk]
            for hunk in comparison.lines
        ],
    )


def draft_summary_to_wire(draft: Draft) -> DraftSummary:
    """Convert a draft for a list, without its text."""
    return DraftSummary(**_of_draft(draft))


def draft_to_wire(draft: Draft) -> DraftResponse:
    """Convert a draft with its text."""
    return DraftResponse(
        DraftBody(**_of_draft(draft), source=draft.source, document=_document(draft.source))
    )


def _of_draft(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "name": draft.name,
        "revision": draft.revision,
        "based_on": draft.based_on,
        "created_at": draft.created_at.isoformat(),
        "created_by": draft.created_by,
        "changed_at": draft.changed_at.isoformat(),
        "changed_by": draft.changed_by,
    }


def scheduled_summary_to_wire(publication: ScheduledPublication) -> ScheduledSummary:
    """Convert a scheduled publication for a list, without its text."""
    return ScheduledSummary(**_of_scheduled(publication))


def scheduled_to_wire(publication: ScheduledPublication) -> ScheduledResponse:
    """Convert a scheduled publication with its text."""
    return ScheduledResponse(ScheduledBody(**_of_scheduled(publication), source=publication.source))


def _of_scheduled(publication: ScheduledPublication) -> dict[str, Any]:
    settled_at = publication.settled_at
    return {
        "id": publication.id,
        "name": publication.name,
        "status": publication.status.value,
        "due_at": publication.due_at.isoformat(),
        "scheduled_at": publication.scheduled_at.isoformat(),
        "scheduled_by": publication.scheduled_by,
        "settled_at": settled_at.isoformat() if settled_at else None,
        "based_on": publication.based_on,
        "draft_id": publication.draft,
        "version": publication.version,
        "failure": publication.failure,
    }
