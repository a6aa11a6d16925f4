"""Shadow runs: the changes that publishing a draft would have made for recent sessions."""

from __future__ import annotations

from orderguard.actions.shadow_run import ShadowRunBusy, shadow_run_not_found
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.admin.console.visit import Rendered, Reply, SeeOther, Visit
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

    def list(self, visit: Visit) -> Reply:
        return self._page(visit)

    def _page(self, visit: Visit, *, source: str = "", problem: str = "") -> Reply:
        with self._database.read() as work:
            runs = work.shadow_runs.latest(visit.merchant.id, limit=LISTED_AT_MOST)
            published = work.configurations.latest(visit.merchant.id)
        return Rendered(
            "shadow_runs.html.j2",
            {
                "runs": runs,
                "source": source or (published.source if published else ""),
                "lasts": [(str(each), f"the last {each:,}") for each in LASTS],
                "last": visit.form.text("last") or str(LAST_DEFAULT),
                "problem": problem,
            },
            status=422 if problem else 200,
        )

    def start(self, visit: Visit) -> Reply:
        """Start a run of the text in the form, and redirect to its page."""
        source = visit.form.raw("source")
        try:
            run = self._runs.start(
                visit.merchant.id,
                source,
                last=visit.form.whole("last") or LAST_DEFAULT,
                change=visit.real_change,
            )
        except (InvalidDocument, ShadowRunBusy) as error:
            return self._page(visit, source=source, problem=str(error))
        return SeeOther(visit.to(f"/configuration/shadow-runs/{run.id}"))

    def show(self, visit: Visit) -> Reply:
        """The progress of the run, or its report."""
        with self._database.read() as work:
            run = work.shadow_runs.find(visit.merchant.id, ShadowRunId(visit.values["run_id"]))
            if run is None:
                raise shadow_run_not_found()
            draft = work.drafts.find(visit.merchant.id, DraftId(run.draft)) if run.draft else None
        return Rendered(
            "shadow_run.html.j2",
            {"run": run, "state": run.status_at(visit.real_at), "draft": draft},
        )

    def cancel(self, visit: Visit) -> Reply:
        run = ShadowRunId(visit.values["run_id"])
        self._runs.cancel(visit.merchant.id, run, change=visit.real_change)
        return SeeOther(visit.to(f"/configuration/shadow-runs/{run}"))
