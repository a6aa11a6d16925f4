"""The judgement on one rule of the integration check: evidence for it, against it, or neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orderguard.domain.integration.traffic import FailedAnswer, SeenOrder, SeenSession, Traffic
from orderguard.domain.people.api_key import ApiKey


class EvidenceKind(StrEnum):
    """The kind of object whose id a piece of evidence gives."""

    SESSION = "session"
    ORDER = "order"
    REQUEST = "request"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A session, order, request or key that shows a rule held or broken; `note` says how."""

    kind: EvidenceKind
    id: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The evidence on one rule, newest first.

    `missing` lists configured values that the traffic has not shown yet.
    """

    held: Sequence[Evidence] = ()
    broken: Sequence[Evidence] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the contract that a merchant's traffic can show to be held or broken.

    `told` is the instruction in the Checkout+ documentation, `remedy` how to correct an integration
    that breaks the rule. The check passes only when every rule with `is_required` was held.
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
