"""One draft: its text, its problems, publishing and scheduling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orderguard.actions.check_configuration import check_configuration, placed_warnings
from orderguard.actions.compare_configurations import Comparison, compare_configurations
from orderguard.actions.manage_drafts import (
    DraftChanged,
    NothingToPublish,
    change_draft,
    delete_draft,
    is_same_text,
    publish_draft,
    save_draft,
)
from orderguard.actions.publish_configuration import PublishedMeanwhile
from orderguard.actions.schedule_publication import TooManyWaiting, schedule_draft
from orderguard.actions.shadow_run import ShadowRunBusy
from orderguard.admin.console.draft_frame import (
    complaint,
    draft_path,
    frame,
    load_draft,
    revision_of_form,
    saved_and_then,
    text_of_form,
)
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.scheduled_publications import SCHEDULED, for_input
from orderguard.domain.configuration.draft import Draft, DraftId
from orderguard.domain.configuration.scheduled_publication import AHEAD_AT_MOST, parse_due_at
from orderguard.domain.configuration.text_difference import text_difference
from orderguard.domain.errors import InvalidDocument, Malformed
from orderguard.domain.ids import ConfigurationVersion
from orderguard.domain.people.account import Role
from orderguard.randomness import new_scheduled_publication_id

SHADOW_RUNS_SHOWN = 3


class DraftPages:
    """The pages of a draft: its text, publishing, scheduling and starting a shadow run."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._database = parts.database
        one = draft_path(DraftId("{draft_id}"))
        self.rows = (
            PageRow("GET", one, Role.VIEWER, self.show),
            PageRow("POST", one, Role.EDITOR, self.save),
            PageRow("POST", f"{one}/check", Role.EDITOR, self.check),
            PageRow("POST", f"{one}/rename", Role.EDITOR, self.rename),
            PageRow("POST", f"{one}/delete", Role.EDITOR, self.delete),
            PageRow("POST", f"{one}/shadow-run", Role.EDITOR, self.shadow_run),
            PageRow("GET", f"{one}/publish", Role.VIEWER, self.confirm),
            PageRow("POST", f"{one}/publish", Role.EDITOR, self.publish),
            PageRow("POST", f"{one}/schedule", Role.EDITOR, self.schedule),
        )

    def show(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(
        self,
        request: PageRequest,
        *,
        source: str | None = None,
        problem: str = "",
        status: int = 200,
    ) -> Reply:
        """The editor with this text, or with the draft's own."""
        draft, published = load_draft(self._parts, request)
        shown = draft.source if source is None else source
        with self._database.read() as work:
            runs = work.shadow_runs.latest(
                request.merchant.id, draft=draft.id, limit=SHADOW_RUNS_SHOWN
            )
        context = {
            **frame(request, draft, published),
            **self._checked(request, shown),
            "source": shown,
            "is_unsaved": shown != draft.source,
            "runs": runs,
            "problem": problem,
        }
        return Rendered("draft.html.j2", context, status=422 if problem else status)

    def _checked(self, request: PageRequest, source: str) -> Mapping[str, Any]:
        return {
            "problems": check_configuration(
                source, self._parts.compiler, source_limit=self._parts.source_limit
            ),
            "warnings": placed_warnings(source, self._parts.compiler),
            "checked_at": request.at,
        }

    def check(self, request: PageRequest) -> Reply:
        """The problems of the text as typed so far. Nothing is saved."""
        source = text_of_form(request)
        if request.is_fragment:
            load_draft(self._parts, request)
            return Rendered("draft_problems.html.j2", self._checked(request, source))
        return self._page(request, source=source)

    def save(self, request: PageRequest) -> Reply:
        source = text_of_form(request)
        try:
            draft = save_draft(
                self._database,
                request.merchant.id,
                DraftId(request.values["draft_id"]),
                source,
                expected_revision=revision_of_form(request),
                change=request.change,
                source_limit=self._parts.source_limit,
            )
        except DraftChanged as error:
            return self._changed(request, source, error.current)
        except InvalidDocument as error:
            return self._page(request, source=source, problem=complaint(error))
        return SeeOther(request.to(saved_and_then(request, draft.id, "")), "Saved.")

    def _changed(self, request: PageRequest, source: str, current: Draft) -> Reply:
        """Both texts after a conflict, so that the user can choose one."""
        _, published = load_draft(self._parts, request)
        context = {
            **frame(request, current, published),
            "source": source,
            "difference": text_difference(current.source, source),
        }
        return Rendered("draft_changed.html.j2", context, status=409)

    def rename(self, request: PageRequest) -> Reply:
        try:
            draft = change_draft(
                self._database,
                request.merchant.id,
                DraftId(request.values["draft_id"]),
                name=request.form.text("name"),
                expected_revision=revision_of_form(request),
                change=request.change,
            )
        except (DraftChanged, Malformed) as error:
            return self._page(request, problem=str(error))
        return SeeOther(request.to(draft_path(draft.id)), "Renamed.")

    def delete(self, request: PageRequest) -> Reply:
        try:
            delete_draft(
                self._database,
                request.merchant.id,
                DraftId(request.values["draft_id"]),
                expected_revision=revision_of_form(request),
                change=request.change,
            )
        except DraftChanged as error:
            return self._page(request, problem=str(error))
        return SeeOther(request.to("/configuration"), "Deleted.")

    def shadow_run(self, request: PageRequest) -> Reply:
        """Start a shadow run of the saved draft over past sessions."""
        draft, _ = load_draft(self._parts, request)
        try:
            run = self._parts.shadow_runs.start(
                request.merchant.id, draft.source, draft=draft.id, change=request.change
            )
        except InvalidDocument as error:
            return self._page(request, problem=complaint(error))
        except ShadowRunBusy as error:
            return self._page(request, problem=str(error))
        return SeeOther(request.to(f"/configuration/shadow-runs/{run.id}"))

    def confirm(self, request: PageRequest) -> Reply:
        return self._confirmation(request)

    def _confirmation(self, request: PageRequest, problem: str = "", status: int = 409) -> Reply:
        """The page to confirm a publication: its problems, and the changes it would make."""
        draft, published = load_draft(self._parts, request)
        before = published.source if published else ""
        context = {
            **frame(request, draft, published),
            **self._checked(request, draft.source),
            "difference": compare_configurations(before, draft.source),
            "is_same": published is not None and is_same_text(before, draft.source),
            "meanwhile": self._meanwhile(draft, before),
            "entered": request.form.text("due_at"),
            "earliest": for_input(request.at),
            "latest_time": for_input(request.at + AHEAD_AT_MOST),
            "problem": problem,
        }
        return Rendered("draft_publish.html.j2", context, status=status if problem else 200)

    def _meanwhile(self, draft: Draft, published_source: str) -> Comparison:
        """The changes published since the draft was created."""
        with self._database.read() as work:
            basis = work.configurations.find(draft.merchant, draft.based_on or NEVER_PUBLISHED)
        return compare_configurations(basis.source if basis else "", published_source)

    def publish(self, request: PageRequest) -> Reply:
        on_top_of = request.form.whole("on_top_of")
        try:
            published = publish_draft(
                self._database,
                self._parts.compiler,
                request.merchant.id,
                DraftId(request.values["draft_id"]),
                expected_revision=revision_of_form(request),
                on_top_of=ConfigurationVersion(on_top_of) if on_top_of else None,
                change=request.change,
            )
        except (DraftChanged, PublishedMeanwhile, NothingToPublish) as error:
            return self._confirmation(request, str(error))
        except InvalidDocument as error:
            return self._page(request, problem=complaint(error))
        return SeeOther(
            request.to("/configuration"), f"Published version {published.version}. Live now."
        )

    def schedule(self, request: PageRequest) -> Reply:
        """Schedule the publication of the saved draft."""
        try:
            publication = schedule_draft(
                self._database,
                self._parts.compiler,
                request.merchant.id,
                DraftId(request.values["draft_id"]),
                expected_revision=revision_of_form(request),
                due_at=parse_due_at(request.form.text("due_at"), at=request.at),
                new_id=new_scheduled_publication_id(),
                change=request.change,
            )
        except (DraftChanged, TooManyWaiting) as error:
            return self._confirmation(request, str(error))
        except Malformed as error:
            return self._confirmation(request, str(error), status=422)
        except InvalidDocument as error:
            return self._page(request, problem=complaint(error))
        return SeeOther(
            request.to(f"{SCHEDULED}/{publication.id}"),
            f"Scheduled for {publication.due_at:%Y-%m-%d %H:%M} UTC.",
        )


NEVER_PUBLISHED = ConfigurationVersion(0)
