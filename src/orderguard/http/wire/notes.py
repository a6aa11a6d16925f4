"""Notes on members that were changed or left out, for the debug block (contract §2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from orderguard.observability import without_keys

NOTES_AT_MOST = 20


@dataclass(slots=True)
class Notes:
    """`money`: how amounts were spelled; `other`: changed members, each with the change."""

    money: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)

    def add(self, path: str, what: str) -> None:
        """Note how a member was changed. Notes after the twentieth are dropped."""
        if len(self.other) < NOTES_AT_MOST:
            self.other.append(without_keys(f"{path} {what}"))
