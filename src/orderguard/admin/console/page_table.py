"""The table of all pages of a merchant, from the `rows` of each class of pages."""

from __future__ import annotations

from orderguard.admin.console.analytics import AnalyticsPages
from orderguard.admin.console.audit import AuditPages
from orderguard.admin.console.configuration import ConfigurationPages
from orderguard.admin.console.configuration_form import ConfigurationFormPages
from orderguard.admin.console.configuration_history import ConfigurationHistoryPages
from orderguard.admin.console.draft_trials import DraftTrialPages
from orderguard.admin.console.drafts import DraftPages
from orderguard.admin.console.experiments import ExperimentPages
from orderguard.admin.console.integration import IntegrationPages
from orderguard.admin.console.keys import KeyPages
from orderguard.admin.console.orders import OrderPages
from orderguard.admin.console.overview import OverviewPages
from orderguard.admin.console.parts import ConsoleParts, PageRow, Pages
from orderguard.admin.console.people import PeoplePages
from orderguard.admin.console.requests import RequestPages
from orderguard.admin.console.sandbox import SandboxPages
from orderguard.admin.console.scheduled_publications import ScheduledPublicationPages
from orderguard.admin.console.sessions import SessionPages
from orderguard.admin.console.shadow_runs import ShadowRunPages
from orderguard.admin.console.statements import StatementPages
from orderguard.admin.console.webhooks import WebhookPages


def page_table(parts: ConsoleParts) -> tuple[PageRow, ...]:
    """All rows. Paths are below `/console/m/{merchant_id}`."""
    nouns: tuple[Pages, ...] = (
        OverviewPages(parts),
        AnalyticsPages(parts),
        SessionPages(parts),
        ConfigurationPages(parts),
        DraftPages(parts),
        ConfigurationHistoryPages(parts),
        ScheduledPublicationPages(parts),
        ShadowRunPages(parts),
        ExperimentPages(parts),
        ConfigurationFormPages(parts),
        DraftTrialPages(parts),
        OrderPages(parts),
        StatementPages(parts),
        WebhookPages(parts),
        KeyPages(parts),
        PeoplePages(parts),
        IntegrationPages(parts),
        RequestPages(parts),
        SandboxPages(parts),
        AuditPages(parts),
    )
    return tuple(row for noun in nouns for row in noun.rows)
