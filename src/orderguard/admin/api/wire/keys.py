"""API keys in the JSON of the admin API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from orderguard.domain.people.api_key import ApiKey
from orderguard.http.wire.doc import doc


class ApiKeyBody(msgspec.Struct, rename="camel"):
    """An API key, without the key."""

    id: Annotated[str, doc("The id of the key, by which it is revoked; not its text.")]
    scopes: Annotated[list[str], doc("The permissions of the key.")]
    origins: Annotated[
        list[str], doc("The web origins that may use the key; empty means any caller.")
    ]
    requests_per_minute: Annotated[
        int | None, doc("The key's own rate limit; null is the server's limit.")
    ]
    state: Annotated[str, doc("`live`, `expired` or `revoked`.")]
    created_at: Annotated[str, doc("When it was issued.")]
    expires_at: Annotated[str | None, doc("When the key expires; null is never.")]
    revoked_at: Annotated[str | None, doc("When it was revoked.")]
    last_used_at: Annotated[str | None, doc("When it was last used, give or take seconds.")]


class ApiKeysResponse(msgspec.Struct, rename="camel"):
    """All keys of the merchant."""

    keys: Annotated[list[ApiKeyBody], doc("Oldest first, revoked ones included.")]


class ApiKeyResponse(msgspec.Struct, rename="camel"):
    """One key."""

    key: Annotated[ApiKeyBody, doc("The key as it is now.")]


class IssuedKeyResponse(msgspec.Struct, rename="camel"):
    """A new key, with its text."""

    key: Annotated[ApiKeyBody, doc("The key as it is now.")]
    text: Annotated[str, doc("The key itself. It is never shown again.")]


class NewKeyRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A key to issue: its scopes and limits."""

    scopes: Annotated[
        list[Annotated[str, Meta(max_length=20)]],
        doc("`cart`, `orders`, `admin`; at least one.", min_length=1, max_length=10),
    ]
    origins: Annotated[
        list[Annotated[str, Meta(max_length=300)]],
        doc(
            "Web origins that may use it, `https://shop.example`; none is any caller.",
            max_length=100,
        ),
    ] = msgspec.field(default_factory=list)
    requests_per_minute: Annotated[
        Annotated[int, Meta(ge=1, le=1_000_000)] | None, doc("The key's own rate limit.")
    ] = None
    expires_in_days: Annotated[
        Annotated[int, Meta(ge=1, le=36_500)] | None,
        doc("The number of days after which the key expires."),
    ] = None


def api_key_to_wire(key: ApiKey, *, at: datetime) -> ApiKeyBody:
    """An API key in JSON."""
    live = "live" if key.is_live(at=at) else "expired"
    return ApiKeyBody(
        id=key.id,
        scopes=sorted(key.scopes),
        origins=sorted(key.origins),
        requests_per_minute=key.requests_per_minute,
        state="revoked" if key.revoked_at else live,
        created_at=key.created_at.isoformat(),
        expires_at=moment(key.expires_at),
        revoked_at=moment(key.revoked_at),
        last_used_at=moment(key.last_used_at),
    )


def moment(at: datetime | None) -> str | None:
    """An instant as an ISO 8601 text; None for None."""
    return at.isoformat() if at else None
