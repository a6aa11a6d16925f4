"""The audit trail: who changed what, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from orderguard.admin.console.page_request import PageRequest, Rendered, Reply
from orderguard.admin.console.parts import ConsoleParts, PageRow
from orderguard.domain.people.account import Role
from orderguard.domain.people.audit import AuditEntry
from orderguard.http.paging import parse_place, place_text

ENTRIES_PER_PAGE = 50

KINDS = (
    ("", "everything"),
    ("configuration", "configuration"),
    ("draft", "drafts"),
    ("publication", "scheduled publications"),
    ("experiment", "experiments"),
    ("api_key", "keys"),
    ("webhook", "webhooks"),
    ("statement", "statements"),
    ("member", "people"),
    ("account", "passwords"),
)


class AuditPages:
    """The page of the audit trail, filtered by actor and by kind of action."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._database = parts.database
        self.rows = (PageRow("GET", "/audit", Role.VIEWER, self.show),)

    def show(self, request: PageRequest) -> Reply:
        actor, action = request.query.text("actor"), request.query.text("action")
        with self._database.read() as work:
            found = work.audit.page(
                request.merchant.id,
                actor=actor or None,
                action=action or None,
                after=parse_place(request.query.text("cursor") or None),
                limit=ENTRIES_PER_PAGE + 1,
            )
        page, more = found[:ENTRIES_PER_PAGE], found[ENTRIES_PER_PAGE:]
        filters = {"actor": actor, "action": action}
        older = filters | {"cursor": place_text(page[-1].at, page[-1].ordinal)} if more else None
        context = {
            "entries": [(entry, changes_of(entry)) for entry in page],
            "kinds": KINDS,
            "actor": actor,
            "action": action,
            "older": request.to(f"/audit?{urlencode(older)}") if older else "",
            "newest": (
                request.to(f"/audit?{urlencode(filters)}") if "cursor" in request.query else ""
            ),
        }
        return Rendered("audit.html.j2", context)


def changes_of(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """The members that an audit entry changed, as (name, before, after)."""
    before: Mapping[str, Any] = entry.before or {}
    after: Mapping[str, Any] = entry.after or {}
    return [
        (name.replace("_", " "), _text(before.get(name)), _text(after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
