"""The options and the environment that all parts of a benchmark run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from rich.console import Console

from bench.postgres import Cluster

MINUTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How long and how often to measure. `only` names contenders and sections; empty means all."""

    rounds: int = 3
    seconds: int = 3
    only: frozenset[str] = frozenset()
    full: bool = False

    def wants(self, name: str) -> bool:
        return not self.only or name in self.only

    @property
    def short_seconds(self) -> int:
        """Seconds per measurement in sections that measure one contender many times."""
        return max(1, round(self.seconds * 2 / 3))

    @property
    def short_rounds(self) -> int:
        """Rounds in sections that measure one contender many times."""
        return max(1, self.rounds - 1)


@dataclass(slots=True)
class Bench:
    """A benchmark run: its directory, its database server, its options, and the notes so far."""

    directory: Path
    cluster: Cluster
    options: Options
    console: Console
    notes: list[str] = field(default_factory=list)
    _began: float = field(default_factory=monotonic)

    def note(self, text: str) -> None:
        """Print a note for the readers of the figures, and keep it for the page."""
        self.notes.append(text)
        self.console.print(f"[yellow]{text}[/yellow]", highlight=False)

    def has_time_for(self, seconds: float) -> bool:
        """Whether `seconds` more end within five minutes; always true with `--full`."""
        return self.options.full or self.seconds_passed + seconds < MINUTES * 60

    @property
    def seconds_passed(self) -> float:
        return monotonic() - self._began
