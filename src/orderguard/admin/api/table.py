"""The list of all operations of the admin API, in the order of the OpenAPI document."""

from __future__ import annotations

from orderguard.admin.api import (
    analytics,
    audit,
    configuration,
    draft_trials,
    drafts,
    experiments,
    integration,
    keys,
    members,
    requests,
    review,
    sandbox,
    scheduled_publications,
    sessions,
    shadow_runs,
    statements,
    webhooks,
)
from orderguard.admin.api.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *audit.OPERATIONS,
    *analytics.OPERATIONS,
    *configuration.OPERATIONS,
    *drafts.OPERATIONS,
    *scheduled_publications.OPERATIONS,
    *keys.OPERATIONS,
    *webhooks.OPERATIONS,
    *statements.OPERATIONS,
    *review.OPERATIONS,
    *members.OPERATIONS,
    *sandbox.OPERATIONS,
    *integration.OPERATIONS,
    *requests.OPERATIONS,
    *sessions.OPERATIONS,
    *draft_trials.OPERATIONS,
    *shadow_runs.OPERATIONS,
    *experiments.OPERATIONS,
)
