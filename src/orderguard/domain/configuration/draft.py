"""A draft of a configuration. It may have problems; they only prevent publication.

Two people can have one draft open. Each save names the revision it began with, so that a later save
with an outdated revision is refused instead of overwriting the earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.money import shortened
from orderguard.domain.people.audit import Actor

DraftId = NewType("DraftId", str)
"""`drf_` and 16 letters or digits."""

DRAFT_NAME_LIMIT = 100

DRAFTS_AT_MOST = 100
"""Drafts of one merchant."""

FIRST_REVISION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A stored draft. Every change raises `revision` by one.

    `based_on` is the version that was published when the draft began, None when there was none: the
    one its author knew to be in effect.
    """

    merchant: MerchantId
    id: DraftId
    name: str
    source: str
    based_on: ConfigurationVersion | None
    revision: int
    created_at: datetime
    created_by: Actor
    changed_at: datetime
    changed_by: Actor


def parse_draft_name(text: str) -> str:
    """The name without surrounding space, 1 to 100 printable characters. Raises `Malformed`."""
    name = text.strip()
    if not 0 < len(name) <= DRAFT_NAME_LIMIT or not name.isprintable():
        raise Malformed(
            f"{shortened(text)} is not a name; "
            f"expected 1 to {DRAFT_NAME_LIMIT} printable characters."
        )
    return name
