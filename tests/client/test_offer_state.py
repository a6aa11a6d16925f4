"""The stories of `contract/offer_state`, which the widget lives through as well."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from orderguard.client import CoverageMode, Hidden, Offer, keep_offer, restore_offer
from orderguard.client.offer import Answer
from orderguard.client.offer_state import (
    STRICT_RULES,
    Agreed,
    Answered,
    CartChanged,
    CartReplaced,
    Clicked,
    Event,
    Loading,
    OfferRules,
    OfferState,
    Reconfirm,
    Shown,
    accepted_offer,
    initial_state,
    next_state,
)
from tests.client.examples import BOTH, an_offer

FILE = Path(__file__).parents[2] / "contract/offer_state/stories.json"
STORIES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["stories"]


def event_from(step: str, request: int) -> Event:
    """One step of a story, as the README beside the stories spells it."""
    match step.split():
        case ["late", *words]:
            return event_from(" ".join(words), request - 1)
        case ["cart"]:
            return CartChanged()
        case ["other", "cart"]:
            return CartReplaced()
        case ["on" | "off" as click]:
            return Clicked(accepted=click == "on")
        case _:
            return Answered(request, answer_from(step))


def answer_from(step: str) -> Answer:
    match step.split():
        case ["offer", amount, *words]:
            mode = tuple(CoverageMode(word) for word in words if word in list(CoverageMode))
            (currency,) = [word for word in words if re.fullmatch("[A-Z]{3}", word)] or ["USD"]
            return an_offer(int(amount), mode or BOTH, currency)
        case ["ineligible", reason]:
            return Hidden(reason, decided=True)
        case ["failure", reason]:
            return Hidden(reason)
    raise AssertionError(f"{step!r} is no step")


def summary(state: OfferState) -> str:
    match state.view:
        case Loading():
            return "loading"
        case Hidden(reason):
            return f"hidden {reason}"
        case Shown(offer, accepted):
            return f"shown {'on' if accepted else 'off'} {offer.charge.amount.amount}"
        case Reconfirm(offer, because):
            return f"reconfirm {because} {offer.charge.amount.amount}"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["fact"])
def test_story(story: dict[str, Any]) -> None:
    assert story.keys() <= {
        "fact", "steps", "expect", "kept", "acceptedByDefault", "riseToleratedBps"
    }  # fmt: skip
    rules = OfferRules(
        story.get("acceptedByDefault", False),
        story.get("riseToleratedBps", STRICT_RULES.rise_tolerated_bps),
    )
    kept = answer_from(story["kept"]) if "kept" in story else None
    state = initial_state(kept if isinstance(kept, Offer) else None)

    for step in story["steps"]:
        state = next_state(state, event_from(step, state.request), rules)

    assert story["expect"] == summary(state)
    charged = accepted_offer(state)
    shown_on = story["expect"].startswith("shown on")
    assert (f"shown on {charged.charge.amount.amount}" if charged else None) == (
        story["expect"] if shown_on else None
    )


def test_whatever_happens_only_the_current_answer_of_an_accepted_offer_can_be_charged() -> None:
    steps = [
        "cart", "offer 498", "offer 900", "offer 298 returnCoverage", "ineligible empty_cart",
        "failure timeout", "on", "off", "late offer 1",
    ]  # fmt: skip
    for story in product(steps, repeat=4):
        state = initial_state()
        for step in ("cart", *story):
            state = next_state(state, event_from(step, state.request))
            if charged := accepted_offer(state):
                assert Shown(charged, accepted=True) == state.view
                assert isinstance(state.choice, Agreed)
                assert not state.choice.lapsed


def test_an_event_that_changes_nothing_gives_back_the_very_same_state() -> None:
    state = next_state(next_state(initial_state(), CartChanged()), Answered(1, an_offer()))

    assert state is next_state(state, Clicked(accepted=False))


def test_a_kept_offer_is_restored_as_it_was() -> None:
    assert an_offer() == restore_offer(json.loads(json.dumps(keep_offer(an_offer()))))


@pytest.mark.parametrize(
    "nonsense", [None, "yes", {}, [], {**keep_offer(an_offer()), "mode": ["moonCoverage"]}]
)
def test_nonsense_restores_nothing(nonsense: object) -> None:
    assert restore_offer(nonsense) is None
