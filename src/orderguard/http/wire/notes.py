"""What was read otherwise than it was sent, for the debug block of the answer (contract §2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from orderguard.observability import without_keys

NOTES_AT_MOST = 20


@dataclass(slots=True)
class Notes:
    """`money` says how amounts were spelled; `other` names members, and what became of them."""

    money: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)

    def add(self, path: str, what: str) -> None:
        """Note what was made of a member. After twenty, nothing more is noted."""
        if len(self.other) < NOTES_AT_MOST:
            self.other.append(without_keys(f"{path} {what}"))
