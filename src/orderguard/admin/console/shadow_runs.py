"""Shadow runs: the changes that publishing a draft would have made for recent sessions."""

from __future__ import annotations

from orderguard.actions.shadow_run import ShadowRunBusy, shadow_run_not_found
from orderguard.admin.console.page_request import PageRequest, Rendered, Reply, SeeOther
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.configuration.draft import DraftId
from orderguard.domain.errors import InvalidDocument
from orderguard.domain.people.account import Role
from orderguard.domain.what_if.shadow_run import LAST_DEFAULT, ShadowRunId

LISTED_AT_MOST = 20

LASTS = (1_000, 5_000, 20_000, 100_000)
"""The choices for the number of sessions."""


class ShadowRunPages:
    """The pages of shadow runs: all runs with a form for a new one, and one run."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self._runs = parts.shadow_runs
        self.rows = (
            PageRow("GET", "/configuration/shadow-runs", Role.VIEWER, self.list),
            PageRow("POST", "/configuration/shadow-runs", Role.EDITOR, self.start),
            PageRow("GET", "/configuration/shadow-runs/{run_id}", Role.VIEWER, self.show),
            PageRow("POST", "/configuration/shadow-runs/{run_id}/cancel", Role.EDITOR, self.cancel),
        )

    def list(self, request: PageRequest) -> Reply:
        return self._page(request)

    def _page(self, request: PageRequest, *, source: str = "", problem: str = "") -> Reply:
        with self._database.read() as work:
            runs = work.shadow_runs.latest(request.merchant.id, limit=LISTED_AT_MOST)
            published = work.configurations.latest(request.merchant.id)
        return Rendered(
            "shadow_runs.html.j2",
            {
                "runs": runs,
                "source": source or (published.source if published else ""),
                "lasts": [(str(each), f"the last {each:,}") for each in LASTS],
                "last": request.form.text("last") or str(LAST_DEFAULT),
                "problem": problem,
            },
            status=422 if problem else 200,
        )

    def start(self, request: PageRequest) -> Reply:
        """Start a run of the text in the form, and redirect to its page."""
        source = request.form.raw("source")
        try:
            run = self._runs.start(
                request.merchant.id,
                source,
                last=request.form.whole("last") or LAST_DEFAULT,
                change=request.real_change,
            )
        except (InvalidDocument, ShadowRunBusy) as error:
            return self._page(request, source=source, problem=str(error))
        return SeeOther(request.to(f"/configuration/shadow-runs/{run.id}"))

    def show(self, request: PageRequest) -> Reply:
        """The progress of the run, or its report."""
        with self._database.read() as work:
            run = work.shadow_runs.find(request.merchant.id, ShadowRunId(request.values["run_id"]))
            if run is None:
                raise shadow_run_not_found()
            draft = work.drafts.find(request.merchant.id, DraftId(run.draft)) if run.draft else None
        return Rendered(
            "shadow_run.html.j2",
            {"run": run, "state": run.status_at(request.real_at), "draft": draft},
        )

    def cancel(self, request: PageRequest) -> Reply:
        run = ShadowRunId(request.values["run_id"])
        self._runs.cancel(request.merchant.id, run, change=request.real_change)
        return SeeOther(request.to(f"/configuration/shadow-runs/{run}"))
