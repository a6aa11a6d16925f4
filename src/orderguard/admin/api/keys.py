"""`/admin/v1/keys`: issue, list and revoke API keys."""

from __future__ import annotations

from datetime import timedelta

import falcon
from falcon.asgi import Request, Response

from orderguard.actions.issue_api_key import issue_api_key, revoke_api_key
from orderguard.admin.api.desk import AdminDesk, read_struct
from orderguard.http.orders import write_json
from orderguard.http.wire.admin_keys import (
    ApiKeyResponse,
    ApiKeysResponse,
    IssuedKeyResponse,
    NewKeyRequest,
    api_key_to_wire,
)
from orderguard.randomness import new_api_key_id, new_key_text


class KeysResource:
    """All keys, and a new one."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_get(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "keys")
        keys = await self._desk.look(lambda work: work.api_keys.of_merchant(caller.merchant))
        at = self._desk.clock()
        write_json(response, ApiKeysResponse([api_key_to_wire(key, at=at) for key in keys]))

    async def on_post(self, request: Request, response: Response) -> None:
        caller = await self._desk.admit(request, "keys")
        wanted = await read_struct(request, NewKeyRequest)
        days, at = wanted.expires_in_days, self._desk.clock()
        issued = await self._desk.run(
            lambda: issue_api_key(
                self._desk.database,
                caller.merchant,
                new_id=new_api_key_id(),
                random_part=new_key_text(),
                scopes=wanted.scopes,
                origins=wanted.origins,
                requests_per_minute=wanted.requests_per_minute,
                expires_at=at + timedelta(days=days) if days else None,
                by=caller.actor,
                at=at,
            )
        )
        response.status = falcon.HTTP_201
        write_json(response, IssuedKeyResponse(api_key_to_wire(issued.key, at=at), issued.text))


class KeyResource:
    """One key, to be revoked. It stays in the list."""

    def __init__(self, desk: AdminDesk) -> None:
        self._desk = desk

    async def on_delete(self, request: Request, response: Response, key_id: str) -> None:
        caller = await self._desk.admit(request, "key")
        at = self._desk.clock()
        revoked = await self._desk.run(
            lambda: revoke_api_key(
                self._desk.database, key_id, within=caller.merchant, by=caller.actor, at=at
            )
        )
        write_json(response, ApiKeyResponse(api_key_to_wire(revoked, at=at)))
