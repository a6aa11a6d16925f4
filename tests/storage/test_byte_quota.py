"""What is stored of a merchant's analyses on one day is bounded; answers are not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from orderguard.actions.examine_merchant import Examined, check_storage
from orderguard.domain.cart import Cart
from orderguard.domain.ids import MerchantId
from orderguard.rules.cel import CelCompiler
from orderguard.running.wiring import now
from orderguard.storage.byte_quota import ByteQuota
from orderguard.storage.database import SqlDatabase
from orderguard.storage.tables import analyses, session_carts, stored_bytes
from tests.support.builders import a_cart, a_line
from tests.support.databases import new_database_url
from tests.support.recording import MERCHANT, an_analysis, count, evidence_of, record

LIMIT = 100_000


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_database_url(tmp_path)


def _big(number: int) -> Cart:
    return a_cart(*[a_line(id=f"{number}-{line}", title="x" * 400) for line in range(20)])


def test_past_the_quota_carts_are_answered_and_only_their_heads_are_kept(url: str) -> None:
    with capture_logs() as events:
        recorded = record(
            url, *[an_analysis(_big(number)) for number in range(40)], bytes_per_day=LIMIT
        )

    assert [1] * 40 == [each.ordinal for each in recorded]
    assert 40 == count(url, analyses)
    kept = count(url, session_carts)
    assert 0 < kept < 12
    # The sessions go on, and orders find their quotes.
    assert 2_98 == evidence_of(url, recorded[-1].session).quotes[-1].amount.amount
    reached = [each for each in events if each["event"] == "storage.quota_reached"]
    assert [MERCHANT] == [each["merchant"] for each in reached]
    assert _bytes_of_carts(url) <= LIMIT


def _bytes_of_carts(url: str) -> int:
    database = SqlDatabase(url)
    with database.read() as work:
        size = func.sum(func.length(session_carts.c.cart))
        found = work.connection.execute(select(size)).scalar_one()
    database.dispose()
    return int(found)


def test_a_process_that_starts_goes_on_counting_where_others_are(url: str) -> None:
    record(url, *[an_analysis(_big(number)) for number in range(40)], bytes_per_day=LIMIT)
    before = count(url, session_carts)

    with capture_logs() as events:
        record(url, an_analysis(_big(41)), bytes_per_day=LIMIT)

    assert before == count(url, session_carts)
    assert [] == [each for each in events if each["event"] == "storage.quota_reached"]


def test_another_merchant_and_another_day_have_their_own_quota(url: str) -> None:
    record(url, *[an_analysis(_big(number)) for number in range(40)], bytes_per_day=LIMIT)
    before = count(url, session_carts)

    record(
        url,
        an_analysis(_big(1), merchant=MerchantId("mer_2")),
        an_analysis(_big(2), at=now() + timedelta(days=1)),
        bytes_per_day=LIMIT,
    )

    assert before + 2 == count(url, session_carts)


def test_past_the_quota_a_quote_remembers_only_some_of_the_lines_it_left_out(url: str) -> None:
    excluded = [a_line(id=f"{n:0>100}", tags=("final-sale",)) for n in range(300)]
    carts = [a_cart(a_line(), *excluded, subtotal_amount=number) for number in range(8)]

    recorded = record(url, *[an_analysis(cart) for cart in carts], bytes_per_day=3 * LIMIT)

    remembered = [len(evidence_of(url, each.session).quotes[-1].left_out) for each in recorded]
    assert 300 == remembered[0]
    assert 0 < remembered[-1] < 30


def test_without_a_limit_nothing_is_counted(url: str) -> None:
    record(url, an_analysis(_big(1)))

    assert 0 == count(url, stored_bytes)
    assert ByteQuota(0).take(MERCHANT, now(), 10**12)


def test_the_doctor_tells_of_a_quota_that_was_reached(url: str) -> None:
    record(url, *[an_analysis(_big(number)) for number in range(40)], bytes_per_day=LIMIT)

    def findings(limit: int) -> list[str]:
        examined = Examined(MERCHANT, now(), now(), CelCompiler(), limit)
        with database.read() as work:
            return [each.advice for each in check_storage(work, examined)]

    database = SqlDatabase(url)
    assert ["Look for a key that others use"] == [each[:30] for each in findings(LIMIT)]
    assert [] == findings(LIMIT * 10)
    assert [] == findings(0)
    database.dispose()
