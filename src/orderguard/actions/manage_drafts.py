"""Create, change, delete and publish drafts of the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from orderguard.actions.configuration_source.reading import SOURCE_LIMIT, check_source
from orderguard.actions.ports.unit_of_work import Database, UnitOfWork
from orderguard.actions.publish_configuration import (
    PublishedMeanwhile,
    get_version,
    prepare_and_publish,
    publish_next_version,
    read_configuration,
)
from orderguard.actions.stopped_experiments import refuse_restarts
from orderguard.domain.configuration.draft import (
    DRAFTS_AT_MOST,
    FIRST_REVISION,
    Draft,
    DraftId,
    parse_draft_name,
)
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.configuration.rule import ConditionCompiler
from orderguard.domain.errors import AlreadyExists, InvalidDocument, NotFound, Problem
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import Change

EMPTY_SOURCE = """\
# Which carts get an offer, for what, and at which price. Amounts are minor units: 298 is 2.98.
modes = []        # "returnCoverage", "shippingProtection"
currencies = []   # such as "USD", "EUR"
"""


class DraftChanged(AlreadyExists):
    """Another person changed the draft since the revision that the change was meant for."""

    def __init__(self, current: Draft) -> None:
        super().__init__(
            f"{current.changed_by} changed this draft meanwhile: it is at revision "
            f"{current.revision} now. Look at theirs before you save yours."
        )
        self.current = current


class NothingToPublish(AlreadyExists):
    """The draft has exactly the text of the published version."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"Nothing differs from version {version}, which is published. Nothing was published."
        )


class TooManyDrafts(AlreadyExists):
    """The merchant has the maximum number of drafts, `DRAFTS_AT_MOST`."""

    def __init__(self) -> None:
        super().__init__(f"There are {DRAFTS_AT_MOST} drafts, and no more may be. Delete one.")


@dataclass(frozen=True, slots=True)
class StartFrom:
    """The first text of a draft: a version, a given text, or by default the published version."""

    version: ConfigurationVersion | None = None
    source: str | None = None


WHAT_IS_PUBLISHED = StartFrom()
NOTHING = StartFrom(source=EMPTY_SOURCE)


def start_draft(
    database: Database,
    merchant: MerchantId,
    name: str,
    start_from: StartFrom = WHAT_IS_PUBLISHED,
    *,
    new_id: DraftId,
    change: Change,
    source_limit: int = SOURCE_LIMIT,
) -> Draft:
    """Create a draft. Before the first publication, it begins with `EMPTY_SOURCE`.

    Raises `Malformed` for the name, `InvalidDocument`, `NotFound` for the version, and
    `TooManyDrafts`.
    """
    parsed = parse_draft_name(name)
    with database.begin() as work:
        work.merchants.lock(merchant)
        if work.drafts.count(merchant) >= DRAFTS_AT_MOST:
            raise TooManyDrafts
        latest = work.configurations.latest(merchant)
        draft = Draft(
            merchant=merchant,
            id=new_id,
            name=parsed,
            source=_first_source(work, merchant, start_from, latest, source_limit),
            based_on=latest.version if latest else None,
            revision=FIRST_REVISION,
            created_at=change.at,
            created_by=change.by,
            changed_at=change.at,
            changed_by=change.by,
        )
        work.drafts.add(draft)
        work.audit.record(
            merchant, change=change, action="draft.started", subject=draft.id, after=_audited(draft)
        )
    return draft


def _first_source(
    work: UnitOfWork,
    merchant: MerchantId,
    start_from: StartFrom,
    latest: PublishedConfiguration | None,
    source_limit: int,
) -> str:
    if start_from.source is not None:
        check_source(start_from.source, limit=source_limit)
        return start_from.source
    if start_from.version is not None:
        return get_version(work, merchant, start_from.version).source
    return latest.source if latest else EMPTY_SOURCE


def save_draft(
    database: Database,
    merchant: MerchantId,
    draft: DraftId,
    source: str,
    *,
    expected_revision: int,
    change: Change,
    source_limit: int = SOURCE_LIMIT,
) -> Draft:
    """Save a draft's text. Raises like `change_draft`."""
    return change_draft(
        database,
        merchant,
        draft,
        source=source,
        expected_revision=expected_revision,
        change=change,
        source_limit=source_limit,
    )


def change_draft(
    database: Database,
    merchant: MerchantId,
    draft: DraftId,
    *,
    name: str | None = None,
    source: str | None = None,
    expected_revision: int,
    change: Change,
    source_limit: int = SOURCE_LIMIT,
) -> Draft:
    """Save a draft's name or text. The text may have problems: people save unfinished work.

    An argument that is None keeps its value; a save without changes makes no revision. Raises
    `NotFound`, `DraftChanged`, `Malformed` for the name, and `InvalidDocument` for a text that
    cannot be stored at all, or has more than `source_limit` bytes.
    """
    if source is not None:
        check_source(source, limit=source_limit)
    with database.begin() as work:
        before = get_draft_revision(work, merchant, draft, expected_revision)
        return _change(
            work,
            before,
            name=before.name if name is None else parse_draft_name(name),
            source=before.source if source is None else source,
            change=change,
        )


def _change(work: UnitOfWork, before: Draft, *, name: str, source: str, change: Change) -> Draft:
    if (name, source) == (before.name, before.source):
        return before
    if not work.drafts.change(before, name=name, source=source, change=change):
        raise DraftChanged(get_draft(work, before.merchant, before.id))
    after = get_draft(work, before.merchant, before.id)
    work.audit.record(
        before.merchant,
        change=change,
        action="draft.saved" if source != before.source else "draft.renamed",
        subject=before.id,
        before=_audited(before),
        after=_audited(after),
    )
    return after


def delete_draft(
    database: Database,
    merchant: MerchantId,
    draft: DraftId,
    *,
    expected_revision: int,
    change: Change,
) -> None:
    """Delete a draft. Raises `NotFound` and `DraftChanged`."""
    with database.begin() as work:
        before = get_draft_revision(work, merchant, draft, expected_revision)
        _remove(work, before)
        work.audit.record(
            merchant, change=change, action="draft.deleted", subject=draft, before=_audited(before)
        )


def publish_draft(
    database: Database,
    compiler: ConditionCompiler,
    merchant: MerchantId,
    draft: DraftId,
    *,
    expected_revision: int,
    on_top_of: ConfigurationVersion | None,
    change: Change,
) -> PublishedConfiguration:
    """Publish exactly this revision on top of exactly that version, and delete the draft.

    `on_top_of` is the version with which the caller compared the draft. Raises `NotFound`,
    `DraftChanged`, `PublishedMeanwhile`, `NothingToPublish`, and `InvalidDocument` with every
    problem.
    """

    def read(work: UnitOfWork) -> None:
        source = get_draft_revision(work, merchant, draft, expected_revision).source
        read_configuration(source, compiler)
        refuse_restarts(work, merchant, source)

    def publish(
        work: UnitOfWork, latest: PublishedConfiguration | None, _: None
    ) -> PublishedConfiguration:
        # Checks that the revision is still the one just validated: no other text is published.
        before = get_draft_revision(work, merchant, draft, expected_revision)
        if latest and latest.version != on_top_of:
            raise PublishedMeanwhile(latest)
        if latest and is_same_text(before.source, latest.source):
            raise NothingToPublish(latest.version)
        published = publish_next_version(
            work, merchant, before.source, change=change, details={"draft": before.name}
        )
        _remove(work, before)
        return published

    return prepare_and_publish(database, merchant, read, publish)


def is_same_text(one: str, other: str) -> bool:
    """Whether two texts are equal, except for line endings and white space at the end."""
    return one.rstrip().splitlines() == other.rstrip().splitlines()


def find_problems(source: str, compiler: ConditionCompiler) -> list[Problem]:
    """All problems that prevent publishing this text; an empty list when there are none."""
    try:
        read_configuration(source, compiler)
    except InvalidDocument as error:
        return error.problems
    return []


def get_draft(work: UnitOfWork, merchant: MerchantId, draft: DraftId) -> Draft:
    """The draft of this merchant. Raises `NotFound`, also for another merchant's draft."""
    # No draft's id has other characters, and some databases raise an error for them.
    found = work.drafts.find(merchant, draft) if draft.isprintable() else None
    if found is None:
        raise NotFound("No draft with this id exists for this merchant.")
    return found


def get_draft_revision(
    work: UnitOfWork, merchant: MerchantId, draft: DraftId, expected_revision: int
) -> Draft:
    """The draft, if it is at this revision. Raises `NotFound` and `DraftChanged`."""
    found = get_draft(work, merchant, draft)
    if found.revision != expected_revision:
        raise DraftChanged(found)
    return found


def _remove(work: UnitOfWork, draft: Draft) -> None:
    if not work.drafts.remove(draft):
        raise DraftChanged(get_draft(work, draft.merchant, draft.id))


def _audited(draft: Draft) -> dict[str, object]:
    return {"name": draft.name, "revision": draft.revision, "based_on": draft.based_on}
