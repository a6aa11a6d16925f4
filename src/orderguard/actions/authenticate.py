"""Authenticate a caller by its API key (contract §8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderguard.actions.ports.known import KnownKeys
from orderguard.domain.errors import OrderguardError
from orderguard.domain.people.api_key import ApiKey, Scope, hash_key, is_well_formed_key


class Unauthorized(OrderguardError):
    """The call is refused. The message never contains any part of the key.

    `key` is the key whose text was sent, if it is one of ours, also when it is revoked or expired.
    """

    def __init__(self, message: str, key: ApiKey | None = None) -> None:
        super().__init__(message)
        self.key = key


class MissingScope(Unauthorized):
    """The key is live, but lacks the scope."""


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Look up an API key by its text, and check that it may be used for the request."""

    known_keys: KnownKeys

    async def __call__(
        self,
        text: str | None,
        *,
        scope: Scope,
        origin: str | None,
        at: datetime,
        host: str | None = None,
    ) -> ApiKey:
        """The live key of this text, with this scope, callable from this origin.

        `host` is the host that the request names as ours.

        Raises `Unauthorized` otherwise, `MissingScope` if only the scope is missing. Only the
        holder of a live key learns the exact reason; for any other text the answer is that the key
        is not known.
        """
        if not text:
            raise Unauthorized("Send your API key in the X-Authorization header.")
        key_hash = hash_key(text)
        key = self.known_keys.remembered(key_hash)
        if key is None and is_well_formed_key(text):
            key = await self.known_keys.find(key_hash)
        if key is None or not key.is_live(at=at):
            raise Unauthorized("This API key is not known here, or is no longer valid.", key)
        if not key.allows_origin(origin):
            raise Unauthorized(_of_origin(origin), key)
        if scope not in key.scopes:
            raise MissingScope(
                f"This API key does not carry the {scope} scope; it has "
                f"{' and '.join(sorted(key.scopes))}. Issue one that does: "
                f"orderguard keys issue MERCHANT --scope {scope}",
                key,
            )
        self.known_keys.note_use(key, at=at, is_exposed=key.is_exposed_by(origin, host))
        return key


def _of_origin(origin: str | None) -> str:
    """Why the origin is not allowed; the allowed ones are not told, for such a key is public."""
    what = "the request has no Origin header" if origin is None else "its list has another one"
    return (
        f"This API key may not be used from this origin: {what}. Only browsers should send such a "
        "key; give your server one without --origin. Origins have no path and no slash at the end."
    )
