"""Passwords as they are stored: Argon2id, with the parameters of RFC 9106 for limited memory."""

from __future__ import annotations

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY


class Argon2Passwords:
    """Hashes passwords and compares with hashes; either takes some 64 MiB for a moment."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

    @cached_property
    def _of_nobody(self) -> str:
        """A dummy hash to verify when there is no account, so that both cases take equally long."""
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, password: str, password_hash: str | None) -> bool:
        try:
            self._hasher.verify(password_hash or self._of_nobody, password)
        except VerificationError:
            return False
        return password_hash is not None
