"""`/admin/v1/integration`: what the traffic of a merchant proves (contract §13)."""

from __future__ import annotations

import msgspec

from orderguard.actions.check_integration import check_integration, integration_document
from orderguard.actions.find_merchant import get_merchant
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import query_text
from orderguard.admin.api.refusals import INVALID
from orderguard.admin.api.wire.integration import IntegrationResponse
from orderguard.domain.errors import InvalidDocument, Malformed, Problem
from orderguard.domain.integration.check import parse_within
from orderguard.http.openapi.vocabulary import Example

_LINE = {
    "code": "session_on_order",
    "title": "The session's id is on the order",
    "standing": "held",
    "required": True,
    "told": "Every order carries the sessionId of its cart in metadata, accepted or not.",
    "remedy": 'Send it as metadata: [{"key": "session_id", "value": "lop_…"}].',
    "missing": "",
    "evidenceCount": 1,
    "evidence": [
        {
            "kind": "order",
            "id": "1234",
            "at": "2026-11-30T13:25:00+00:00",
            "note": "10293: session lop_a1b2c3d4e5f6g7h8i9j0",
        }
    ],
}
_CHECK = {
    "verdict": "incomplete",
    "at": "2026-11-30T13:30:00+00:00",
    "since": None,
    "sessionsRead": 12,
    "ordersRead": 1,
    "lines": [_LINE],
}


def show_integration(call: Call) -> IntegrationResponse:
    """Judge the newest traffic of the merchant."""
    text = call.query.get_param("within")
    try:
        within = parse_within(text) if text else None
    except Malformed as error:
        raise InvalidDocument([Problem("within", str(error))]) from error
    with call.reading() as work:
        found = check_integration(
            work,
            get_merchant(work, call.merchant),
            call.services.find_configuration,
            real_at=call.real_at,
            within=within,
        )
    return msgspec.convert(integration_document(found), IntegrationResponse)


OPERATIONS = (
    Operation(
        "GET",
        "/integration",
        show_integration,
        "checkIntegration",
        "Check the integration",
        "What the merchant's newest sessions and orders prove about its integration, what they "
        "break, and what was not seen yet, with evidence for each line. Reads up to 1,000 sessions "
        "and 500 orders, and changes nothing.",
        "The check.",
        parameters=(
            query_text("within", "Only traffic of this time: `2d`, `12h` or `30m`.", "1h"),
        ),
        examples={"check": Example("One line of a check", _CHECK)},
        refusals=(INVALID,),
    ),
)
