"""The test clock of a sandbox merchant moves forward only, and not without end (contract §12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ApiKeyId, MerchantId
from orderguard.domain.people.api_key import ApiKey, compose_key, is_well_formed_key
from orderguard.domain.people.merchant import Merchant
from orderguard.domain.people.sandbox import AHEAD_AT_MOST, Sandbox, parse_advance

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
FORTY_DAYS = timedelta(days=40)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("40d", FORTY_DAYS),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
    ],
)
def test_a_step_is_days_hours_or_minutes(text: str, step: timedelta) -> None:
    assert step == parse_advance(text)


@pytest.mark.parametrize(
    "text", ["", "-40d", "0d", "40", "40y", "4.5d", "40 d", "\u0661d", "999999999d"]
)
def test_a_clock_is_not_moved_back_or_by_nonsense(text: str) -> None:
    with pytest.raises(Malformed, match="only moves forward"):
        parse_advance(text)


def test_a_hundred_years_are_refused_in_one_step_or_in_many() -> None:
    with pytest.raises(Malformed, match="3650 days are the limit"):
        Sandbox().advanced(parse_advance("36525d"))
    with pytest.raises(Malformed, match="3650 days are the limit"):
        Sandbox(AHEAD_AT_MOST).advanced(timedelta(minutes=1))


def test_the_time_of_a_sandbox_is_ahead_and_that_of_a_live_merchant_is_real() -> None:
    sandbox = Sandbox().advanced(FORTY_DAYS)
    test, live = (
        Merchant(MerchantId("mer_1"), "acme", NOON, each).time(NOON) for each in (sandbox, None)
    )
    test_key, live_key = (
        ApiKey(
            id=ApiKeyId("key_1"),
            merchant=MerchantId("mer_1"),
            scopes=frozenset(),
            created_at=NOON,
            sandbox=each,
        ).time(NOON)
        for each in (sandbox, None)
    )

    assert (NOON + FORTY_DAYS, NOON) == (test, live) == (test_key, live_key)


def test_a_test_key_says_so_and_has_its_own_checksum() -> None:
    random_part = "a" * 32
    key = compose_key(random_part, is_test=True)

    assert key.startswith("og_test_")
    assert is_well_formed_key(key)
    assert not is_well_formed_key(key.replace("og_test_", "og_"))
    assert not is_well_formed_key(compose_key(random_part).replace("og_", "og_test_"))
