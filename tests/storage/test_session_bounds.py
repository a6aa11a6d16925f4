"""What one session keeps is bounded, and what an order reads of it, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from orderguard.domain.ids import SessionId
from orderguard.domain.orders.fee_verdict import LeftOutLine
from orderguard.domain.people.merchant import Merchant
from orderguard.running.wiring import now
from orderguard.storage.database import SqlDatabase
from orderguard.storage.kept_analyses import ANALYSES_KEPT, QUOTES_KEPT
from orderguard.storage.tables import (
    analyses,
    offer_sessions,
    session_carts,
    session_quotes,
)
from tests.support.builders import a_cart, a_line
from tests.support.databases import new_database_url
from tests.support.recording import (
    MERCHANT,
    an_analysis,
    count,
    evidence_of,
    execute,
    record,
    record_at_once,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database_url(tmp_path)


def _amounts(url: str, session: SessionId) -> list[int]:
    return [quote.amount.amount for quote in evidence_of(url, session).quotes]


def test_equal_quotes_are_kept_once_with_the_latest_analysis_that_gave_them(url: str) -> None:
    prices = (2_98, 3_98, 2_98, 4_98, 3_98)

    session = record(url, *[an_analysis(price=price, cart_id="c") for price in prices])[0].session

    evidence = evidence_of(url, session)
    assert [(3, 2_98), (4, 4_98), (5, 3_98)] == [
        (quote.ordinal, quote.amount.amount) for quote in evidence.quotes
    ]
    assert 5 == evidence.analysis_count
    assert 3 == count(url, session_quotes)


def test_quotes_do_not_come_from_the_analyses(url: str) -> None:
    prices = (2_98, 3_98, 4_98)
    session = record(url, *[an_analysis(price=price, cart_id="c") for price in prices])[0].session

    # An order is pushed for a session of which only the last analysis is left.
    execute(url, delete(analyses).where(analyses.c.ordinal < 3))

    assert [2_98, 3_98, 4_98] == _amounts(url, session)


def test_the_lines_that_an_offer_left_out_are_kept_with_its_quote(url: str) -> None:
    cart = a_cart(
        a_line(id="1"),
        a_line(id="2", product_id="p-2", variant_id="v-2", sku="S-2", tags=("final-sale",)),
        a_line(id="3", product_id="p-3", sku="COVER"),
    )

    session = record(url, an_analysis(cart))[0].session

    (quote,) = evidence_of(url, session).quotes
    assert {
        LeftOutLine("2", "p-2", "v-2", "S-2"),
        LeftOutLine("3", "p-3", None, "COVER"),
    } == set(quote.left_out)


def test_two_quotes_at_one_price_that_left_out_different_lines_are_two(url: str) -> None:
    whole = a_cart(a_line(id="1"), a_line(id="2"))
    partly = a_cart(a_line(id="1"), a_line(id="2", tags=("final-sale",)))

    session = record(url, an_analysis(whole, cart_id="c"), an_analysis(partly, cart_id="c"))[
        0
    ].session

    assert [0, 1] == [len(quote.left_out) for quote in evidence_of(url, session).quotes]


def test_a_session_that_began_before_quotes_were_kept_is_read_from_its_analyses(url: str) -> None:
    prices = (2_98, 3_98)
    session = record(url, *[an_analysis(price=price, cart_id="c") for price in prices])[0].session
    execute(url, delete(session_quotes))
    execute(url, update(offer_sessions).values(has_quotes=None))

    # And it goes on after the upgrade.
    record(url, an_analysis(price=4_98, cart_id="c"))

    assert [2_98, 3_98, 4_98] == _amounts(url, session)
    assert 1 == count(url, session_quotes)


def test_an_analysis_by_an_older_release_is_not_overlooked(url: str) -> None:
    session = record(url, an_analysis(price=2_98, cart_id="c"))[0].session
    record(url, an_analysis(price=3_98, cart_id="c"))

    # The previous release, serving beside this one, writes no quotes.
    execute(url, delete(session_quotes).where(session_quotes.c.ordinal == 2))

    assert [2_98, 3_98] == _amounts(url, session)


def test_only_the_latest_distinct_quotes_of_a_session_are_kept(url: str) -> None:
    prices = range(1_00, 1_00 + 4 * QUOTES_KEPT)

    session = record(url, *[an_analysis(price=price, cart_id="c") for price in prices])[0].session

    assert list(prices)[-QUOTES_KEPT:] == _amounts(url, session)
    assert count(url, session_quotes) <= 2 * QUOTES_KEPT


def test_a_cart_is_stored_once_per_session_and_content(url: str) -> None:
    lamp, rug = a_cart(), a_cart(a_line(title="Rug"))

    session = record(url, *[an_analysis(cart, cart_id="c") for cart in (lamp, rug) * 5])[0].session
    record(url, an_analysis(lamp, cart_id="another"))

    assert 2 == count(url, session_carts, session_carts.c.session_id == session)
    assert 3 == count(url, session_carts)
    assert [lamp, rug] * 5 == _carts(url, session)


def _carts(url: str, session: SessionId) -> list[object]:
    database = SqlDatabase(url)
    with database.begin() as work:
        work.merchants.add(Merchant(MERCHANT, "shop", now()))
        found = work.offer_sessions.find(session)
        assert found is not None
        carts = [each.cart for each in work.offer_sessions.analyses(found)]
        one_by_one = [
            work.session_search.analysis(MERCHANT, session, ordinal + 1)
            for ordinal in range(len(carts))
        ]
    database.dispose()
    assert carts == [each.cart for each in one_by_one if each]
    return list(carts)


def _with_analyses(url: str, number: int, **changes: Any) -> SessionId:
    """A session as if it had been analysed so often."""
    session = record(url, an_analysis(**changes))[0].session
    of_it = (analyses.c.session_id == session, analyses.c.ordinal == 1)
    execute(url, update(analyses).where(*of_it).values(ordinal=number))
    execute(
        url,
        update(offer_sessions).where(offer_sessions.c.id == session).values(analysis_count=number),
    )
    return session


def test_a_cart_id_begins_a_new_session_when_its_session_is_full(url: str) -> None:
    full = _with_analyses(url, ANALYSES_KEPT - 1, cart_id="c")

    last, first, second = record(url, *[an_analysis(cart_id="c") for _ in range(3)])

    assert (full, ANALYSES_KEPT) == (last.session, last.ordinal)
    assert first.session != full
    assert [1, 2] == [first.ordinal, second.ordinal]
    assert first.session == second.session


def test_a_named_session_goes_on_past_its_limit_and_does_not_grow(url: str) -> None:
    full = _with_analyses(url, ANALYSES_KEPT)
    carts = [a_cart(a_line(title=f"Lamp {number}")) for number in range(5)]

    recorded = record(url, *[an_analysis(cart, price=7_77, session=full) for cart in carts])

    assert [ANALYSES_KEPT + number for number in range(1, 6)] == [each.ordinal for each in recorded]
    # The one that was there, and the latest, whose cart is known by its head only.
    assert 2 == count(url, analyses)
    assert 1 == count(url, session_carts)
    evidence = evidence_of(url, full)
    assert (ANALYSES_KEPT + 5, 7_77) == (
        evidence.quotes[-1].ordinal,
        evidence.quotes[-1].amount.amount,
    )
    assert not _latest_has_lines(url, full)


def _latest_has_lines(url: str, session: SessionId) -> bool:
    database = SqlDatabase(url)
    with database.read() as work:
        found = work.session_search.find(MERCHANT, session)
        assert found is not None
        latest = work.session_search.analysis(MERCHANT, session, found.analysis_count)
        (answer,) = work.session_search.latest_answers(MERCHANT, after=None, limit=1)
    database.dispose()
    assert latest is not None
    assert (answer.cart is not None) == latest.cart_has_lines
    assert latest.cart_has_lines or latest.cart.lines == ()
    return latest.cart_has_lines


def test_many_at_once_past_the_limit_leave_one_row(url: str) -> None:
    full = _with_analyses(url, ANALYSES_KEPT)

    record_at_once(url, *[an_analysis(session=full) for _ in range(40)])

    assert 2 == count(url, analyses)
    database = SqlDatabase(url)
    with database.read() as work:
        query = select(offer_sessions.c.analysis_count)
        assert ANALYSES_KEPT + 40 == work.connection.execute(query).scalar_one()
    database.dispose()
