"""The requests of a benchmark: their endpoint, and their bodies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.carts import CartTemplate, cart_template

NEW_EVERY = 3
"""One request in three brings a new cart; the others analyse a recent one again."""

RECENT = 100

_runs = count(1)


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint on loopback, and the API key to call it with."""

    port: int
    path: str = "/v1/analyze"
    key: str = "none"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Workload:
    """A stream of carts. With `seeded`, all of them repeat one of that many stored carts."""

    template: CartTemplate
    body_file: Path
    seeded: int = 0

    @staticmethod
    def of_lines(lines: int, directory: Path, *, seeded: int = 0) -> Workload:
        template = cart_template(lines)
        body_file = directory / f"cart-{lines}.json"
        body_file.write_text(template.text, encoding="utf-8")
        return Workload(template, body_file, seeded)

    @staticmethod
    def new_run() -> str:
        """A word for the ids of new carts, another one at each call, so that no cart repeats."""
        return f"run{next(_runs)}"

    def bodies(self) -> Iterator[bytes]:
        """Request bodies in the mix that `load/analyze.lua` sends."""
        run, chance = self.new_run(), random.Random(1)
        newest = 0
        for number in count():
            if self.seeded:
                cart_id = f"seed-{chance.randint(1, self.seeded)}"
            elif number % NEW_EVERY == 0:
                newest += 1
                cart_id = f"{run}-0-{newest}"
            else:
                cart_id = f"{run}-0-{max(1, newest - chance.randrange(RECENT))}"
            yield self.template.body(cart_id, chance.randint(1000, 9999))
