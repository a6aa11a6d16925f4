"""The published versions, with author, time and changes; and rollback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orderguard.actions.compare_configurations import compare_configurations
from orderguard.actions.manage_drafts import find_problems
from orderguard.actions.ports.unit_of_work import UnitOfWork
from orderguard.actions.publish_configuration import PublishedMeanwhile, get_version
from orderguard.actions.roll_back_configuration import roll_back_configuration
from orderguard.actions.stopped_experiments import restarted
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.configuration.published import PublishedConfiguration
from orderguard.domain.errors import AlreadyExists, InvalidDocument, NotFound
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.account import Role

VERSIONS_PER_PAGE = 50
VERSION_DIGITS = 9

HISTORY = "/configuration/history"


class ConfigurationHistoryPages:
    """The pages of published versions: all, one, two compared, and rolling back."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._database = parts.database
        self.rows = (
            PageRow("GET", HISTORY, Role.VIEWER, self.show),
            PageRow("GET", f"{HISTORY}/{{version}}", Role.VIEWER, self.show_one),
            PageRow("GET", f"{HISTORY}/{{version}}/roll-back", Role.VIEWER, self.confirm),
            PageRow("POST", f"{HISTORY}/{{version}}/roll-back", Role.EDITOR, self.roll_back),
        )

    def show(self, request: PageRequest) -> Reply:
        before = request.query.text("before")
        with self._database.read() as work:
            found = work.configurations.history(
                request.merchant.id,
                before=parse_version(before) if before else None,
                limit=VERSIONS_PER_PAGE + 1,
            )
        page, more = found[:VERSIONS_PER_PAGE], found[VERSIONS_PER_PAGE:]
        context = {
            "versions": [(each, _twin(each, page)) for each in page],
            "older": request.to(f"{HISTORY}?before={page[-1].version}") if more else "",
            "newest": request.to(HISTORY) if before else "",
        }
        return Rendered("configuration_history.html.j2", context)

    def show_one(self, request: PageRequest) -> Reply:
        """A version, compared with the version before it or with `?against=`."""
        version = parse_version(request.values["version"])
        wanted = request.query.text("against")
        with self._database.read() as work:
            shown = get_version(work, request.merchant.id, version)
            latest = work.configurations.latest(request.merchant.id)
            against = (
                get_version(work, request.merchant.id, parse_version(wanted))
                if wanted
                else _the_one_before(work, shown)
            )
        before = against.source if against else ""
        context = {
            "shown": shown,
            "latest": latest,
            "against": against,
            "wanted": wanted,
            "comparison": compare_configurations(before, shown.source),
        }
        return Rendered("configuration_version.html.j2", context)

    def confirm(self, request: PageRequest) -> Reply:
        return self._confirmation(request)

    def _confirmation(self, request: PageRequest, problem: str = "") -> Reply:
        """The changes that a rollback to this version would make."""
        context = {**self._both(request), "problem": problem}
        return Rendered("configuration_roll_back.html.j2", context, status=409 if problem else 200)

    def _both(self, request: PageRequest) -> Mapping[str, Any]:
        version = parse_version(request.values["version"])
        with self._database.read() as work:
            shown = get_version(work, request.merchant.id, version)
            latest = work.configurations.latest(request.merchant.id) or shown
            kept_stopped = restarted(work, request.merchant.id, shown.source)
        return {
            "shown": shown,
            "latest": latest,
            "comparison": compare_configurations(latest.source, shown.source),
            "refusals": find_problems(shown.source, self._parts.compiler),
            "kept_stopped": kept_stopped,
        }

    def roll_back(self, request: PageRequest) -> Reply:
        seen = request.form.whole("on_top_of")
        try:
            published = roll_back_configuration(
                self._database,
                self._parts.compiler,
                request.merchant.id,
                parse_version(request.values["version"]),
                on_top_of=ConfigurationVersion(seen or 0),
                change=request.change,
            )
        except (PublishedMeanwhile, AlreadyExists) as error:
            return self._confirmation(request, str(error))
        except InvalidDocument as error:
            return self._confirmation(request, f"This version is not accepted any more: {error}")
        return SeeOther(
            request.to("/configuration"),
            f"Rolled back: version {published.version} has the text of "
            f"version {request.values['version']}. Live now.",
        )


def parse_version(text: str) -> ConfigurationVersion:
    """The number of a version. Raises `NotFound` for any other text."""
    if not (text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS):
        raise NotFound("There is no such version.")
    return ConfigurationVersion(int(text))


def _the_one_before(
    work: UnitOfWork, shown: PublishedConfiguration
) -> PublishedConfiguration | None:
    found = work.configurations.history(shown.merchant, before=shown.version, limit=1)
    return found[0] if found else None


def _twin(
    version: PublishedConfiguration, page: Sequence[PublishedConfiguration]
) -> ConfigurationVersion | None:
    """The earlier version with the same text, which this version rolled back to."""
    return next(
        (e.version for e in page if e.version < version.version and e.source == version.source),
        None,
    )
