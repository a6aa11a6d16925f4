"""`PUT orders` as a generator of requests and pauses, retried because the upsert is idempotent."""

from __future__ import annotations

import json
import random
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from orderguard.client.analysis import Unsendable, encode
from orderguard.domain.errors import OrderguardError

PATH = "/api/v1/orders"
ATTEMPTS = 4
ATTEMPT_SECONDS = 10
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30
SENTENCE_LENGTH = 500


class OrderPushFailed(OrderguardError):
    """The push of an order failed; base of `OrderNotPushed` and `OrderRefused`."""


class OrderNotPushed(OrderPushFailed):
    """The server did not confirm the order. Keep it and push it again: the push is idempotent."""

    def __init__(self, attempts: int, why: str) -> None:
        super().__init__(f"The order was pushed {attempts} times and not confirmed: {why}")
        self.attempts = attempts
        self.why = why


class OrderRefused(OrderPushFailed):
    """The server refused the order. Pushing the same order again cannot help.

    `status` is None for an order that cannot even be written as JSON.
    """

    def __init__(self, status: int | None, body: Any) -> None:
        with_status = f" with {status}" if status else ""
        super().__init__(f"The order was refused{with_status}: {_sentence(body)}")
        self.status = status
        self.body = body
        """The answer: `errors` by field for 422."""


@dataclass(frozen=True, slots=True)
class PushedOrder:
    """The order as stored by the server, with its acceptance, coverages and warnings."""

    created: bool
    order: Mapping[str, Any]

    @property
    def outcome(self) -> str:
        """The acceptance outcome of the order: `accepted`, `declined` or `not_shown`."""
        return str(self.order["acceptance"]["outcome"])

    @property
    def covered(self) -> dict[str, int]:
        """The active coverages: covered minor units by coverage mode."""
        return {
            str(each["mode"]): int(each["amount"]["amount"])
            for each in self.order["coverages"]
            if each["state"] == "active"
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the order, for a person; the order was stored in spite of them."""
        return tuple(str(warning["message"]) for warning in self.order["warnings"])


@dataclass(frozen=True, slots=True)
class Heard:
    """The response to one attempt; `status` is None when no response came."""

    status: int | None
    content: bytes = b""
    retry_after: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """An instruction to wait before the next attempt."""

    seconds: float


Conversation = Generator[bytes | Pause, Heard | None, PushedOrder]
"""A generator: yields bodies or waits, is sent answers, and returns the pushed order."""


def pushing(order: Mapping[str, Any]) -> Conversation:
    """Push until the server confirms or refuses. Raises `OrderRefused` or `OrderNotPushed`."""
    content = _encoded(order)
    why = ""
    for attempt in range(1, ATTEMPTS + 1):
        heard = yield content
        assert heard  # noqa: S101  # the caller sends an answer after every body
        if heard.status in (200, 201) and (pushed := _pushed(heard)):
            return pushed
        if heard.status is not None and _is_final(heard.status):
            raise OrderRefused(heard.status, _document(heard.content))
        why = heard.why or f"status {heard.status}"
        if attempt < ATTEMPTS:
            yield Pause(_wait_seconds(attempt, heard.retry_after))
    raise OrderNotPushed(ATTEMPTS, why)


def _encoded(order: Mapping[str, Any]) -> bytes:
    try:
        return encode(order)
    except Unsendable as error:
        raise OrderRefused(None, {"message": str(error)}) from error


def _is_final(status: int) -> bool:
    """Whether a retry cannot help: any 3xx or 4xx except 408, 425 and 429."""
    return 300 <= status < 500 and status not in (408, 425, 429)


def _pushed(heard: Heard) -> PushedOrder | None:
    document = _document(heard.content)
    order = document.get("order") if isinstance(document, dict) else None
    return PushedOrder(heard.status == 201, order) if isinstance(order, dict) else None


def _document(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _wait_seconds(attempt: int, retry_after: str | None) -> float:
    if retry_after and retry_after.isascii() and retry_after.isdigit():
        return float(min(int(retry_after), LONGEST_WAIT_SECONDS))
    # Jitter: many shops that lost the same server must not retry at the same moment.
    spread = random.uniform(0.5, 1)  # noqa: S311
    return FIRST_WAIT_SECONDS * float(2 ** (attempt - 1)) * spread


def _sentence(body: Any) -> str:
    """The error message in an answer, shortened; a fixed sentence if there is none."""
    if isinstance(body, dict):
        inner = body.get("error", body.get("errors"))
        for place in (body, inner):
            if isinstance(place, dict) and isinstance(place.get("message"), str):
                return str(place["message"])[:SENTENCE_LENGTH]
    return "no reason was given."
