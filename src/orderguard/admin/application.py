"""What answers where, below `/admin/v1` and `/console`: the tables of routes."""

from __future__ import annotations

from orderguard.actions.manage_experiments import ManageExperiments
from orderguard.actions.push_order import FindConfiguration
from orderguard.actions.register_webhook_endpoint import Resolve
from orderguard.actions.shadow_run import ShadowRuns
from orderguard.actions.show_experiments import ShowExperiments
from orderguard.admin.api.analytics import AnalyticsResource
from orderguard.admin.api.audit import AuditResource
from orderguard.admin.api.configuration import configuration_resources
from orderguard.admin.api.desk import AdminDesk
from orderguard.admin.api.draft_trials import draft_trial_resources
from orderguard.admin.api.drafts import draft_resources
from orderguard.admin.api.errors import answer_admin_error
from orderguard.admin.api.experiments import experiment_resources
from orderguard.admin.api.keys import KeyResource, KeysResource
from orderguard.admin.api.members import MemberResource, MembersResource
from orderguard.admin.api.review import ReviewResource
from orderguard.admin.api.scheduled_publications import scheduled_publication_resources
from orderguard.admin.api.sessions import SessionResource, SessionsResource
from orderguard.admin.api.shadow_runs import (
    ShadowRunCancelResource,
    ShadowRunResource,
    ShadowRunsResource,
)
from orderguard.admin.api.statements import StatementClosingResource, StatementResource
from orderguard.admin.api.webhooks import webhook_resources
from orderguard.admin.console.account import AccountResource, AccountSessionsResource
from orderguard.admin.console.desk import ConsoleDesk
from orderguard.admin.console.errors import SIGN_IN_PATH, answer_console_error
from orderguard.admin.console.navigation import sections_of
from orderguard.admin.console.page_table import page_table
from orderguard.admin.console.parts import ConsoleParts
from orderguard.admin.console.resource import page_resources
from orderguard.admin.console.security import HOME
from orderguard.admin.console.sign_in import (
    WELCOME_PATH,
    Door,
    SignInResource,
    SignOutResource,
    StartResource,
    WelcomeResource,
)
from orderguard.admin.console.static_files import PREFIX as STATIC_PREFIX
from orderguard.admin.console.static_files import StaticResource
from orderguard.domain.rule import ConditionCompiler
from orderguard.http.app import Area

ADMIN_BASE = "/admin/v1"


def admin_area(
    desk: AdminDesk,
    find_configuration: FindConfiguration,
    shadow_runs: ShadowRuns,
    compiler: ConditionCompiler,
    *,
    resolve: Resolve,
    webhooks_allow_private: bool,
) -> Area:
    """The admin API. One row per path; resources take what they need from the desk."""
    routes = {
        "/analytics": AnalyticsResource(desk),
        "/audit": AuditResource(desk),
        **configuration_resources(desk, compiler),
        **draft_resources(desk, compiler),
        **scheduled_publication_resources(desk, compiler),
        **experiment_resources(
            desk,
            ManageExperiments(desk.database, compiler),
            ShowExperiments(find_configuration),
        ),
        "/keys": KeysResource(desk),
        "/keys/{key_id}": KeyResource(desk),
        **webhook_resources(desk, resolve, allows_private=webhooks_allow_private),
        "/statements/{month}": StatementResource(desk),
        "/statements/{month}/close": StatementClosingResource(desk),
        "/review": ReviewResource(desk),
        "/members": MembersResource(desk),
        "/members/{account_id}": MemberResource(desk),
        "/sessions": SessionsResource(desk),
        "/sessions/{session_id}": SessionResource(desk, find_configuration),
        **draft_trial_resources(desk, compiler, find_configuration),
        "/shadow-runs": ShadowRunsResource(desk, shadow_runs),
        "/shadow-runs/{run_id}": ShadowRunResource(desk),
        "/shadow-runs/{run_id}/cancel": ShadowRunCancelResource(desk, shadow_runs),
    }
    return Area(
        prefix="/admin/",
        routes={ADMIN_BASE + path: resource for path, resource in routes.items()},
        answer_error=answer_admin_error,
    )


def console_area(parts: ConsoleParts) -> Area:
    """The console: its own ways in, and the pages of merchants from their table."""
    table = page_table(parts)
    sections = sections_of({row.path for row in table if row.method == "GET"})
    desk = ConsoleDesk(parts.database, parts.clock, sections)
    door = Door(desk, parts.passwords, parts.trusted_proxies)
    routes = {
        HOME: StartResource(desk),
        SIGN_IN_PATH: SignInResource(door),
        WELCOME_PATH: WelcomeResource(door),
        f"{HOME}/sign-out": SignOutResource(desk),
        f"{HOME}/account": AccountResource(door),
        f"{HOME}/account/sessions": AccountSessionsResource(door),
        STATIC_PREFIX + "{name}": StaticResource(),
    }
    return Area(
        prefix=HOME,
        routes=routes | page_resources(desk, table),
        answer_error=answer_console_error,
    )
