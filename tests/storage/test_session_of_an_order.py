"""A session is for one order: its cart id begins a new one then (contract §6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from orderguard.actions.ports.journal import DecidedForAnotherSession
from orderguard.domain.offers.analysis import RecordedAnalysis
from orderguard.storage.tables import offer_sessions
from tests.support.databases import new_database_url
from tests.support.recording import (
    an_analysis,
    count,
    execute,
    mark_has_order,
    record,
    record_at_once,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database_url(tmp_path)


def test_a_cart_id_whose_session_has_an_order_begins_a_new_one(url: str) -> None:
    ordered = record(url, an_analysis(cart_id="c"))[0].session
    mark_has_order(url, ordered, has_order=True)

    first, second = record(url, an_analysis(cart_id="c"), an_analysis(cart_id="c"))

    assert first.session != ordered
    assert first.session_created
    assert (first.session, 2) == (second.session, second.ordinal)
    assert 2 == count(url, offer_sessions)


def test_a_session_that_is_named_goes_on_whether_it_has_an_order_or_not(url: str) -> None:
    ordered = record(url, an_analysis(cart_id="c"))[0].session
    mark_has_order(url, ordered, has_order=True)

    (named,) = record(url, an_analysis(session=ordered, cart_id="c"))

    assert (ordered, 2) == (named.session, named.ordinal)


def test_an_order_that_lets_go_leaves_the_session_to_its_cart(url: str) -> None:
    session = record(url, an_analysis(cart_id="c"))[0].session
    mark_has_order(url, session, has_order=True)
    mark_has_order(url, session, has_order=False)

    (again,) = record(url, an_analysis(cart_id="c"))

    assert (session, 2) == (again.session, again.ordinal)


def test_a_session_of_before_that_an_order_refers_to_counts_as_taken(url: str) -> None:
    session = record(url, an_analysis(cart_id="c"))[0].session
    execute(url, update(offer_sessions).values(has_order=None, is_kept=True))

    (again,) = record(url, an_analysis(cart_id="c"))

    assert again.session != session


def test_first_calls_after_an_order_from_two_processes_yield_one_session(url: str) -> None:
    ordered = record(url, *[an_analysis(cart_id=f"c-{cart}") for cart in range(8)])
    for each in ordered:
        mark_has_order(url, each.session, has_order=True)

    outcomes = record_at_once(
        url, *[an_analysis(cart_id=f"c-{number // 2 % 8}") for number in range(160)]
    )

    recorded = [each for each in outcomes if isinstance(each, RecordedAnalysis)]
    assert 160 == len(recorded), [each for each in outcomes if isinstance(each, Exception)][:1]
    counts: dict[str, list[int]] = {}
    for each in recorded:
        counts.setdefault(each.session, []).append(each.ordinal)
    assert 8 == len(counts)
    assert not {each.session for each in ordered} & set(counts)
    assert [list(range(1, 21))] * 8 == [sorted(ordinals) for ordinals in counts.values()]
    assert 16 == count(url, offer_sessions)


def test_a_decision_for_the_session_of_an_order_is_to_be_made_for_a_new_one(url: str) -> None:
    ordered = record(url, an_analysis(cart_id="c"))[0].session
    mark_has_order(url, ordered, has_order=True)

    (lost,) = record_at_once(
        url, an_analysis(cart_id="c", new_session=ordered, decided_for=ordered), journals=1
    )

    assert isinstance(lost, DecidedForAnotherSession)
    assert lost.actual is None
    assert 1 == count(url, offer_sessions)
