"""Log of requests to Orderguard and their responses, shown in the panel "What just happened"."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEY_SHOWN = 6


def masked(key: str) -> str:
    """An API key masked: long enough to distinguish two keys, too short to use."""
    return f"{key[:KEY_SHOWN]}…"


@dataclass(slots=True)
class LoggedExchange:
    """One request with its response. `status` is None when no response came."""

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
        """The result in short: the eligibility reason, the order's outcome, or the failure."""
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
