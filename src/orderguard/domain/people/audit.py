"""The audit trail: who changed what, and how it was before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from orderguard.domain.ids import MerchantId

Actor = NewType("Actor", str)
"""The author of a change: an account's e-mail address, an API key's id, or `cli:` and a user name.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """The author and the time of one change."""

    by: Actor
    at: datetime


ACTOR_LIMIT = 100
"""Characters; the longest e-mail address of an account."""


def person_at_command_line(name: str) -> Actor:
    """The actor behind a command that this user of the operating system gave."""
    return Actor(f"cli:{name}"[:ACTOR_LIMIT])


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change to a merchant's data. An entry is never altered or removed.

    `action` is a noun and a verb in the past, `api_key.revoked`; `subject` names the object that
    changed. `before` is None for a new object, `after` for a deleted one. Neither holds a secret.
    """

    merchant: MerchantId
    at: datetime
    ordinal: int
    actor: Actor
    action: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
