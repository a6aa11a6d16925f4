"""The integration check in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.integration.check import Standing, Verdict
from orderguard.domain.integration.judgement import EvidenceKind


class WireEvidence(msgspec.Struct):
    """A session, order, request or key that shows something."""

    kind: Annotated[EvidenceKind, Meta(description="The kind of object that the id names.")]
    id: Annotated[str, Meta(description="The id of the session, order, request or key.")]
    at: Annotated[
        str, Meta(description="When the object was last analysed, received, sent or used.")
    ]
    note: Annotated[str, Meta(description="How the object shows that the rule is held or broken.")]


class WireCheckedRule(msgspec.Struct):
    """A rule, and what the traffic says about it."""

    code: Annotated[str, Meta(description="The code of the rule.")]
    title: Annotated[str, Meta(description="The rule in words.")]
    standing: Annotated[
        Standing,
        Meta(description="Whether the traffic holds the rule, breaks it, or shows neither."),
    ]
    required: Annotated[
        bool, Meta(description="Whether the check passes only when this rule is held.")
    ]
    told: Annotated[str, Meta(description="The instruction in the Checkout+ documentation.")]
    remedy: Annotated[str, Meta(description="How to correct an integration that breaks the rule.")]
    missing: Annotated[
        str, Meta(description="Configured values that the traffic has not shown yet; may be empty.")
    ]
    evidenceCount: Annotated[
        int,
        Meta(description="The number of pieces of evidence, listed in `evidence` or not."),
    ]
    evidence: Annotated[
        list[WireEvidence], Meta(description="The newest pieces of evidence, up to five.")
    ]


class IntegrationResponse(msgspec.Struct):
    """What the newest traffic proves about the integration."""

    verdict: Annotated[Verdict, Meta(description="Passed: none broken, and all required held.")]
    at: Annotated[str, Meta(description="The merchant's time of the check.")]
    since: Annotated[
        str | None, Meta(description="The time from which traffic was read; null for the newest.")
    ]
    sessionsRead: Annotated[int, Meta(description="The sessions that were read.")]
    ordersRead: Annotated[int, Meta(description="The orders that were read.")]
    lines: Annotated[list[WireCheckedRule], Meta(description="One entry per rule.")]
