"""A month tells so many values apart, and the rest is counted together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from orderguard.domain.analytics.analytics import Dimension, Facts
from orderguard.domain.analytics.facts import facts_of_session
from orderguard.domain.analytics.values import (
    EXPECTED_AT_MOST,
    OTHER,
    VALUES_AT_MOST,
    SeparateValues,
)
from orderguard.domain.cart import Presentation
from tests.domain.analytics.test_analytics import BEGAN, CART, a_session

NOVEMBER = date(2026, 11, 1)
OCTOBER = date(2026, 10, 1)
FULL = {
    (NOVEMBER, Dimension.MOUNT_TARGET): {f"drawer-{n}": 1 for n in range(VALUES_AT_MOST)},
}


def facts_in(mount_target: str, *, at: datetime = BEGAN) -> Facts:
    cart = replace(CART, presentation=Presentation(mount_target=mount_target))
    return facts_of_session(a_session(cart=cart, created_at=at), None, arm="", at=at)


def mount_target(facts: Facts) -> str:
    return facts.values[list(Dimension).index(Dimension.MOUNT_TARGET) - 1]


def test_a_month_with_room_tells_a_new_value_apart() -> None:
    values = SeparateValues({})

    assert facts_in("drawer") == values.admit(facts_in("drawer"), None)


def test_a_value_that_came_too_late_counts_as_other() -> None:
    values = SeparateValues(FULL)

    assert OTHER == mount_target(values.admit(facts_in("popup"), None))
    assert "drawer-7" == mount_target(values.admit(facts_in("drawer-7"), None))


def test_values_of_one_round_take_up_room_too() -> None:
    values = SeparateValues({})

    found = [
        mount_target(values.admit(facts_in(f"drawer-{number}"), None))
        for number in range(VALUES_AT_MOST + 2)
    ]

    assert [*FULL[NOVEMBER, Dimension.MOUNT_TARGET], OTHER, OTHER] == found


def test_other_takes_up_no_room() -> None:
    key = (NOVEMBER, Dimension.MOUNT_TARGET)
    values = SeparateValues({key: {OTHER: 7} | dict(list(FULL[key].items())[1:])})

    assert "popup" == mount_target(values.admit(facts_in("popup"), None))


def test_the_next_month_begins_with_all_its_room() -> None:
    values = SeparateValues(FULL)

    later = facts_in("popup", at=BEGAN + timedelta(days=30))

    assert later == values.admit(later, None)


def test_what_was_other_stays_it_when_there_is_room_again() -> None:
    facts = facts_in("popup")
    then = SeparateValues(FULL).admit(facts, None)

    assert then == SeparateValues({}).admit(facts, then)
    assert then == SeparateValues({}).admit(then, then)


def test_what_was_told_apart_stays_so_when_there_is_no_room() -> None:
    facts = facts_in("popup")

    told = SeparateValues(FULL).admit(facts, facts)

    assert "popup" == mount_target(told)


def test_nobody_crowds_out_what_most_sessions_of_the_month_before_had() -> None:
    before = {"popup": 9, "rare": 1} | {f"usual-{n}": 5 for n in range(EXPECTED_AT_MOST)}
    values = SeparateValues(FULL | {(OCTOBER, Dimension.MOUNT_TARGET): before})

    assert "popup" == mount_target(values.admit(facts_in("popup"), None))
    assert OTHER == mount_target(values.admit(facts_in("rare"), None))


def test_what_is_bounded_by_its_meaning_is_always_told_apart() -> None:
    full = {(NOVEMBER, each): {str(n): 1 for n in range(VALUES_AT_MOST)} for each in Dimension}

    told = SeparateValues(full).admit(facts_in("popup"), None)

    by_dimension = dict(zip(list(Dimension)[1:], told.values, strict=True))
    assert OTHER == by_dimension[Dimension.PLATFORM]
    assert ("US", "USD", "50-100") == tuple(
        by_dimension[each] for each in (Dimension.COUNTRY, Dimension.CURRENCY, Dimension.CART_VALUE)
    )
