"""`/admin/v1/keys`: issue, list and revoke API keys."""

from __future__ import annotations

from datetime import timedelta

from orderguard.actions.issue_api_key import issue_api_key, revoke_api_key
from orderguard.admin.api.operation import Call, Operation
from orderguard.admin.api.parameters import path_id
from orderguard.admin.api.refusals import INVALID, NOT_FOUND
from orderguard.admin.api.wire.keys import (
    ApiKeyResponse,
    ApiKeysResponse,
    IssuedKeyResponse,
    NewKeyRequest,
    api_key_to_wire,
)
from orderguard.http.openapi.vocabulary import Example
from orderguard.randomness import new_api_key_id, new_key_text

_KEY = {
    "id": "key_a1b2c3d4e5f6",
    "scopes": ["cart"],
    "origins": ["https://shop.example"],
    "requestsPerMinute": 600,
    "state": "live",
    "createdAt": "2026-11-02T09:15:00+00:00",
    "expiresAt": None,
    "revokedAt": None,
    "lastUsedAt": None,
}
_REVOKED = _KEY | {"state": "revoked", "revokedAt": "2026-11-03T09:15:00+00:00"}
_WANTED = {"scopes": ["cart"], "origins": ["https://shop.example"], "requestsPerMinute": 600}
_ISSUED = {"key": _KEY, "text": "og_0000000000000000000000000000000000000000"}


def list_keys(call: Call) -> ApiKeysResponse:
    """All keys ever issued."""
    with call.reading() as work:
        keys = work.api_keys.of_merchant(call.merchant)
    return ApiKeysResponse([api_key_to_wire(key, at=call.real_at) for key in keys])


def issue_key(call: Call, wanted: NewKeyRequest) -> IssuedKeyResponse:
    """Issue a key, and show its text once."""
    days = wanted.expires_in_days
    issued = issue_api_key(
        call.database,
        call.merchant,
        new_id=new_api_key_id(),
        random_part=new_key_text(),
        scopes=wanted.scopes,
        origins=wanted.origins,
        requests_per_minute=wanted.requests_per_minute,
        expires_at=call.real_at + timedelta(days=days) if days else None,
        change=call.real_change,
    )
    return IssuedKeyResponse(api_key_to_wire(issued.key, at=call.real_at), issued.text)


def revoke_key(call: Call) -> ApiKeyResponse:
    """Revoke a key; it stays in the list."""
    revoked = revoke_api_key(
        call.database, call.path["key_id"], within=call.merchant, change=call.real_change
    )
    return ApiKeyResponse(api_key_to_wire(revoked, at=call.real_at))


OPERATIONS = (
    Operation(
        "GET",
        "/keys",
        list_keys,
        "listKeys",
        "List API keys",
        "All keys ever issued, without the keys themselves.",
        "The keys.",
        examples={"one": Example("One key", {"keys": [_KEY]})},
    ),
    Operation(
        "POST",
        "/keys",
        issue_key,
        "issueKey",
        "Issue an API key",
        "The answer holds the key, this once.",
        "The key was issued.",
        status=201,
        body_examples={"storefront": Example("A key for a storefront", _WANTED)},
        examples={"storefront": Example("A key for a storefront", _ISSUED)},
        refusals=(INVALID,),
    ),
    Operation(
        "DELETE",
        "/keys/{key_id}",
        revoke_key,
        "revokeKey",
        "Revoke an API key",
        "It is refused from now on, in every process. It stays in the list. Revoking "
        "again changes nothing.",
        "The key is revoked.",
        parameters=(path_id("key_id", "The key's id.", "key_a1b2c3d4e5f6"),),
        examples={"revoked": Example("The revoked key", {"key": _REVOKED})},
        refusals=(NOT_FOUND,),
    ),
)
