"""The contract's cases, sent by the client: what the server answers is what the shop is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from orderguard.client import Client, Hidden, Offer
from orderguard.client.offer import Answer
from tests.contract.runner import Case, Run, all_cases
from tests.support.shop import RunningServer, Shop

CASES = [case for case in all_cases() if case.file.startswith("analyze/")]
PLAIN = {"x-authorization", "content-type"}


@dataclass
class Wire:
    """The client's own HTTP client, and what came back over it."""

    heard: list[httpx.Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http = httpx.Client(event_hooks={"response": [self._hear]}, verify=False)

    def _hear(self, response: httpx.Response) -> None:
        response.read()
        self.heard.append(response)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.http.close()


@dataclass(slots=True)
class RunByClient(Run):
    """Analyses go through the client; what it would never send goes as it stands."""

    client: Client = None  # type: ignore[assignment]
    wire: Wire = None  # type: ignore[assignment]

    def all_steps(self) -> None:
        for step in self.case.steps:
            request = self._request(step["send"])
            if (body := _analysis(step, request)) is None:
                self._compare_answer(step["expect"], self.http.send(request))
                continue
            self.wire.heard.clear()
            answer = self.client.analyze_request(body)
            (response,) = self.wire.heard
            self._compare_answer(step["expect"], response)
            assert told(response) == answer_in_short(answer)


def _analysis(step: dict[str, Any], request: httpx.Request) -> dict[str, Any] | None:
    """The body of an analysis that a client of ours can send, else None."""
    send = step["send"]
    is_plain = "headers" not in send and "bodyText" not in send
    # The client stops after a 404, or asks again without the session: a test of its own.
    if not is_plain or not send["path"].endswith("/analyze") or step["expect"]["status"] == 404:
        return None
    body = json.loads(request.content) if request.content else None
    has_lines = isinstance(body, dict) and (body.get("cart") or {"lines": []}).get("lines")
    return body if has_lines else None


def told(response: httpx.Response) -> tuple[Any, ...]:
    """What a shop has to know, read from the answer by hand."""
    if response.status_code != 200:
        return (f"http_{response.status_code}",)
    body = response.json()
    if not body["eligible"]:
        return body["reason"], body["sessionId"]
    charge = body["chargeInstructions"]
    product = charge.get("product", {}).get("id")
    return body["sessionId"], body["mode"], charge["amount"], charge["currencyCode"], product


def answer_in_short(answer: Answer) -> tuple[Any, ...]:
    match answer:
        case Hidden(reason, True, session):
            return reason, session
        case Hidden(reason):
            return (reason,)
        case Offer(session, mode, charge):
            product = charge.product.id if charge.product else None
            return session, list(mode), charge.amount.amount, charge.amount.currency, product


@pytest.mark.parametrize("case", CASES, ids=str)
def test_contract_case(case: Case, running_server: RunningServer, wire: Wire) -> None:
    shop = Shop(running_server)
    if case.configuration is not None:
        shop.publish(case.configuration)
    with Client(running_server.url, shop.key, budget_ms=30_000, http=wire.http) as client:
        run = RunByClient(case, running_server.shared_client, shop.key, client=client, wire=wire)

        run.all_steps()


def test_the_cases_of_analyses_are_all_there() -> None:
    assert 16 <= len({case.file for case in CASES if case.file.startswith("analyze/reasons/")})
