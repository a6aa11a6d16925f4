"""What was said between the shop and Orderguard, kept for the drawer "What just happened"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEY_SHOWN = 6


def masked(key: str) -> str:
    """A key as it may be shown: enough to tell two apart, useless for anything else."""
    return f"{key[:KEY_SHOWN]}…"


@dataclass(slots=True)
class Exchange:
    """One request and what came of it. Without a status there was no answer."""

    about: str
    method: str
    path: str
    key: str
    scope: str
    request: dict[str, Any]
    status: int | None = None
    milliseconds: int = 0
    failure: str = ""
    response: dict[str, Any] = field(default_factory=dict)
    debug: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """The one word that matters: the reason, the outcome, or what went wrong."""
        if self.failure:
            return self.failure
        if "reason" in self.response:
            return str(self.response["reason"])
        order = self.response.get("order")
        if isinstance(order, dict):
            acceptance = order["acceptance"]
            verdict = acceptance.get("verdict")
            return f"{acceptance['outcome']}, fee {verdict}" if verdict else acceptance["outcome"]
        return "refused"

    @property
    def went_well(self) -> bool:
        return self.status is not None and self.status < 400

    @property
    def checks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.debug.get("eligibility", {}).get("checks", [])
        return found
