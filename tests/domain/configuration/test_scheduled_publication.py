"""When something may be published, and in whose name it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderguard.domain.configuration.scheduled_publication import (
    AHEAD_AT_MOST,
    ScheduledPublication,
    ScheduledPublicationId,
    ScheduledStatus,
    check_due_at,
    on_schedule_of,
    parse_due_at,
)
from orderguard.domain.errors import Malformed
from orderguard.domain.ids import ConfigurationVersion, MerchantId
from orderguard.domain.people.audit import ACTOR_LIMIT, Actor

AT = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27T08:00Z", datetime(2026, 11, 27, 8, tzinfo=UTC)),
        ("2026-11-27T08:00", datetime(2026, 11, 27, 8, tzinfo=UTC)),
        (" 2026-11-27T08:00:30+01:00 ", datetime(2026, 11, 27, 7, 0, 30, tzinfo=UTC)),
        ("2026-11-27", datetime(2026, 11, 27, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_utc_unless_it_says_otherwise(text: str, expected: datetime) -> None:
    assert expected == parse_due_at(text, at=AT)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-11-31T00:00", "0001-01-01T00:00+23:59", "9999-12-31T23:00-23:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="is not a time"):
        parse_due_at(text, at=AT)


def test_a_time_that_has_passed_is_refused_and_so_is_now() -> None:
    for passed in (AT, AT - timedelta(seconds=1)):
        with pytest.raises(Malformed, match="has passed; it is 2026-11-25 04:00 UTC now"):
            check_due_at(passed, at=AT)


def test_a_year_ahead_is_as_far_as_it_goes() -> None:
    check_due_at(AT + AHEAD_AT_MOST, at=AT)

    with pytest.raises(Malformed, match="too far ahead"):
        check_due_at(AT + AHEAD_AT_MOST + timedelta(seconds=1), at=AT)


def test_what_happens_at_its_time_names_who_set_it() -> None:
    assert "schedule:ida@shop.example" == on_schedule_of(Actor("ida@shop.example"))
    assert ACTOR_LIMIT == len(on_schedule_of(Actor("x" * ACTOR_LIMIT)))


@pytest.mark.parametrize("status", ScheduledStatus)
def test_only_what_waits_can_be_changed(status: ScheduledStatus) -> None:
    publication = ScheduledPublication(
        merchant=MerchantId("mer_1"),
        id=ScheduledPublicationId("pub_1"),
        name="Sale",
        source="",
        based_on=ConfigurationVersion(1),
        draft=None,
        due_at=AT,
        status=status,
        scheduled_at=AT,
        scheduled_by=Actor("ida"),
    )

    assert (status is ScheduledStatus.WAITING) == publication.is_waiting
