"""The key routes of the admin API, described."""

from __future__ import annotations

from orderguard.domain.api_key import Scope
from orderguard.http.openapi.admin_refusals import (
    ADMIN_INVALID,
    ADMIN_NOT_FOUND,
    BASES,
    EVERYWHERE,
    TAG,
)
from orderguard.http.openapi.orders import NO_STORE
from orderguard.http.openapi.vocabulary import Answer, Example, Parameter, Route
from orderguard.http.wire.admin_keys import (
    ApiKeyResponse,
    ApiKeysResponse,
    IssuedKeyResponse,
    NewKeyRequest,
)

_ID = Parameter(
    "key_id", "path", "The key's id.", {"type": "string", "minLength": 1}, "key_a1b2c3d4e5f6"
)
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
_WANTED = {
    "storefront": Example(
        "A key for a storefront",
        {"scopes": ["cart"], "origins": ["https://shop.example"], "requestsPerMinute": 600},
    )
}
_ISSUED = {
    "storefront": Example(
        "A key for a storefront",
        {"key": _KEY, "text": "og_0000000000000000000000000000000000000000"},
    )
}

ROUTES = (
    Route(
        method="GET",
        path="/keys",
        bases=BASES,
        operation_id="listKeys",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="List API keys",
        description="All keys ever issued, without the keys themselves.",
        answers=(
            Answer(
                200,
                "The keys.",
                ApiKeysResponse,
                {"one": Example("One key", {"keys": [_KEY]})},
                NO_STORE,
            ),
            *EVERYWHERE,
        ),
    ),
    Route(
        method="POST",
        path="/keys",
        bases=BASES,
        operation_id="issueKey",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Issue an API key",
        description="The answer holds the key, this once.",
        body=NewKeyRequest,
        body_examples=_WANTED,
        answers=(
            Answer(201, "The key was issued.", IssuedKeyResponse, _ISSUED, NO_STORE),
            ADMIN_INVALID,
            *EVERYWHERE,
        ),
    ),
    Route(
        method="DELETE",
        path="/keys/{key_id}",
        bases=BASES,
        operation_id="revokeKey",
        tag=TAG,
        scope=Scope.ADMIN,
        summary="Revoke an API key",
        description="It is refused from now on, in every process. It stays in the list. Revoking "
        "again changes nothing.",
        parameters=(_ID,),
        answers=(
            Answer(
                200,
                "The key is revoked.",
                ApiKeyResponse,
                {"revoked": Example("The revoked key", {"key": _REVOKED})},
                NO_STORE,
            ),
            ADMIN_NOT_FOUND,
            *EVERYWHERE,
        ),
    ),
)
