"""What a rule of the integration check finds: evidence for it, evidence against it, or neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orderguard.domain.integration.traffic import FailedAnswer, SeenOrder, SeenSession, Traffic
from orderguard.domain.people.api_key import ApiKey


class EvidenceKind(StrEnum):
    """What the id of a piece of evidence names."""

    SESSION = "session"
    ORDER = "order"
    REQUEST = "request"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A session, order, request or key that shows something; `note` says what."""

    kind: EvidenceKind
    id: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The evidence of one rule, newest first. `missing` names values that were not seen yet."""

    held: Sequence[Evidence] = ()
    broken: Sequence[Evidence] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the contract that shows in traffic.

    `told` is what the Checkout+ documentation asks for, `remedy` how to mend an integration that
    breaks the rule. Without a required rule being held, an integration has proven nothing.
    """

    code: str
    title: str
    told: str
    remedy: str
    judge: Callable[[Traffic], Judgement]
    is_required: bool = False


def by_session(session: SeenSession, note: str) -> Evidence:
    """A session as evidence, at its last analysis."""
    return Evidence(EvidenceKind.SESSION, str(session.id), session.updated_at, note)


def by_order(order: SeenOrder, note: str) -> Evidence:
    """An order as evidence, with the platform's id of it."""
    record = order.record
    named = f"{record.external_id}: {note}" if record.external_id else note
    return Evidence(EvidenceKind.ORDER, str(record.id), record.received_at, named)


def by_request(failure: FailedAnswer, note: str) -> Evidence:
    """A failed request as evidence."""
    return Evidence(EvidenceKind.REQUEST, failure.request_id, failure.at, note)


def by_key(key: ApiKey, at: datetime, note: str) -> Evidence:
    """A key as evidence."""
    return Evidence(EvidenceKind.KEY, key.id, at, note)
