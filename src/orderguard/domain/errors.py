"""Errors in a caller's request. The edges decide how to express them on their wire."""

from __future__ import annotations

from dataclasses import dataclass


class OrderguardError(Exception):
    """Base of every error that the caller can correct; the message says how."""

    limit_name = ""
    """The limit that was reached, as it is counted and logged; empty for other errors."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in a document: its path, the value found and the value expected there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Malformed(OrderguardError):
    """A single value does not have the form its type demands."""


class InvalidDocument(OrderguardError):
    """A document has problems; all of them are listed, so that one round of repair is enough."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class NotFound(OrderguardError):
    """Nothing of this name exists for the caller."""


class SessionNotFound(NotFound):
    """Unknown, evicted or another merchant's session: the same answer, on purpose (contract §6)."""

    def __init__(self) -> None:
        super().__init__("No offer session with this id exists for this merchant.")


class AlreadyExists(OrderguardError):
    """The name is taken."""


class StorageUnavailable(OrderguardError):
    """The database cannot be reached or written just now; trying again later may work."""


class LockedTooLong(StorageUnavailable):
    """A lock that another transaction holds, on rows or on the file, was not released in time."""

    limit_name = "lock_wait"
