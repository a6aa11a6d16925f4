"""The audit trail in JSON."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from orderguard.domain.people.audit import AuditEntry
from orderguard.http.wire.doc import doc

NextCursor = Annotated[
    str | None, doc("Send it as `cursor` for the next page; null on the last one.")
]


class AuditEntryBody(msgspec.Struct, rename="camel"):
    """One recorded change of a merchant's data."""

    at: Annotated[str, doc("The time of the change.", extra_json_schema={"format": "date-time"})]
    actor: Annotated[
        str,
        doc(
            "The e-mail address of an account, the id of an API key, or `cli:` and "
            "the name of the user who ran a command."
        ),
    ]
    action: Annotated[str, doc("What was done, such as `api_key.revoked`.")]
    subject: Annotated[str, doc("The id or the name of the object that changed.")]
    before: Annotated[
        dict[str, Any] | None, doc("Its values before the change; null for a new object.")
    ]
    after: Annotated[
        dict[str, Any] | None, doc("Its values after the change; null for a deleted object.")
    ]


class AuditResponse(msgspec.Struct, rename="camel"):
    """A page of the audit trail, newest first."""

    entries: Annotated[list[AuditEntryBody], doc("Newest first.")]
    next_cursor: NextCursor


def audit_entry_to_wire(entry: AuditEntry) -> AuditEntryBody:
    """An audit entry in JSON."""
    return AuditEntryBody(
        at=entry.at.isoformat(),
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        before=dict(entry.before) if entry.before is not None else None,
        after=dict(entry.after) if entry.after is not None else None,
    )
