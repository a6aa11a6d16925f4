"""Issue and revoke keys (contract §8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from orderguard.actions.find_merchant import get_merchant
from orderguard.actions.ports.unit_of_work import Database
from orderguard.domain.errors import Malformed, NotFound
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.people.api_key import (
    ApiKey,
    Scope,
    compose_key,
    hash_key,
    parse_origin,
    parse_scope,
)
from orderguard.domain.people.audit import Change


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its text, which is shown only once."""

    key: ApiKey
    text: str


def issue_api_key(
    database: Database,
    merchant: str,
    *,
    new_id: ApiKeyId,
    random_part: str,
    scopes: Iterable[str],
    origins: Iterable[str] = (),
    requests_per_minute: int | None = None,
    expires_at: datetime | None = None,
    change: Change,
) -> IssuedKey:
    """A key for a merchant. Raises `NotFound` for the merchant, `Malformed` for a bad argument."""
    parsed = frozenset(parse_scope(scope) for scope in scopes)
    if not parsed:
        raise Malformed(f"A key needs at least one scope: {', '.join(Scope)}.")
    if requests_per_minute is not None and requests_per_minute < 1:
        raise Malformed("The rate limit must be at least 1 request per minute.")
    if expires_at is not None and expires_at <= change.at:
        raise Malformed("The key would have expired already.")
    with database.begin() as work:
        owner = get_merchant(work, merchant)
        text = compose_key(random_part, is_test=owner.sandbox is not None)
        key = ApiKey(
            id=new_id,
            merchant=owner.id,
            scopes=parsed,
            origins=frozenset(parse_origin(origin) for origin in origins),
            requests_per_minute=requests_per_minute,
            created_at=change.at,
            expires_at=expires_at,
            sandbox=owner.sandbox,
        )
        work.api_keys.add(key, hash_key(text))
        work.audit.record(
            key.merchant,
            change=change,
            action="api_key.issued",
            subject=key.id,
            after=_audited(key),
        )
    return IssuedKey(key, text)


def revoke_api_key(
    database: Database,
    id_: str,
    *,
    within: MerchantId | None = None,
    change: Change,
) -> ApiKey:
    """Revoke a key, effective in every process. Revoking again changes nothing.

    `within` is the merchant of the key; None, for the operator, allows any. Raises `NotFound`.
    """
    with database.begin() as work:
        key = work.api_keys.find(ApiKeyId(id_))
        if key is None or within not in (None, key.merchant):
            raise NotFound(f'No key with id "{id_}". List them with: orderguard keys list MERCHANT')
        if key.revoked_at is not None:
            return key
        revoked = replace(key, revoked_at=change.at)
        work.api_keys.revoke(key.id, at=change.at)
        work.audit.record(
            key.merchant,
            change=change,
            action="api_key.revoked",
            subject=key.id,
            before=_audited(key),
            after=_audited(revoked),
        )
    return revoked


def _audited(key: ApiKey) -> dict[str, object]:
    return {
        "scopes": sorted(key.scopes),
        "origins": sorted(key.origins),
        "requests_per_minute": key.requests_per_minute,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
