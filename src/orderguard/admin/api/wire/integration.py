"""The integration check in the JSON of the admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orderguard.domain.integration.check import Standing, Verdict
from orderguard.domain.integration.judgement import EvidenceKind
from orderguard.http.wire.doc import doc


class WireEvidence(msgspec.Struct):
    """A session, order, request or key that shows something."""

    kind: Annotated[EvidenceKind, doc("The kind of object that the id names.")]
    id: Annotated[str, doc("The id of the session, order, request or key.")]
    at: Annotated[str, doc("When the object was last analysed, received, sent or used.")]
    note: Annotated[str, doc("How the object shows that the rule is held or broken.")]


class WireCheckedRule(msgspec.Struct):
    """A rule, and what the traffic says about it."""

    code: Annotated[str, doc("The code of the rule.")]
    title: Annotated[str, doc("The rule in words.")]
    standing: Annotated[
        Standing, doc("Whether the traffic holds the rule, breaks it, or shows neither.")
    ]
    required: Annotated[bool, doc("Whether the check passes only when this rule is held.")]
    told: Annotated[str, doc("The instruction in the Checkout+ documentation.")]
    remedy: Annotated[str, doc("How to correct an integration that breaks the rule.")]
    missing: Annotated[
        str, doc("Configured values that the traffic has not shown yet; may be empty.")
    ]
    evidenceCount: Annotated[
        int, doc("The number of pieces of evidence, listed in `evidence` or not.")
    ]
    evidence: Annotated[list[WireEvidence], doc("The newest pieces of evidence, up to five.")]


class IntegrationResponse(msgspec.Struct):
    """What the newest traffic proves about the integration."""

    verdict: Annotated[Verdict, doc("Passed: none broken, and all required held.")]
    at: Annotated[str, doc("The merchant's time of the check.")]
    since: Annotated[str | None, doc("The time from which traffic was read; null for the newest.")]
    sessionsRead: Annotated[int, doc("The sessions that were read.")]
    ordersRead: Annotated[int, doc("The orders that were read.")]
    lines: Annotated[list[WireCheckedRule], doc("One entry per rule.")]
