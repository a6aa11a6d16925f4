"""Keep a stopped experiment stopped in every text that is published (ADR 0035)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from orderguard.actions.configuration_source.reading import read_document
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.domain.configuration.experiment import ExperimentStatus
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.errors import InvalidDocument, Problem
from orderguard.domain.ids import MerchantId

VERSIONS_AT_ONCE = 20
"""Texts of old versions that are in memory together."""


def refuse_restarts(work: UnitOfWork, merchant: MerchantId, source: str) -> None:
    """Raises `InvalidDocument` when the text runs an experiment that was stopped before."""
    problems = [
        Problem(
            f"experiments[{place}].status",
            f"{key} was stopped, and what comes now would mix with what came before; "
            "leave it stopped, or give the experiment another key.",
        )
        for place, key in restarted(work, merchant, source)
    ]
    if problems:
        raise InvalidDocument(problems)


def with_stops(work: UnitOfWork, merchant: MerchantId, source: str) -> str:
    """The text with every experiment stopped that a published version has stopped.

    Raises `InvalidDocument` for a text that cannot be edited.
    """
    # Imported here: editing TOML takes long to import, and no checkout needs it.
    from orderguard.actions.configuration_source.experiments import CannotEdit, with_status

    text = source
    for _, key in restarted(work, merchant, source):
        try:
            text = with_status(text, key, ExperimentStatus.STOPPED)
        except CannotEdit:
            refuse_restarts(work, merchant, source)
    return text


def restarted(work: UnitOfWork, merchant: MerchantId, source: str) -> list[tuple[int, str]]:
    """The experiments that the text runs although a version stopped them, as (index, key)."""
    latest = work.configurations.latest(merchant)
    runs = _with_status(latest.source, ExperimentStatus.RUNNING) if latest else {}
    begins = {
        key: place
        for key, place in _with_status(source, ExperimentStatus.RUNNING).items()
        if key not in runs
    }
    stopped = ever_stopped(work, merchant, begins)
    return [(place, key) for key, place in begins.items() if key in stopped]


def ever_stopped(work: UnitOfWork, merchant: MerchantId, keys: Collection[str]) -> set[str]:
    """The keys whose experiment is stopped in any version."""
    found: set[str] = set()
    versions = _versions(work, merchant) if keys else iter(())
    while found != set(keys) and (version := next(versions, None)):
        # Most texts do not contain the word, and need not be parsed.
        if ExperimentStatus.STOPPED in version.source:
            found |= _with_status(version.source, ExperimentStatus.STOPPED).keys() & set(keys)
    return found


def _versions(work: UnitOfWork, merchant: MerchantId) -> Iterator[PublishedConfiguration]:
    """All of them, the newest first."""
    before = None
    while page := work.configurations.history(merchant, before=before, limit=VERSIONS_AT_ONCE):
        yield from page
        before = page[-1].version


def _with_status(source: str, status: ExperimentStatus) -> dict[str, int]:
    """Key and index of the experiments with this status; none for a text that is unreadable."""
    try:
        experiments = read_document(source).get("experiments", ())
    except InvalidDocument:
        return {}
    return {
        each["key"]: place for place, each in enumerate(experiments) if each["status"] == status
    }
