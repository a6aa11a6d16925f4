"""curl commands to paste into a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from orderguard.demo.cart_outcomes import CartOutcome
from orderguard.demo.stage import Stage

WIDTH = 66
"""Characters of a line of JSON; with its option it fits into 80 columns."""

REASON = "TEST-reason-cart_too_valuable"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A curl command with the purpose of its request."""

    about: str
    command: str


def curl_recipes(stage: Stage, outcomes: Sequence[CartOutcome]) -> list[Recipe]:
    """First requests for a newcomer to try, with existing carts and sessions."""
    recipes = []
    if shown := _shortest(outcome for outcome in outcomes if outcome.eligible):
        recipes += [
            Recipe(f"Analyse a cart: {shown.cart.about}", _analyze(stage, shown.cart.request)),
            Recipe(
                "Look at that session again, without an analysis",
                _curl(stage, f"/v1/session/{shown.session_id}"),
            ),
        ]
    if hidden := _shortest(outcome for outcome in outcomes if _is_worth_a_question(outcome)):
        recipes.append(
            Recipe(
                f"Ask why there is no offer: {hidden.cart.about}",
                _analyze(stage, hidden.cart.request | {"debug": True}),
            )
        )
    if shown:
        recipes.append(
            Recipe(
                "Ask the sandbox for a reason, by the sku of a line",
                _analyze(stage, _asking(REASON, shown.cart.request), stage.owner.sandbox_key),
            )
        )
    return recipes


def _asking(sku: str, request: dict[str, Any]) -> dict[str, Any]:
    cart = request["cart"]
    return request | {"cart": cart | {"lines": [cart["lines"][0] | {"sku": sku}]}}


def _is_worth_a_question(outcome: CartOutcome) -> bool:
    # An empty cart needs no explanation of its missing offer.
    return not outcome.eligible and bool(outcome.cart.request["cart"]["lines"])


def _shortest(outcomes: Iterable[CartOutcome]) -> CartOutcome | None:
    return min(outcomes, key=lambda outcome: len(str(outcome.cart.request)), default=None)


def _analyze(stage: Stage, request: dict[str, Any], key: str = "") -> str:
    body = shlex.quote(_filled(request))
    return f"{_curl(stage, '/v1/analyze', key)} \\\n  --data {body}"


def _curl(stage: Stage, path: str, key: str = "") -> str:
    # A JSON body is accepted under any content type, so curl's own will do.
    header = f"-H 'X-Authorization: {key or stage.owner.key}'"
    return f"curl -s {stage.url}{path} \\\n  {header}"


def _filled(request: dict[str, Any]) -> str:
    """The JSON in lines of up to `WIDTH` characters, broken only where JSON may be."""
    lines = [""]
    for part in json.dumps(request, ensure_ascii=False, indent=1).splitlines():
        joined = f"{lines[-1]} {part.strip()}".strip()
        if len(joined) > WIDTH and lines[-1]:
            lines.append(part.strip())
        else:
            lines[-1] = joined
    return "\n".join(lines)
