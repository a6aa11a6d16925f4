"""How a request ended, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.integration.logged_request import (
    LoggedRequest,
    RequestOutcome,
    failure_in_words,
    outcome_of,
    place_at,
)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, RequestOutcome.ANSWERED),
        (304, RequestOutcome.ANSWERED),
        (401, RequestOutcome.REFUSED),
        (429, RequestOutcome.REFUSED),
        (503, RequestOutcome.FAILED),
        (0, RequestOutcome.FAILED),
    ],
)
def test_a_request_ended_as_its_status_says(status: int, outcome: RequestOutcome) -> None:
    assert outcome is outcome_of(status)


def test_a_caller_that_did_not_wait_has_no_answer_whatever_it_was() -> None:
    assert RequestOutcome.GAVE_UP is outcome_of(200, caller_gave_up=True)
    assert "given up after 2.0 s" == failure_in_words(200, RequestOutcome.GAVE_UP, 2_004_000)


def test_an_answer_that_breaks_off_is_our_failure() -> None:
    assert RequestOutcome.FAILED is outcome_of(0, caller_gave_up=True, breaks_off=True)
    assert "no answer" == failure_in_words(0, RequestOutcome.FAILED, 1)
    assert "503" == failure_in_words(503, RequestOutcome.FAILED, 1)
    assert "an answer that breaks off" == failure_in_words(200, RequestOutcome.FAILED, 1)


def test_a_microsecond_has_a_thousand_places() -> None:
    at = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)

    assert 1_000_000_000 == place_at(at)


def test_a_millisecond_that_has_begun_counts() -> None:
    request = LoggedRequest(
        place=1,
        merchant=MerchantId("mer_1"),
        at=datetime(2026, 12, 1, tzinfo=UTC),
        request_id="req_1",
        key=ApiKeyId("key_1"),
        method="POST",
        path="/v1/analyze",
        status=503,
        outcome=RequestOutcome.FAILED,
        microseconds=1_234_567,
    )

    assert 1_235 == request.milliseconds
