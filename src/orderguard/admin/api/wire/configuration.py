"""Configurations in the JSON of the admin API: versions, drafts, differences, schedules."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from orderguard.actions.check_configuration import ProblemAtLine
from orderguard.actions.compare_configurations import Comparison
from orderguard.actions.configuration_source.reading import check_document, read_document
from orderguard.domain.configuration.draft import DRAFT_NAME_LIMIT, Draft
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.scheduled_publication import ScheduledPublication
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.http.wire.doc import doc

Source = Annotated[str | None, doc("The configuration as TOML, or as the text of a JSON object.")]
Document = Annotated[
    dict[str, Any] | None,
    doc("The configuration as JSON, in the place of `source`."),
]
Name = Annotated[str, doc("The name, for people.", max_length=DRAFT_NAME_LIMIT)]
OnTopOf = Annotated[
    int | None,
    doc("Refuse unless this version is what is published; null takes any."),
]
Revision = Annotated[int, doc("The revision that this was decided on.")]
DueAt = Annotated[
    str,
    doc("When, as `2026-11-27T08:00Z`: in the future, and at most a year ahead."),
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
    version: Annotated[int | None, doc("The version whose text the draft starts from.")] = None


class DraftChangeRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The new text or the new name of a draft, and the revision that was changed."""

    revision: Revision
    source: Source = None
    document: Document = None
    name: Annotated[str | None, doc("The new name of the draft.")] = None


class DraftPublicationRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Which revision to publish, and the published version it was reviewed against."""

    revision: Revision
    on_top_of: Annotated[
        int | None, doc("The version it was compared with; null if there was none.")
    ]


class NewScheduledRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A publication to schedule: a text or a document with a name, or a draft."""

    due_at: DueAt
    name: Annotated[
        str | None, doc("A name for the publication; that of a draft is the draft's name.")
    ] = None
    source: Source = None
    document: Document = None
    draft_id: Annotated[str | None, doc("The draft to publish.")] = None
    revision: Annotated[int | None, doc("The draft's revision, with `draftId`.")] = None


class RescheduleRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The new time of a scheduled publication."""

    due_at: DueAt


class ConfigurationProblem(msgspec.Struct, rename="camel"):
    """An error that prevents publishing."""

    path: Annotated[str, doc("The path of the setting; empty for the text as a whole.")]
    message: Annotated[str, doc("The value found, and the values accepted.")]
    line: Annotated[int | None, doc("The line of the text, from 1, if it is known.")]


class CheckResponse(msgspec.Struct, rename="camel"):
    """Whether a configuration can be published."""

    ok: Annotated[bool, doc("True when there are no problems.")]
    problems: Annotated[list[ConfigurationProblem], doc("The problems, in the order of the text.")]
    warnings: Annotated[
        list[ConfigurationProblem], doc("Settings that can be published, but cost offers or fees.")
    ]


class VersionSummary(msgspec.Struct, rename="camel"):
    """A published version of the configuration, without its text."""

    version: Annotated[int, doc("Counts the publications of the merchant, from 1.")]
    published_at: Annotated[str, doc("The time of publication, from which it was in effect.")]
    published_by: Annotated[str, doc("The author of the publication, as in the audit trail.")]


class VersionBody(VersionSummary, rename="camel"):
    """A published version of the configuration, with its text and as JSON."""

    source: Annotated[str, doc("The text as it was published, with its comments.")]
    document: Annotated[dict[str, Any] | None, doc("The configuration as JSON.")]


class ConfigurationResponse(msgspec.Struct, rename="camel"):
    """One published version of the configuration."""

    configuration: Annotated[VersionBody, doc("The version.")]


class PublishedResponse(msgspec.Struct, rename="camel"):
    """The version that was published."""

    configuration: Annotated[VersionBody, doc("The version.")]
    warnings: Annotated[
        list[ConfigurationProblem], doc("Published settings that cost offers or fees.")
    ]


class VersionsResponse(msgspec.Struct, rename="camel"):
    """A page of the published versions, newest first."""

    versions: Annotated[list[VersionSummary], doc("Newest first.")]
    next_cursor: Annotated[str | None, doc("The cursor of the next page; null on the last page.")]


class SettingChangeBody(msgspec.Struct, rename="camel"):
    """A setting whose values differ between two configurations."""

    path: Annotated[str, doc("The path of the setting in the document.")]
    subject: Annotated[str, doc("The name of the setting in words.")]
    before: Annotated[str | None, doc("The value in words; null where the setting is absent.")]
    after: Annotated[str | None, doc("The value in words; null where the setting is absent.")]


class DiffLineBody(msgspec.Struct, rename="camel"):
    """A line of the line-by-line difference between two configuration texts."""

    mark: Annotated[str, doc("`-` removed, `+` added, a space unchanged.")]
    text: Annotated[str, doc("The text of the line.")]
    before: Annotated[int | None, doc("Its number in the first text; null if added.")]
    after: Annotated[int | None, doc("Its number in the second text; null if removed.")]


class DifferenceResponse(msgspec.Struct, rename="camel"):
    """The differences between two configurations."""

    settings: Annotated[
        list[SettingChangeBody] | None,
        doc("The differing settings; null if a text cannot be parsed."),
    ]
    lines: Annotated[
        list[list[DiffLineBody]],
        doc("Changed lines, in groups with the lines around them."),
    ]


class DraftSummary(msgspec.Struct, rename="camel"):
    """A draft, without its text."""

    id: Annotated[str, doc("The id of the draft.")]
    name: Annotated[str, doc("The name, for people.")]
    revision: Annotated[int, doc("The number of the revision; every change raises it by one.")]
    based_on: Annotated[int | None, doc("The version published when the draft was created.")]
    created_at: Annotated[str, doc("The time at which the draft was created.")]
    created_by: Annotated[str, doc("The author of the draft, as in the audit trail.")]
    changed_at: Annotated[str, doc("The time of the last change.")]
    changed_by: Annotated[str, doc("The author of the last change.")]


class DraftBody(DraftSummary, rename="camel"):
    """A draft with its text, which may have problems."""

    source: Annotated[str, doc("The text of the draft.")]
    document: Annotated[
        dict[str, Any] | None, doc("The draft as JSON; null when its text cannot be parsed.")
    ]


class DraftResponse(msgspec.Struct, rename="camel"):
    """One draft."""

    draft: Annotated[DraftBody, doc("The draft as it is now.")]


class DraftsResponse(msgspec.Struct, rename="camel"):
    """All drafts of the merchant, without their texts."""

    drafts: Annotated[list[DraftSummary], doc("The drafts, most recently changed first.")]


class ScheduledSummary(msgspec.Struct, rename="camel"):
    """A scheduled publication, without its text."""

    id: Annotated[str, doc("The id of the scheduled publication.")]
    name: Annotated[str, doc("The name, for people.")]
    status: Annotated[str, doc("`waiting`, `published`, `failed` or `cancelled`.")]
    due_at: Annotated[str, doc("The time at which it is published.")]
    scheduled_at: Annotated[str, doc("The time at which it was scheduled.")]
    scheduled_by: Annotated[str, doc("The person who scheduled it, as in the audit trail.")]
    settled_at: Annotated[str | None, doc("When it stopped waiting; null while it waits.")]
    based_on: Annotated[int | None, doc("The version published when it was scheduled.")]
    draft_id: Annotated[
        str | None, doc("The draft whose text is published; null for a text of its own.")
    ]
    version: Annotated[int | None, doc("The version that was published; null before.")]
    failure: Annotated[str | None, doc("Why the publication failed; null otherwise.")]


class ScheduledBody(ScheduledSummary, rename="camel"):
    """A scheduled publication, with its text."""

    source: Annotated[str, doc("The text, as it was when this was scheduled.")]


class ScheduledResponse(msgspec.Struct, rename="camel"):
    """One scheduled publication."""

    scheduled_publication: Annotated[
        ScheduledBody, doc("The scheduled publication in its current state.")
    ]


class ScheduledListResponse(msgspec.Struct, rename="camel"):
    """The waiting publications and the latest settled ones."""

    scheduled_publications: Annotated[
        list[ScheduledSummary],
        doc("Those that wait, the next one first, then the last that do not."),
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
