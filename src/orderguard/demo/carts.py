"""The carts of the demo: requests as real integrations send them, with typical oddities."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class DemoCart:
    """A body of `POST analyze`, and a description for people."""

    about: str
    request: dict[str, Any]


def demo_carts() -> list[DemoCart]:
    """All bundled carts, in the order in which they are to be analysed.

    Some follow up on an earlier one with the same cart id, so the order matters.
    """
    text = files(__package__).joinpath("carts.json").read_text(encoding="utf-8")
    return [DemoCart(each["about"], each["request"]) for each in json.loads(text)]
