"""What every part of a run shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from rich.console import Console

from bench.postgres import Cluster

MINUTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How long and how much. `only` names contenders and sections; empty is all of them."""

    rounds: int = 3
    seconds: int = 3
    only: frozenset[str] = frozenset()
    full: bool = False

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only

    @property
    def short_seconds(self) -> int:
        """For the sections that look at one contender many times."""
        return max(1, round(self.seconds * 2 / 3))

    @property
    def short_rounds(self) -> int:
        """For the same sections."""
        return max(1, self.rounds - 1)


@dataclass(slots=True)
class Bench:
    """A run: where it may write, which database server it has, and what it has to say."""

    directory: Path
    cluster: Cluster
    options: Options
    console: Console
    notes: list[str] = field(default_factory=list)
    _began: float = field(default_factory=monotonic)

    def note(self, text: str) -> None:
        """Something that a reader of the figures must know."""
        self.notes.append(text)
        self.console.print(f"[yellow]{text}[/yellow]", highlight=False)

    def has_time_for(self, seconds: float) -> bool:
        """Whether so much more still ends within the five minutes (with --full: always)."""
        return self.options.full or self.seconds_passed + seconds < MINUTES * 60

    @property
    def seconds_passed(self) -> float:
        return monotonic() - self._began
