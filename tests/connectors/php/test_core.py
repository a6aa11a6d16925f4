"""The PHP core that connectors share: money, terms, answers and the push queue's decisions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tools import generate_php_currencies

from tests.recipes.conversation import Conversation, conversation_with
from tests.support.programs import find_program

HERE = Path(__file__).parent
STORIES = HERE.parents[2] / "contract/offer_state/stories.json"
SESSION = "lop_a1b2c3d4e5f6g7h8i9j0"
BOTH = ["returnCoverage", "shippingProtection"]


@pytest.fixture(scope="module")
def core() -> Iterator[Conversation]:
    if not find_program("php"):
        if os.environ.get("CI") == "true":
            pytest.fail("PHP is missing. Install it: apt-get install php-cli")
        pytest.skip("THE PHP CORE WAS NOT TRIED: PHP is missing (php-cli)")
    with conversation_with(["php", HERE / "core.php"], {}) as core:
        yield core


def test_the_table_of_currencies_is_generated_from_ours() -> None:
    assert generate_php_currencies.source() == generate_php_currencies.TARGET.read_text()


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("4.98", "USD", 498),
        (4.98, "USD", 498),
        (19.99, "USD", 1999),
        (1.005, "USD", 101),
        ("500", "JPY", 500),
        (1.255, "KWD", 1255),
        ("0.0045", "USD", 0),
        (-3, "USD", -300),
        (9999999999.99, "USD", 999999999999),
    ],
)
def test_decimals_become_minor_units(
    core: Conversation, amount: object, currency: str, minor: int
) -> None:
    assert minor == core("minor", [amount, currency])


@pytest.mark.parametrize(
    ("minor", "currency", "major"),
    [
        (498, "USD", "4.98"),
        (5, "USD", "0.05"),
        (500, "JPY", "500"),
        (1255, "KWD", "1.255"),
        (-5, "USD", "-0.05"),
    ],
)
def test_minor_units_become_decimals(
    core: Conversation, minor: int, currency: str, major: str
) -> None:
    assert major == core("major", [minor, currency])


@pytest.mark.parametrize("quantity", [1, 2, 3, 7, 9, 11, 1000, 9999])
@pytest.mark.parametrize("total", ["10.00", "0.01", "45.00", "135.55", "99999.99"])
def test_a_rate_times_the_quantity_is_the_total(
    core: Conversation, total: str, quantity: int
) -> None:
    rate = core("rate", [total, quantity, "USD"])

    assert round(Fraction(str(rate)) * quantity * 100) == round(Fraction(total) * 100)
    assert len(str(rate).partition(".")[2]) <= 8


def agreements() -> list[Any]:
    """Stories in which the shopper says yes once and the offer is made again."""
    stories: list[dict[str, Any]] = json.loads(STORIES.read_text())["stories"]
    return [
        pytest.param(story, id=story["fact"])
        for story in stories
        if "on" in story["steps"]
        and all(step in ("cart", "on") or step.startswith("offer ") for step in story["steps"])
        and "acceptedByDefault" not in story
        and "kept" not in story
        # Terms know nothing of an offer that is being waited for, or was interrupted.
        and "cart, on" not in ", ".join(story["steps"])
        and "interrupted" not in story["expect"]
    ]


@pytest.mark.parametrize("story", agreements())
def test_a_yes_lives_as_in_every_other_client(core: Conversation, story: dict[str, Any]) -> None:
    agreed: list[Any] | None = None
    offer: list[Any] | None = None
    reason: str | None = None
    for step in story["steps"]:
        if step == "on":
            # The next yes after one that ended is to the new terms.
            agreed, reason = agreed if agreed and reason is None else offer, None
        elif step.startswith("offer "):
            offer = terms_from(step)
            if agreed:
                reason = core("why not", [agreed, offer, story.get("riseToleratedBps", 1000)])
                agreed = None if reason else agreed
    amount = offer[1] if offer else 0
    seen = (
        f"reconfirm {reason} {amount}" if reason else f"shown {'on' if agreed else 'off'} {amount}"
    )

    assert story["expect"] == seen


def terms_from(step: str) -> list[Any]:
    _, amount, *words = step.split()
    currency = next((word for word in words if word.isupper()), "USD")
    modes = [word for word in words if not word.isupper()] or BOTH
    return [SESSION, int(amount), currency, modes]


GOOD: dict[str, Any] = {
    "sessionId": SESSION,
    "eligible": True,
    "reason": "eligible",
    "mode": BOTH,
    "chargeInstructions": {"amount": 498, "currencyCode": "USD", "method": "fee"},
}


def test_an_answer_is_read(core: Conversation) -> None:
    answer = core("answer", GOOD)

    assert 498 == answer["offer"]["amount"]
    assert BOTH == answer["offer"]["modes"]


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        [],
        "text",
        {},
        GOOD | {"sessionId": "lop_short"},
        GOOD | {"sessionId": SESSION + "\n"},
        GOOD | {"mode": []},
        GOOD | {"mode": "returnCoverage"},
        GOOD | {"mode": [1]},
        GOOD | {"chargeInstructions": None},
        GOOD | {"chargeInstructions": {"amount": "498", "currencyCode": "USD"}},
        GOOD | {"chargeInstructions": {"amount": 4.98, "currencyCode": "USD"}},
        GOOD | {"chargeInstructions": {"amount": 0, "currencyCode": "USD"}},
        GOOD | {"chargeInstructions": {"amount": -1, "currencyCode": "USD"}},
    ],
)
def test_nonsense_is_no_answer(core: Conversation, nonsense: object) -> None:
    assert core("answer", nonsense) is None


def test_an_ineligible_answer_has_no_offer(core: Conversation) -> None:
    answer = core(
        "answer", {"sessionId": SESSION, "eligible": False, "reason": "cart_total_too_low"}
    )

    assert (None, "cart_total_too_low") == (answer["offer"], answer["reason"])


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (201, {"order": {}}, "Taken"),
        (200, None, "Later"),  # a proxy's page
        (422, {}, "Refused"),
        (413, None, "Refused"),
        (401, {}, "Later"),  # the key can be mended, and then the order is taken
        (404, {}, "Later"),
        (429, {}, "Later"),
        (503, {}, "Later"),
        (0, None, "Later"),
    ],
)
def test_what_an_answer_means_for_the_queue(
    core: Conversation, status: int, body: object, outcome: str
) -> None:
    assert outcome == core("outcome", [status, body])


def test_pauses_grow_to_a_day(core: Conversation) -> None:
    assert [300, 600, 1200, 86_400] == [core("pause", attempt) for attempt in (1, 2, 3, 20)]


def test_the_breaker_rests_longer_each_time(core: Conversation) -> None:
    rests = [core("rest", [failures, 0])["until"] for failures in (0, 1, 2, 50)]

    assert [10, 20, 40, 300] == rests


@pytest.mark.parametrize(
    ("state", "was_reported", "status"),
    [
        ("Paid", False, "active"),
        ("Paid", True, "active"),
        ("Unpaid", False, None),
        ("Unpaid", True, "pending"),
        ("Ended", False, None),
        ("Ended", True, "cancelled"),
    ],
)
def test_what_a_state_says_to_orderguard(
    core: Conversation, state: str, was_reported: bool, status: str | None
) -> None:
    assert status == core("state", [state, was_reported])


def test_regions_are_iso_codes_or_left_out(core: Conversation) -> None:
    assert {"country": "TR", "subdivision": "01"} == core("region", ["TR", "TR01"])
    assert {"country": "US", "subdivision": "OH"} == core("region", ["US", "OH"])
    assert {"country": "GB"} == core("region", ["GB", "Greater London"])


def test_the_reason_of_a_refusal_is_one_sentence(core: Conversation) -> None:
    body = {"message": "total_price cannot be read", "errors": {"total_price": ["cannot be read"]}}

    unknown = {"errors": {"code": "ORDER_NOT_FOUND", "message": "There is no such order."}}

    assert "422 total_price cannot be read" == core("sentence", [422, body])
    assert "422 cannot be read" == core("sentence", [422, {"errors": body["errors"]}])
    assert "404 There is no such order." == core("sentence", [404, unknown])
    assert "401 Unauthorized." == core("sentence", [401, {"error": {"message": "Unauthorized."}}])
    assert "500" == core("sentence", [500, "nonsense"])
